"""The times the law gives, in force on a day: data with a date of effect, `data/limits.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from tinhso.core.worktime.calendar import Unit, WorkDuration


@dataclass(frozen=True)
class Limits:
    """Of one kind of complaint. Pairs are of the first and of the second; in days for who complains, None: no end."""

    since: date
    kind: str
    file: timedelta | None
    again: timedelta | None
    take_on: WorkDuration
    answer: tuple[WorkDuration, ...]
    complex: tuple[WorkDuration, ...]


@cache
def _all() -> tuple[Limits, ...]:
    rows = json.loads((Path(__file__).parent / "data" / "limits.json").read_text(encoding="utf-8"))
    made = []
    for row in rows:
        unit = Unit(row["unit"])
        made.append(
            Limits(
                date.fromisoformat(row["from"]),
                row["kind"],
                timedelta(days=row["file"]) if row["file"] else None,
                timedelta(days=row["again"]) if row["again"] else None,
                WorkDuration(row["take_on"], unit),
                tuple(WorkDuration(n, unit) for n in row["answer"]),
                tuple(WorkDuration(n, unit) for n in row["complex"]),
            )
        )
    return tuple(sorted(made, key=lambda one: one.since))


def limits(kind: str, day: date) -> Limits:
    """Those in force on a day; before the first, the first."""
    mine = [one for one in _all() if one.kind == kind]
    return next((one for one in reversed(mine) if one.since <= day), mine[0])
