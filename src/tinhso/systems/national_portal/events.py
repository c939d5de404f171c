"""What is recorded of the exchange with the national portal: decisions of people, and what came in. No numbers of
the portal, which look like those of persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class TellingBegun(Event, name="national_portal.begun", version=1):
    """Entries from that moment on are told to the portal."""

    since: datetime


@dataclass(frozen=True)
class ItemsSentAgain(Event, name="national_portal.sent_again", version=1):
    """An official sends refused items again, after mending what was wrong."""

    items: int


@dataclass(frozen=True)
class ItemSkipped(Event, name="national_portal.skipped", version=1):
    """The portal is not told this; the reason is the remark."""

    item: UUID
    call: str
    code: str


@dataclass(frozen=True)
class ApplicationTaken(Event, name="national_portal.application_taken", version=1):
    """What was handed in at the portal became a dossier here."""

    dossier: UUID
    papers: int


@dataclass(frozen=True)
class ApplicationRefused(Event, name="national_portal.application_refused", version=1):
    """It could not become a dossier; why stands in its row."""

    code: str
