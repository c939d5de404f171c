"""What documents tell the ledger: types, numbers, states and times; abstracts, words and names are rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class DocumentDrafted(Event, name="documents.drafted", version=1):
    type: str
    revision: int
    digest: str  # salted, of the sheet


@dataclass(frozen=True)
class DocumentSubmitted(Event, name="documents.submitted", version=1):
    """To whoever checks it, or after that to its signer."""

    to: str  # check, sign
    signer: UUID  # the post


@dataclass(frozen=True)
class DocumentSentBack(Event, name="documents.sent_back", version=1):
    """Back to who drafts it; why is a remark."""

    at_step: str


@dataclass(frozen=True)
class DocumentDropped(Event, name="documents.dropped", version=1):
    """Its drafter gives it up."""


@dataclass(frozen=True)
class DocumentSigned(Event, name="documents.signed", version=1):
    certificate: str  # serial number, hexadecimal
    digest: str  # salted


@dataclass(frozen=True)
class DocumentNumbered(Event, name="documents.numbered", version=1):
    notation: str  # 15/QĐ-UBND


@dataclass(frozen=True)
class DocumentIssued(Event, name="documents.issued", version=1):
    type: str
    notation: str
    day: date
    recipients: int
    digest: str  # salted


@dataclass(frozen=True)
class DocumentArrived(Event, name="documents.arrived", version=1):
    type: str
    source: str
    sender: UUID | None  # the agency, where it is of this house
    digest: str  # salted, of the file


@dataclass(frozen=True)
class DocumentRegistered(Event, name="documents.registered", version=1):
    number: str  # on arrival; the sender's own is a row, for it may be any words


@dataclass(frozen=True)
class DocumentRefused(Event, name="documents.refused", version=1):
    """Sent back by the receiver's clerk; why is a remark."""


@dataclass(frozen=True)
class DocumentDirected(Event, name="documents.directed", version=1):
    lead: UUID  # the assignment
    due_at: datetime
    support: int
    inform: int


@dataclass(frozen=True)
class AssignmentHandedDown(Event, name="documents.handed_down", version=1):
    assignment: UUID
    under: UUID
    due_at: datetime


@dataclass(frozen=True)
class AssignmentReported(Event, name="documents.progress_told", version=1):
    assignment: UUID


@dataclass(frozen=True)
class AssignmentFinished(Event, name="documents.assignment_finished", version=1):
    assignment: UUID
    part: str
    on_time: bool


@dataclass(frozen=True)
class DocumentDealtWith(Event, name="documents.dealt_with", version=1):
    on_time: bool
    reply: UUID | None  # the outgoing document that answers it


@dataclass(frozen=True)
class RecipientTold(Event, name="documents.recipient_state", version=1):
    """What has become of a document at one that it went to; on the sender's row."""

    recipient: UUID  # agency
    state: str


@dataclass(frozen=True)
class DocumentSeen(Event, name="documents.seen", version=1):
    """For the access log: an official opened it."""


@dataclass(frozen=True)
class DocumentInherited(Event, name="documents.inherited", version=1):
    """The successor of a merged agency goes on with it."""

    predecessor: UUID
