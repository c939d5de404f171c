from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class NumberTaken(Event, name="numbering.taken"):
    kind: str
    year: int
    value: int
    subject_kind: str
    subject: UUID


@dataclass(frozen=True)
class NumberVoided(Event, name="numbering.voided"):
    kind: str
    year: int
    value: int
    subject_kind: str
    subject: UUID
