"""What satisfaction tells the ledger: codes of questions and marks. The subject is the answer, never the dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class Answered(Event, name="satisfaction.answered", version=1):
    """Marks as `question:mark`. What was there before is taken out of the figures; empty the first time."""

    month: date  # its first day: when the dossier ended
    way: str
    marks: tuple[str, ...]
    before_way: str
    before: tuple[str, ...]


@dataclass(frozen=True)
class WordsErased(Event, name="satisfaction.words_erased", version=1):
    """At the person's request; the marks stay, about nobody."""


@dataclass(frozen=True)
class AnswerTraced(Event, name="satisfaction.traced", version=1):
    """For the access log: an auditor saw to which dossier an answer belongs."""

    answer: UUID
