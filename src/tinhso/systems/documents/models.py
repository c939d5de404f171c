"""Documents, whom they go to, and who works on them."""

from __future__ import annotations

import hmac
import os

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import new_id
from tinhso.core.numbering.models import Number


def _salt() -> bytes:
    return os.urandom(16)


class Direction(models.TextChoices):
    OUTGOING = "out", _("Outgoing")
    INCOMING = "in", _("Incoming")


class Urgency(models.IntegerChoices):
    """NĐ 30/2020, điều 8."""

    NORMAL = 0, _("Not urgent")
    URGENT = 1, _("Urgent")
    VERY_URGENT = 2, _("Very urgent")
    EXPRESS = 3, _("Express")


class State(models.TextChoices):
    """Of both directions; `OUTGOING` and `INCOMING` say which are whose."""

    DRAFT = "draft", _("Being drafted")
    CHECKED = "check", _("Being checked")
    SIGNING = "sign", _("Waits for the signature")
    SIGNED = "signed", _("Signed, waits for its number")
    NUMBERED = "numbered", _("Numbered, being sealed")
    ISSUED = "issued", _("Issued")
    DROPPED = "dropped", _("Given up")
    ARRIVED = "arrived", _("Arrived")
    REGISTERED = "registered", _("Registered, waits for direction")
    IN_WORK = "in_work", _("Being worked on")
    DONE = "done", _("Has been dealt with")
    REFUSED = "refused", _("Sent back")


BEING_MADE = (State.DRAFT, State.CHECKED, State.SIGNING)
OPEN_INCOMING = (State.ARRIVED, State.REGISTERED, State.IN_WORK)


class Source(models.TextChoices):
    """How an incoming document came."""

    HOUSE = "house", _("From an agency of this house")
    COUNTER = "counter", _("On paper, scanned")


class Document(models.Model):
    """What one agency holds of an official document. Never classified: that is refused wherever it could enter."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Which holds it")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    type = models.CharField(max_length=8, help_text="Of `types`: QĐ, TB, CV …")
    abstract = models.CharField(max_length=1000, help_text="Trích yếu")
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.NORMAL)
    number = models.OneToOneField(
        Number, models.PROTECT, null=True, related_name="+", help_text="Of its own book: when issued, or on arrival"
    )
    notation = models.CharField(max_length=60, help_text="Outgoing: after the number; incoming: number and notation")
    issued_on = models.DateField(null=True, help_text="The day it bears")
    issued = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+", help_text="The document itself")
    signer_name = models.CharField(max_length=200, blank=True)
    reply_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="replies")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="Issued or given up; dealt with or sent back")
    salt = models.BinaryField(default=_salt, help_text="Of the digests in the ledger")

    # of what goes out
    drafter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signer = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    sheet = models.JSONField(default=dict, help_text="What it says, see `sheet`; empty once it is a file only")
    revision = models.PositiveIntegerField(default=0, help_text="Of the sheet; the draft's PDF follows it")
    draft = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    signed = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)

    # of what comes in
    source = models.CharField(max_length=8, choices=Source.choices, blank=True)
    sender = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+", help_text="Where of this house")
    sender_name = models.CharField(max_length=250, blank=True)
    due_at = models.DateTimeField(null=True, help_text="By when it is to be dealt with, as directed")
    words = models.TextField(blank=True, help_text="Of who directs, or why it was sent back")

    class Meta:
        indexes = [
            models.Index(fields=["agency", "direction", "-created_at", "-id"], name="document_of_agency"),
            models.Index(fields=["agency", "due_at"], name="document_open", condition=Q(closed_at=None)),
            models.Index(fields=["reply_to"], name="document_replies", condition=Q(reply_to__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="document_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="document_direction", condition=Q(direction__in=Direction.values)),
            models.CheckConstraint(
                name="document_issued_whole",
                condition=~Q(state=State.ISSUED)
                | Q(number__isnull=False, issued__isnull=False, issued_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.printed or self.abstract

    @property
    def printed(self) -> str:
        """Number and notation as printed on it; empty before it has a number."""
        if self.direction == Direction.INCOMING:
            return self.notation
        return f"{self.number.value}/{self.notation}" if self.number else ""

    @property
    def is_incoming(self) -> bool:
        return self.direction == Direction.INCOMING

    def digest(self, content: bytes) -> str:
        """What the ledger keeps of bytes."""
        return hmac.digest(bytes(self.salt), content, "sha256").hex()


class Recipient(models.Model):
    """Whom an outgoing document goes to, and what has become of it there last."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="recipients")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    state = models.CharField(max_length=2, blank=True, help_text="Of `STATES`; empty before it is issued")
    at = models.DateTimeField(null=True)
    arrived = models.OneToOneField(
        Document, models.SET_NULL, null=True, related_name="sent_as", help_text="What the receiver holds"
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="recipient_once", fields=["document", "agency"])]


STATES = {
    "01": _("Arrived"),
    "02": _("Sent back"),
    "03": _("Registered"),
    "04": _("Waits to be assigned"),
    "05": _("Being worked on"),
    "06": _("Has been dealt with"),
}


class RecipientState(models.Model):
    """One state that a document had at a recipient, and since when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="states")
    state = models.CharField(max_length=2)
    at = models.DateTimeField()
    words = models.CharField(max_length=1000, blank=True)


class Part(models.TextChoices):
    """What somebody is to do with a document."""

    LEAD = "lead", _("Leads")
    SUPPORT = "support", _("Supports")
    INFORM = "inform", _("For information")


class Assignment(models.Model):
    """An order from a document to one agency or person. The lead's end is the document's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="assignments")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children", help_text="Handed down from")
    part = models.CharField(max_length=8, choices=Part.choices)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    words = models.TextField(blank=True)
    due_at = models.DateTimeField()
    given_at = models.DateTimeField()
    progress = models.TextField(blank=True, help_text="What its holder told last")
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "due_at"], name="assignment_open", condition=Q(done_at=None))]
        constraints = [
            models.UniqueConstraint(
                name="assignment_one_lead", fields=["document"], condition=Q(part=Part.LEAD, parent=None)
            ),
            models.CheckConstraint(name="assignment_part", condition=Q(part__in=Part.values)),
        ]
