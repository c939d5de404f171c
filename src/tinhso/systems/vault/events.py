"""What the vault tells the ledger: which paper, never what it says. What comes in by itself follows from the dossier's
entries and has none of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class PaperAdded(Event, name="vault.added", version=1):
    """Somebody put a paper from elsewhere into their vault."""

    trust: str


@dataclass(frozen=True)
class PaperTakenOut(Event, name="vault.taken_out", version=1):
    """Its bytes are gone."""


@dataclass(frozen=True)
class ComparisonAsked(Event, name="vault.comparison_asked", version=1):
    """An agency's counter is to compare it with the original."""

    asked: UUID


@dataclass(frozen=True)
class PaperCompared(Event, name="vault.compared", version=1):
    """An official has seen the original and it says the same."""


@dataclass(frozen=True)
class ComparisonDeclined(Event, name="vault.comparison_declined", version=1):
    """It was not found the same; why is the remark."""


@dataclass(frozen=True)
class PaperUsed(Event, name="vault.used", version=1):
    """Attached to an application by its owner, or at a counter by their `consent`. `draft` may also be a dossier that
    it completes."""

    draft: UUID
    file: UUID
    consent: UUID | None


@dataclass(frozen=True)
class Consented(Event, name="vault.consented", version=1):
    """The person of this entry lets the official see and use their papers for one application."""

    consent: UUID
    draft: UUID
    business: UUID | None


@dataclass(frozen=True)
class PaperShared(Event, name="vault.shared", version=1):
    share: UUID
    until: datetime


@dataclass(frozen=True)
class ShareEnded(Event, name="vault.share_ended", version=1):
    share: UUID


@dataclass(frozen=True)
class ShareOpened(Event, name="vault.share_opened", version=1):
    """For the access log: somebody who has the link looked at the paper."""

    share: UUID


@dataclass(frozen=True)
class VaultSeen(Event, name="vault.seen", version=1):
    """For the access log: an official saw, with consent, which papers a person has."""

    consent: UUID


@dataclass(frozen=True)
class PaperSeen(Event, name="vault.paper_seen", version=1):
    """For the access log: an official opened a paper to compare it with its original."""
