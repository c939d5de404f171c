"""Due times reckoned once more, by walking from day to day: with nothing of `core.worktime` but its rows.

The same rules (see `core.worktime.calendar`) said in another way, so that a mistake in the sums there is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from uuid import UUID

import holidays

from tinhso.core.agencies.models import Agency
from tinhso.core.worktime.models import DayOverride, OfficeHours

HERE = timezone(timedelta(hours=7))  # since 1975, all year
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL = dict.fromkeys(WEEK[:5], ("07:00-11:30", "13:30-17:00"))
Span = tuple[datetime, datetime]


@cache
def _national(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Days off in the whole country, and weekend days worked in exchange."""
    found = holidays.country_holidays("VN", years=year)
    return frozenset(found), frozenset(found.weekend_workdays)


class Clock:
    """Working time of an agency, nearest to it first: its own rows, else those above it, else the usual hours."""

    zone = HERE

    def __init__(self, agency: UUID) -> None:
        path = list(Agency.objects.get(pk=agency).path)
        weeks = OfficeHours.objects.filter(agency_id__in=path)
        self.weeks = sorted(weeks, key=lambda row: (path.index(row.agency_id), row.valid_from))
        days = DayOverride.objects.filter(agency_id__in=path)
        self.days = {row.day: row for row in sorted(days, key=lambda row: path.index(row.agency_id))}
        self.known: dict[date, list[Span]] = {}

    def spans(self, day: date) -> list[Span]:
        """When the office is open on a day."""
        if day not in self.known:
            self.known[day] = [_span(day, words) for words in self._words(day)]
        return self.known[day]

    def _words(self, day: date) -> Sequence[str]:
        in_force = [row.weekly for row in self.weeks if row.valid_from <= day]
        week: Mapping[str, Sequence[str]] = in_force[-1] if in_force else USUAL
        usually = week.get(WEEK[day.weekday()], ())
        some = next(hours for name in WEEK if (hours := week.get(name)))
        if day in self.days:
            one = self.days[day]
            return () if one.kind == DayOverride.Kind.CLOSED else one.hours or some
        off, worked = _national(day.year)
        return () if day in off else usually or some if day in worked else usually

    def due(self, at: datetime, amount: int, unit: str, cutoff: time | None = None) -> datetime:
        """When something that begins at `at` is due."""
        at = at.astimezone(HERE)
        if cutoff is not None:
            at = self._received(at, cutoff)
        if unit == "working_hours":
            return self._worked(at, timedelta(hours=amount))
        day = at.date()
        if unit == "working_days" and amount:
            for _day in range(amount):
                day = self._next(day)
            return self.spans(day)[-1][1]
        if unit == "calendar_days":
            day += timedelta(days=amount)
        elif unit == "months":
            day = _later(day, amount)
        return self.close(day, after=at)

    def close(self, day: date, *, after: datetime) -> datetime:
        """The close of the first working day from `day` on that is later than `after`."""
        while not (spans := self.spans(day)) or spans[-1][1] <= after:
            day += timedelta(days=1)
        return spans[-1][1]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from one moment to a later one."""
        day, last, done = start.astimezone(HERE).date(), end.astimezone(HERE).date(), timedelta()
        while day <= last:
            for opens, closes in self.spans(day):
                done += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
        return done

    def _received(self, at: datetime, cutoff: time) -> datetime:
        spans = self.spans(at.date())
        if spans and at < spans[-1][1] and at.time() < cutoff:
            return at
        return self.spans(self._next(at.date()))[0][0]

    def _worked(self, at: datetime, left: timedelta) -> datetime:
        if not left:
            return at
        day = at.date()
        while True:
            for opens, closes in self.spans(day):
                begun = max(opens, at)
                if begun < closes:
                    if begun + left <= closes:
                        return begun + left
                    left -= closes - begun
            day += timedelta(days=1)

    def _next(self, day: date) -> date:
        day += timedelta(days=1)
        while not self.spans(day):
            day += timedelta(days=1)
        return day


def _span(day: date, words: str) -> Span:
    opens, closes = words.replace(" ", "").replace("–", "-").split("-")
    return _moment(day, opens), _moment(day, closes)


def _moment(day: date, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, tzinfo=HERE) + timedelta(hours=hours, minutes=minutes)


def _later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    first = day.replace(day=1)
    for _month in range(months):
        first = (first + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)
