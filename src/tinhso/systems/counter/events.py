"""What the counter tells the ledger. Drafts of scans leave no entry; what they become does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class PaperDigitised(Event, name="counter.digitised", version=1):
    """An official signed, as the one who converted it, the file of a paper of this dossier (TT 01/2023/TT-VPCP)."""

    component: UUID
    pages: int
    certificate: str
    digest: str


@dataclass(frozen=True)
class PaperAdded(Event, name="counter.paper_added", version=1):
    """A paper was digitised into a dossier that was handed in before."""

    component: UUID
    pages: int


@dataclass(frozen=True)
class HandedOver(Event, name="counter.handed_over", version=1):
    """A list of paper files was given on. `official` is None where anybody of the agency may receive it."""

    number: str
    to: UUID
    official: UUID | None
    files: int


@dataclass(frozen=True)
class FileSent(Event, name="counter.file_sent", version=1):
    """The paper file of this dossier is on its way by a list."""

    hand_over: UUID
    to: UUID


@dataclass(frozen=True)
class FileReceived(Event, name="counter.file_received", version=1):
    """Whoever acts holds the paper file from now on."""

    hand_over: UUID


@dataclass(frozen=True)
class FileTakenBack(Event, name="counter.file_taken_back", version=1):
    """It was on the list by mistake and never left."""

    hand_over: UUID


@dataclass(frozen=True)
class DayClosed(Event, name="counter.day_closed", version=1):
    """What a receptionist did that day. Money in đồng, as taken by the receipts."""

    day: date
    received: int
    returned: int
    receipts: int
    taken: int
    held: int


@dataclass(frozen=True)
class DayTakenOver(Event, name="counter.day_taken_over", version=1):
    """A colleague has counted the money and the papers."""

    day: date


@dataclass(frozen=True)
class ApplicantLookedUp(Event, name="counter.looked_up", version=1):
    """For the access log: an official looked for this person at the counter, by `card`, `number` or `name`."""

    way: str


@dataclass(frozen=True)
class Represented(Event, name="counter.represented", version=1):
    """Somebody handed the dossier in for its applicant: `parent`, `guardian`, `relative` or `authorised`."""

    relation: str
