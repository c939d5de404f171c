"""Office hours as values, and the days on which the whole country rests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 1945, 2099  # the lunar tables of the holidays library end in 2099
MINUTE = 60_000_000  # microseconds; whole numbers keep the sums exact


class Span(NamedTuple):
    """An uninterrupted time of work, in microseconds after midnight, local time."""

    opens: int
    closes: int


Spans = tuple[Span, ...]
Weekly = tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z")


def parse_spans(texts: Sequence[str]) -> Spans:
    """`["07:00-11:30", "13:30-17:00"]` as spans, in order and apart; raises ValueError."""
    spans = []
    for text in texts:
        if not (match := _SPAN.match(text.replace(" ", "").replace("–", "-"))):
            raise ValueError(f"not a time span: {text}")
        h1, m1, h2, m2 = map(int, match.groups())
        if m1 > 59 or m2 > 59 or h1 * 60 + m1 >= h2 * 60 + m2 or h2 * 60 + m2 > 24 * 60:
            raise ValueError(f"not a time span: {text}")
        spans.append(Span((h1 * 60 + m1) * MINUTE, (h2 * 60 + m2) * MINUTE))
    if any(a.closes > b.opens for a, b in pairwise(spans)):
        raise ValueError("time spans overlap or are out of order")
    return tuple(spans)


def show_spans(spans: Spans) -> list[str]:
    """The inverse of `parse_spans`."""

    def clock(us: int) -> str:
        return "{:02}:{:02}".format(*divmod(us // MINUTE, 60))

    return [f"{clock(s.opens)}-{clock(s.closes)}" for s in spans]


def parse_weekly(week: Mapping[str, Sequence[str]]) -> Weekly:
    """`{"mon": ["07:00-11:30", …], …}`; a weekday left out is free. Raises ValueError."""
    if unknown := set(week) - set(WEEKDAYS):
        raise ValueError(f"not a weekday: {', '.join(sorted(unknown))}")
    a, b, c, d, e, f, g = (parse_spans(week.get(day, ())) for day in WEEKDAYS)
    if not any((a, b, c, d, e, f, g)):
        raise ValueError("an office works at some time of the week")
    return a, b, c, d, e, f, g


# Common hours of state offices; each province sets its own (standards.md §7).
USUAL: dict[str, list[str]] = {day: ["07:00-11:30", "13:30-17:00"] for day in WEEKDAYS[:5]}


class National(NamedTuple):
    """What the state has published for one year."""

    off: Mapping[date, str]  # public holidays and days given for them, with their Vietnamese names
    worked: frozenset[date]  # weekend days worked in exchange for a day off between holidays


@lru_cache(maxsize=200)
def national(year: int) -> National:
    """Public holidays and published swaps of a year (Bộ luật Lao động 2019, điều 112).

    Raises ValueError outside FIRST_YEAR–LAST_YEAR, where nobody knows the days of Tết.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"working days are known from {FIRST_YEAR} to {LAST_YEAR}")
    found = holidays.country_holidays("VN", years=year, language="vi")
    return National(dict(found.items()), frozenset(d for d in found.weekend_workdays if d.year == year))


def microseconds(at: time) -> int:
    """Time of day as microseconds after midnight."""
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
