"""Which agency a dossier counted at: most stay where they came, some were passed on or inherited. For recounts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tinhso.core.ledger.consumers import entries_between, last_position

MOVES = {"dossiers.transferred": "sender", "dossiers.inherited": "predecessor"}


@dataclass(frozen=True)
class Move:
    """The agency that decides changed; what is only received elsewhere does not move."""

    at: datetime
    before: UUID
    after: UUID


def moves() -> dict[UUID, list[Move]]:
    """All moves by dossier, in their order."""
    found: dict[UUID, list[Move]] = defaultdict(list)
    for entry in entries_between(0, last_position(), MOVES):
        if entry.data.get("competent", True) and entry.agency_id:
            found[entry.subject_id].append(Move(entry.at, UUID(entry.data[MOVES[entry.event]]), entry.agency_id))
    return dict(found)


def agency_at(at: datetime, now: UUID, moved: list[Move]) -> UUID:
    """Where a dossier that is at `now` counted at that moment."""
    return next((move.before for move in moved if at < move.at), now)
