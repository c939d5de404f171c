"""Agencies in a tree of any depth, and the staff who work in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..ledger.actions import new_id
from .codes import NEW_PATTERN, OLD_PATTERN


class Kind(models.TextChoices):
    """What an agency is. A unit is a part of another agency (a division, a one-stop shop).

    Party and Front bodies hang under roots of their own and share no view with the state's.
    """

    PROVINCE = "province", _("Province")
    DEPARTMENT = "department", _("Department")
    COMMUNE = "commune", _("Commune")
    UNIT = "unit", _("Unit")
    PARTY = "party", _("Party body")
    FRONT = "front", _("Fatherland Front or mass organisation")


class Role(models.TextChoices):
    """What a person may do in an agency; how far each role reaches is `queries.REACH`."""

    RECEPTIONIST = "receptionist", _("Receptionist")
    OFFICER = "officer", _("Officer")
    UNIT_HEAD = "unit_head", _("Unit head")
    LEADER = "leader", _("Leader")
    CLERK = "clerk", _("Clerk")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Capacity(models.TextChoices):
    """In whose name a person signs (NĐ 30/2020, article 13)."""

    OWN = "", _("In one's own name")
    TM = "TM", _("On behalf of the collective (TM.)")
    KT = "KT", _("For the head, as deputy (KT.)")
    TL = "TL", _("By order of the head (TL.)")
    TUQ = "TUQ", _("By authorisation of the head (TUQ.)")


class AgencySet(models.QuerySet["Agency"]):
    def open_at(self, at: datetime) -> AgencySet:
        """Agencies that exist at that moment."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)

    def of_the_state(self) -> AgencySet:
        """Those of the state's own trees, not of the Party's or the Front's."""
        roots = Agency.objects.filter(parent=None).exclude(kind__in=(Kind.PARTY, Kind.FRONT))
        return self.filter(path__0__in=roots.values("pk"))

    def below(self, agency: Agency) -> AgencySet:
        """`agency` and everything under it, at any depth."""
        return self.filter(path__contains=[agency.pk])


class Agency(models.Model):
    """A state agency or a part of one. It exists during [valid_from, valid_to)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=35, help_text="Dotted form, H15.50.05.13")
    old_code = models.CharField(max_length=13, blank=True, help_text="Reversed form, 000.01.02.H47; empty: none")
    name = models.CharField(max_length=250)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = ArrayField(models.UUIDField(), help_text="Ids from the root down to this agency itself")
    unit_code = models.CharField(
        max_length=5,
        blank=True,
        help_text="Administrative unit it governs, 66 or 24133",
    )
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors",
        help_text="Who goes on with the work of a merged agency today; the steps in between stand in the ledger",
    )  # fmt: skip
    constructed = models.BooleanField(default=False, help_text="The code was made up here, not assigned by the state")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = AgencySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        indexes = [GinIndex(fields=["path"], name="agency_path")]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(valid_to=None),
                name="agency_code_once_while_open",
            ),
            models.UniqueConstraint(
                fields=["old_code"],
                condition=Q(valid_to=None) & ~Q(old_code=""),
                name="agency_old_code_once",
            ),
            models.CheckConstraint(condition=Q(code__regex=NEW_PATTERN), name="agency_code_form"),
            models.CheckConstraint(
                condition=Q(old_code="") | Q(old_code__regex=OLD_PATTERN),
                name="agency_old_code_form",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="agency_kind"),
            models.CheckConstraint(
                condition=Q(parent=None, path__len=1) | (Q(path__len__gt=1) & ~Q(parent=F("id"))),
                name="agency_root_or_child",
            ),
            models.CheckConstraint(condition=Q(path__contains=[F("id")]), name="agency_in_own_path"),
            models.CheckConstraint(
                condition=Q(parent=None) | Q(path__contains=[F("parent")]),
                name="agency_parent_in_path",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="agency_validity",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | (Q(valid_to__isnull=False) & ~Q(successor=F("id"))),
                name="agency_succeeded_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for a root."""
        return len(self.path) - 1


class StaffSet(models.QuerySet["Staff"]):
    def open_at(self, at: datetime) -> StaffSet:
        """Staff in post at that moment, in agencies that exist at that moment."""
        return self.filter(
            Q(valid_to=None) | Q(valid_to__gt=at),
            Q(agency__valid_to=None) | Q(agency__valid_to__gt=at),
            valid_from__lte=at,
        )


class Staff(models.Model):
    """An account's place in an agency, during [valid_from, valid_to).

    A substitute's post says in whose stead it stands: it carries that post's work and signing for a
    stated period, and ends by itself.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="staff")
    roles = ArrayField(models.CharField(max_length=16, choices=Role.choices))
    title = models.CharField(max_length=120, blank=True, help_text="As printed under a signature: Chủ tịch")
    capacity = models.CharField(max_length=3, choices=Capacity.choices, blank=True, default="")
    stands_in_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="substitutes")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = StaffSet.as_manager()

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "agency"],
                condition=Q(valid_to=None),
                name="staff_once_per_agency",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values) & Q(roles__len__gt=0),
                name="staff_roles_known",
            ),
            models.CheckConstraint(condition=Q(capacity__in=Capacity.values), name="staff_capacity"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="staff_validity",
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for=None) | (Q(valid_to__isnull=False) & ~Q(stands_in_for=F("id"))),
                name="staff_substitute_for_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.title}"

    def has_role(self, *roles: str) -> bool:
        """Whether any of `roles` is among this person's roles here."""
        return not set(self.roles).isdisjoint(roles)

    @property
    def does_work_of(self) -> list[UUID]:
        """The accounts whose tasks this post may do: its own, and of the one it stands in for."""
        return [self.account_id, *([self.stands_in_for.account_id] if self.stands_in_for else [])]

    @property
    def role_labels(self) -> list[str]:
        """The roles in words."""
        return [str(Role(role).label) for role in self.roles]
