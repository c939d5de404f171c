"""When an official's account counts as abandoned: data with its date of effect, `data/idle.json`."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils.timezone import localdate


class IdleRule(NamedTuple):
    """After `after` without use an account is disabled; its owner is warned `warned` before."""

    since: date
    after: timedelta
    warned: timedelta
    source: str


@cache
def _rules() -> tuple[IdleRule, ...]:
    rows = json.loads((Path(__file__).parent / "data" / "idle.json").read_text(encoding="utf-8"))
    made = [
        IdleRule(date.fromisoformat(r["from"]), timedelta(r["days"]), timedelta(r["warn_days"]), r["source"])
        for r in rows
    ]
    return tuple(sorted(made))


def idle_rule(at: datetime) -> IdleRule | None:
    """The rule in effect at that moment; None before the first."""
    in_effect = [rule for rule in _rules() if rule.since <= localdate(at)]
    return in_effect[-1] if in_effect else None
