"""A complaint about a dossier, and its answer."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import new_id
from tinhso.core.numbering.models import Number
from tinhso.systems.dossiers.models import Dossier


class Kind(models.TextChoices):
    """Which law it goes by."""

    COMPLAINT = "complaint", _("Complaint: a decision or act was against the law and harms me")
    REFLECTION = "reflection", _("Reflection: something went badly and should be better")


class About(models.TextChoices):
    """Whose doing it is about."""

    DECISION = "decision", _("The decision, or how long it took")
    COUNTER = "counter", _("The counter where I handed it in")


class State(models.TextChoices):
    FILED = "filed", _("Received by the agency")
    TAKEN_ON = "taken_on", _("Being looked into")
    SIGNED = "signed", _("Answered, being sealed")
    ANSWERED = "answered", _("Has been answered")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN = (State.FILED, State.TAKEN_ON, State.SIGNED)


class Outcome(models.TextChoices):
    """What the answer says of it."""

    RIGHT = "right", _("It is right")
    PARTLY = "partly", _("It is partly right")
    WRONG = "wrong", _("It is not right")
    NOT_TAKEN_ON = "not_taken_on", _("It cannot be taken on")


class Complaint(models.Model):
    """What somebody says went wrong. The first goes to the agency it is about, or the nearest above, in which a leader
    had no hand in the dossier; a second one to the agency above the one that answered."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    level = models.PositiveSmallIntegerField(default=1, help_text="2: not content with the answer to the first")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    about = models.CharField(max_length=12, choices=About.choices)
    words = models.TextField()
    complained = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Whose doing it is about")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Which answers")
    involved = ArrayField(models.UUIDField(), default=list, help_text="Accounts that had the dossier in hand")
    number = models.OneToOneField(Number, models.PROTECT, related_name="+", help_text="Of the receipt")
    state = models.CharField(max_length=10, choices=State.choices, default=State.FILED)
    filed_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="By when it is taken on, then by when it is answered")
    taken_on_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    answer = models.TextField(blank=True)
    revision = models.PositiveSmallIntegerField(default=0)
    signer = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    draft = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    signed = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    issued = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    answer_number = models.OneToOneField(Number, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["dossier", "filed_at"], name="complaint_of_dossier"),
            models.Index(fields=["agency", "-filed_at", "-id"], name="complaint_of_agency"),
        ]
        constraints = [
            models.UniqueConstraint(name="complaint_one_open", fields=["dossier"], condition=Q(state__in=OPEN)),
            models.CheckConstraint(name="complaint_kind", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(name="complaint_state", condition=Q(state__in=State.values)),
        ]

    def __str__(self) -> str:
        return f"{self.number.value}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def notation(self) -> str:
        """Number and notation of the answer as printed; empty before it is signed."""
        return f"{self.answer_number.value}/TLKN" if self.answer_number else ""
