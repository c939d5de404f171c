"""For how long a result holds, where the law says so: `data/validity.json`, with the date of effect."""

from __future__ import annotations

import calendar
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Rule:
    """A result of `procedure` issued from `since` on holds for so many months (Civil Code 2015, article 148)."""

    procedure: str
    months: int
    since: date
    basis: str


@cache
def rules() -> tuple[Rule, ...]:
    """The rules shipped, latest first."""
    rows = json.loads((Path(__file__).parent / "data/validity.json").read_text(encoding="utf-8"))
    read = [Rule(r["procedure"], r["months"], date.fromisoformat(r["from"]), r["basis"]) for r in rows]
    return tuple(sorted(read, key=lambda rule: rule.since, reverse=True))


def last_day(procedure: str, issued: date) -> date | None:
    """The last day a result holds; None where no end is known."""
    rule = next((r for r in rules() if r.procedure == procedure and r.since <= issued), None)
    if rule is None:
        return None
    years, month = divmod(issued.month - 1 + rule.months, 12)
    year, month = issued.year + years, month + 1
    return date(year, month, min(issued.day, calendar.monthrange(year, month)[1]))
