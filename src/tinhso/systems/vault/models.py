"""A paper of somebody's, the consent to use papers at a counter, and a link that shows one."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts.models import Business, Person
from tinhso.core.agencies.models import Agency
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import new_id
from tinhso.systems.dossiers.models import Component, Result


class Trust(models.TextChoices):
    """How far a paper is verified, most first."""

    ISSUED = "issued", _("Issued by an agency of this province")
    SIGNED = "signed", _("Signed by a state authority; the signature holds")
    DIGITISED = "digitised", _("Digitised from paper by an official")
    COMPARED = "compared", _("Compared with the original by an official")
    HANDED_IN = "handed_in", _("Handed in with a dossier, not verified")
    OWN = "own", _("Kept by you, not verified")


VERIFIED = (Trust.ISSUED, Trust.SIGNED, Trust.DIGITISED, Trust.COMPARED)


class Paper(models.Model):
    """One paper of a person or a business. The bytes are a dossier's result or component, or were added (`file`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    business = models.ForeignKey(Business, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=300, help_text="What kind of paper it is, in words")
    number = models.CharField(max_length=60, blank=True)
    agency_name = models.CharField(max_length=300, blank=True, help_text="Who issued it, where known")
    issued_on = models.DateField(null=True)
    valid_until = models.DateField(null=True, help_text="Last day it holds; none: no end is known")
    trust = models.CharField(max_length=10, choices=Trust.choices)
    result = models.OneToOneField(Result, models.CASCADE, null=True, related_name="+")
    component = models.OneToOneField(Component, models.CASCADE, null=True, related_name="+")
    file = models.OneToOneField(FileLink, models.PROTECT, null=True, related_name="+", help_text="Where it was added")
    same_as = models.ForeignKey(
        Result,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Added, yet issued here: cancelled there, cancelled",
    )
    vouched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        help_text="The official who digitised it or compared it with the original",
    )  # fmt: skip
    vouched_at = models.DateTimeField(null=True)
    asked = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Whose counter is to compare it with the original",
    )
    added_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-added_at", "-id"], name="vault_of_person", condition=Q(business=None)),
            models.Index(fields=["business", "-added_at", "-id"], name="vault_of_business", condition=Q(person=None)),
            models.Index(fields=["asked", "id"], name="vault_to_compare", condition=Q(asked__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="paper_of_one", condition=Q(person=None) ^ Q(business=None)),
            models.CheckConstraint(
                name="paper_from_one_place",
                condition=Q(result__isnull=False, component=None, file=None)
                | Q(result=None, component__isnull=False, file=None)
                | Q(result=None, component=None, file__isnull=False),
            ),
            models.CheckConstraint(name="paper_trust", condition=Q(trust__in=Trust.values)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def link(self) -> FileLink:
        """The bytes, where their first holder has them. A result's are the sealed ones with the newest time-stamp."""
        link = self.result.issued if self.result else self.component.file if self.component else self.file
        assert link is not None
        return link

    @property
    def dossier_id(self) -> UUID | None:
        """The dossier it came with; None for one that was added."""
        return self.result.dossier_id if self.result else self.component.dossier_id if self.component else None

    @property
    def verified(self) -> bool:
        return self.trust in VERIFIED

    @property
    def cancelled_at(self) -> datetime | None:
        """When its agency took it back: read where that is kept, so never later than there."""
        result = self.result or self.same_as
        return result.cancelled_at if result else None

    @property
    def replaced_at(self) -> datetime | None:
        """When a corrected result took its place."""
        result = self.result or self.same_as
        return result.replaced_at if result else None

    def ended(self, on: date) -> bool:
        """Whether it holds no longer on that day."""
        return bool(self.cancelled_at or self.replaced_at) or (self.valid_until is not None and self.valid_until < on)


class Consent(models.Model):
    """That who stands at a counter lets an official see and use their papers (or their business's) for one draft."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", help_text="Who agreed")
    business = models.ForeignKey(Business, models.PROTECT, null=True, related_name="+", help_text="For which they did")
    draft = models.UUIDField(help_text="The application; a draft is gone once submitted")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["draft"], name="vault_consent_for")]


class Share(models.Model):
    """A link to one paper. Of its secret only the digest is kept, so nobody can read links from the database."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="shares")
    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of 256 random bits")
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def open_at(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.until
