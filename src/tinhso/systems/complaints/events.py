"""What complaints tell the ledger: codes, numbers and times; words are rows. The subject is the complaint, so that the
dossier's timeline, which those complained of read, says nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class ComplaintFiled(Event, name="complaints.filed", version=1):
    kind: str
    about: str
    level: int
    dossier: UUID
    complained: UUID
    number: str
    due_at: datetime  # by when it is taken on
    digest: str  # salted with the dossier's salt, of the words


@dataclass(frozen=True)
class ComplaintTakenOn(Event, name="complaints.taken_on", version=1):
    """A leader of the competent agency looks into it; `complex`: within the longer time the law gives then."""

    complex: bool
    due_at: datetime


@dataclass(frozen=True)
class AnswerWritten(Event, name="complaints.answer_written", version=1):
    """A leader states the outcome for their own signature; the words stay out of the ledger."""

    outcome: str


@dataclass(frozen=True)
class AnswerSigned(Event, name="complaints.answer_signed", version=1):
    number: str
    certificate: str  # serial number, hexadecimal
    digest: str  # salted


@dataclass(frozen=True)
class ComplaintAnswered(Event, name="complaints.answered", version=1):
    """The sealed answer is the complainer's."""

    outcome: str
    on_time: bool
    digest: str  # salted


@dataclass(frozen=True)
class ComplaintInherited(Event, name="complaints.inherited", version=1):
    """The successor of a merged agency answers it."""

    predecessor: UUID


@dataclass(frozen=True)
class ComplaintWithdrawn(Event, name="complaints.withdrawn", version=1):
    """By whoever filed it."""


@dataclass(frozen=True)
class ComplaintForgotten(Event, name="complaints.forgotten", version=1):
    """Words and letters are gone at the person's request."""


@dataclass(frozen=True)
class ComplaintSeen(Event, name="complaints.seen", version=1):
    """For the access log: somebody who may judge or audit it opened a complaint about this dossier."""

    number: str
