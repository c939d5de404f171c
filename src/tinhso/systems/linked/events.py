"""What linked procedures tell the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class PartOpened(Event, name="linked.part_opened", version=1):
    """Of a joint dossier: this dossier was opened from it, as the bundle of that day plans."""

    dossier: UUID
    part: str
    since: date


@dataclass(frozen=True)
class DecidedElsewhere(Event, name="linked.decided_elsewhere", version=1):
    """Of a dossier: another agency decided, and the one-stop shop recorded it."""

    on: date
    digest: str  # salted, of number, words and file


@dataclass(frozen=True)
class PromiseFollowed(Event, name="linked.promise_followed", version=1):
    """Of a joint dossier: a part was completed late or was given more time, so the whole is promised later."""

    before: datetime
    due_at: datetime
