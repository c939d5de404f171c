"""What a restore says: which seals it lost. Roots kept elsewhere still name them, and verification must know why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from . import loop
from .actions import Actor, Fact, action, record_all
from .events import LedgerRestored
from .models import Entry
from .seals import mark_restored, newest_seals, roots_file, sealed_in
from .tables import LOGS

# Only what is placed and sealed counts: a declaration is itself part of the record.
_DECLARED = """
SELECT e.payload FROM ledger_entry e JOIN ledger_position p ON p.entry_id = e.id
WHERE e.event = %s AND p.position <= (SELECT coalesce(max(last), 0) FROM ledger_seal) ORDER BY p.position
"""


@dataclass(frozen=True)
class Gap:
    """Seals of `log` numbered from `after` + 1 to `until` were lost by the restore made `at`, back to `to`."""

    log: str
    after: int
    until: int
    to: str
    at: str

    def excuses(self, number: int, made: str) -> bool:
        """Whether a root kept elsewhere, made then, may be absent or another one here."""
        return self.after < number <= self.until and made <= self.at

    def __str__(self) -> str:
        first, last = self.after + 1, self.until
        lost = f"seals {first} to {last} were lost" if last > first else f"seal {first} was lost"
        lost = lost if last >= first else "no seal was lost"
        return f"{self.log}: restored at {self.at} to the state of {self.to}; {lost}"


def gaps() -> list[Gap]:
    """All gaps that the sealed ledger declares, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_DECLARED, [LedgerRestored.name])
        entries = [json.loads(payload) for (payload,) in cursor.fetchall()]
    return [
        Gap(data["log"], data["after"], data["until"], data["to"], entry["at"])
        for entry in entries
        for data in [entry["data"]]
    ]


def declare(restore: UUID, *, to: datetime, by: Actor, at: datetime) -> None:
    """Record a restore with what it lost by the file of roots, and seal the record; a second time changes nothing."""
    if not Entry.objects.filter(subject_id=restore).exists():
        here, kept = newest_seals(), _highest_kept()
        mark_restored(here)
        _declare(restore, here, kept, to=to, by=by, at=at)
    loop.seal_now()


@action
def _declare(
    restore: UUID, here: dict[str, int], kept: dict[str, int], *, to: datetime, by: Actor, at: datetime
) -> None:
    events = [LedgerRestored(name, to=to, after=last, until=max(last, kept[name])) for name, last in here.items()]
    record_all([Fact(event, ("ledger.restore", restore)) for event in events], by=by, at=at)


def _highest_kept() -> dict[str, int]:
    """The highest seal of each log that the file of roots names, before or after earlier restores."""
    highest = dict.fromkeys((log.name for log in LOGS), 0)
    if roots_file().exists():
        with roots_file().open("rb") as file:
            for name, number in filter(None, map(sealed_in, file)):
                highest[name] = max(highest[name], number)
    return highest
