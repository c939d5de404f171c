"""When an office works, and arithmetic on that time.

Rules of due times (Bộ luật Dân sự 2015, điều 147 and 148; NĐ 61/2018 and NĐ 45/2020 count
"working days"):

* `working_hours` run on the clock, only while the office is open.
* `working_days`, `calendar_days`, `months`: the day of receipt is not counted (147.2) and the
  limit ends with its last day (148.2). The Code says 24:00; an office hands out results until
  it closes, so a due time is the close of that day. 0 working days means "the same day":
  the first close after receipt.
* A month without the corresponding day ends on its last day (148.3).
* A last day that is a day off moves to the next working day (148.5).
* With a cut-off (15:00 for certified copies, NĐ 23/2015 điều 7) what comes at or after it, or
  on a day off, counts as received when the office next opens.
"""

from __future__ import annotations

import calendar as months
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from .hours import FIRST_YEAR, LAST_YEAR, MINUTE, USUAL, Spans, Weekly, microseconds, national, parse_weekly

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_MICROSECOND = timedelta(microseconds=1)


class Unit(StrEnum):
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


@dataclass(frozen=True)
class WorkDuration:
    """A time limit as the law states it: `WorkDuration(3, "working_days")`."""

    amount: int
    unit: Unit

    def __init__(self, amount: int, unit: Unit | str) -> None:
        if not 0 <= amount <= 10_000:
            raise ValueError("a time limit is between 0 and 10,000 units")
        object.__setattr__(self, "amount", amount)
        object.__setattr__(self, "unit", Unit(unit))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


class _Table(NamedTuple):
    """Working days of some years with the work done before each, so that bisect finds both ways."""

    first: int
    last: int
    days: list[int]  # ordinals
    before: list[int]  # microseconds of work before that day; one longer than `days`
    spans: list[Spans]


@dataclass(frozen=True)
class Calendar:
    """Working time of one office: a value, picklable, without a database behind it.

    `eras` are office hours by the day they start to apply, `overrides` single days with the
    hours worked (none: closed). Other days follow the national holidays.
    """

    eras: tuple[tuple[date, Weekly], ...] = ((date.min, parse_weekly(USUAL)),)
    overrides: tuple[tuple[date, Spans | None], ...] = ()
    _table: list[_Table] = field(default_factory=list, init=False, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"eras": self.eras, "overrides": self.overrides, "_table": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @cached_property
    def _overridden(self) -> dict[date, Spans | None]:
        return dict(self.overrides)

    def week(self, day: date) -> Weekly:
        """Office hours of the week in force on `day`."""
        return self.eras[max(bisect_right(self.eras, day, key=lambda era: era[0]) - 1, 0)][1]

    def hours(self, day: date) -> Spans:
        """When the office works on `day`; empty on a day off.

        A swapped weekend day, or an opened day without hours of its own, works the hours of
        the week's first working day.
        """
        weekly = self.week(day)
        if day in self._overridden:
            spans = self._overridden[day]
            return next(s for s in weekly if s) if spans is None else spans
        state = national(day.year)
        if day in state.off:
            return ()
        if day in state.worked:
            return weekly[day.weekday()] or next(s for s in weekly if s)
        return weekly[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Whether the office works at this moment."""
        local = at.astimezone(ZONE)
        moment = microseconds(local.time())
        return any(s.opens <= moment < s.closes for s in self.hours(local.date()))

    def opening(self, at: datetime) -> datetime:
        """`at` if the office is open then, else when it next opens."""
        return at if self.is_open(at) else self._retreat(at, 0)

    def add(self, at: datetime, duration: WorkDuration, cutoff: time | None = None) -> datetime:
        """When a limit that starts with receipt at `at` is due; see the module for the rules."""
        if cutoff:
            at = self._received(at, cutoff)
        if duration.unit is Unit.WORKING_HOURS:
            return self._advance(at, duration.amount * 60 * MINUTE) if duration.amount else at
        if duration.unit is Unit.WORKING_DAYS:
            return self._nth_close(at, duration.amount)
        day = at.astimezone(ZONE).date()
        if duration.unit is Unit.CALENDAR_DAYS:
            day += timedelta(days=duration.amount)
        else:
            day = _month_later(day, duration.amount)
        return self._close_from(day, after=at)

    def subtract(self, at: datetime, duration: WorkDuration) -> datetime:
        """The latest moment that leaves the whole duration before `at`, for warnings ahead of a due time.

        Working days: the last close with that many whole working days between it and `at`.
        """
        if duration.unit is Unit.WORKING_HOURS:
            return self._retreat(at, duration.amount * 60 * MINUTE) if duration.amount else at
        if duration.unit is Unit.WORKING_DAYS:
            return self._closes_before(at, duration.amount)
        local = at.astimezone(ZONE)
        if duration.unit is Unit.CALENDAR_DAYS:
            return local - timedelta(days=duration.amount)
        return datetime.combine(_month_later(local.date(), -duration.amount), local.timetz())

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` is earlier."""
        years = sorted(t.astimezone(ZONE).year for t in (start, end))
        table = self._covering(*years)
        return timedelta(microseconds=_done(table, end) - _done(table, start))

    def extend(self, due: datetime, paused: datetime, resumed: datetime, unit: Unit | str) -> datetime:
        """The due time after a pause: what remained at `paused` is given again from `resumed`.

        Working units give back working time, so the new due time may fall within a day. Calendar
        units give back time and end, as ever, with a working day's close. A pause that began
        after the due time changes nothing.
        """
        if paused >= due or resumed <= paused:
            return due
        if Unit(unit) in (Unit.WORKING_HOURS, Unit.WORKING_DAYS):
            rest = self.between(paused, due) // _MICROSECOND
            return self._advance(resumed, rest) if rest else max(due, resumed)
        moved = resumed + (due - paused)
        return self._close_from(moved.astimezone(ZONE).date(), after=resumed)

    # How it is computed

    def _covering(self, first: int, last: int) -> _Table:
        """A table of at least these years; the calendar keeps the widest one it was asked for."""
        if not FIRST_YEAR <= first <= last <= LAST_YEAR:
            raise ValueError(f"working days are known from {FIRST_YEAR} to {LAST_YEAR}")
        kept = next(iter(self._table), None)
        if kept and kept.first <= first and last <= kept.last:
            return kept
        if kept:
            table = _Table(min(first, kept.first), max(last, kept.last), [], [0], [])
        else:
            table = _Table(max(first - 1, FIRST_YEAR), min(last + 2, LAST_YEAR), [], [0], [])
        for ordinal in range(date(table.first, 1, 1).toordinal(), date(table.last, 12, 31).toordinal() + 1):
            if spans := self.hours(date.fromordinal(ordinal)):
                table.days.append(ordinal)
                table.spans.append(spans)
                table.before.append(table.before[-1] + sum(s.closes - s.opens for s in spans))
        self._table[:] = [table]
        return table

    def _around(self, at: datetime, *, earlier: int = 0, later: int = 0) -> tuple[_Table, int]:
        """A table reaching so many years before and after `at`, and the work done until `at`."""
        year = at.astimezone(ZONE).year
        table = self._covering(year - earlier, year + later)
        return table, _done(table, at)

    def _advance(self, at: datetime, work: int) -> datetime:
        """The earliest moment at which `work` (> 0) microseconds have been worked since `at`."""
        later = 0
        table, done = self._around(at)
        while table.before[-1] < done + work:
            later += 3
            table, done = self._around(at, later=later)
        return _find(table, bisect_left(table.before, done + work) - 1, done + work)

    def _retreat(self, at: datetime, work: int) -> datetime:
        """The latest moment from which `work` (≥ 0) microseconds are worked until `at`."""
        earlier, later = 0, 0
        table, done = self._around(at)
        while done < work:
            earlier += 3
            table, done = self._around(at, earlier=earlier)
        while table.before[-1] <= done - work:  # it is an opening after the table's end
            later += 1
            table, done = self._around(at, earlier=earlier, later=later)
        return _find(table, bisect_right(table.before, done - work) - 1, done - work, opening=True)

    def _close_from(self, day: date, *, after: datetime) -> datetime:
        """The close of the first working day from `day` on that is later than `after`."""
        while True:
            if (spans := self.hours(day)) and (close := _moment(day.toordinal(), spans[-1].closes)) > after:
                return close
            day += timedelta(days=1)

    def _nth_close(self, at: datetime, amount: int) -> datetime:
        """The close of the nth working day after the day of `at`."""
        if amount == 0:
            return self._close_from(at.astimezone(ZONE).date(), after=at)
        today, later = at.astimezone(ZONE).toordinal(), 0
        table, _ = self._around(at)
        while (i := bisect_right(table.days, today) + amount - 1) >= len(table.days):
            later += 3
            table, _ = self._around(at, later=later)
        return _moment(table.days[i], table.spans[i][-1].closes)

    def _closes_before(self, at: datetime, amount: int) -> datetime:
        """The last close with `amount` whole working days between it and `at`."""
        local, earlier = at.astimezone(ZONE), 0
        spans = self.hours(local.date())
        whole = bool(spans) and microseconds(local.time()) >= spans[-1].closes
        table, _ = self._around(at)
        while (i := bisect_left(table.days, local.toordinal() + whole) - 1 - amount) < 0:
            earlier += 3
            table, _ = self._around(at, earlier=earlier)
        return _moment(table.days[i], table.spans[i][-1].closes)

    def _received(self, at: datetime, cutoff: time) -> datetime:
        local = at.astimezone(ZONE)
        spans = self.hours(local.date())
        if spans and microseconds(local.time()) < min(microseconds(cutoff), spans[-1].closes):
            return at
        return self.opening(datetime.combine(local.date() + timedelta(days=1), time.min, ZONE))


def _done(table: _Table, at: datetime) -> int:
    """Microseconds of work from the table's start to `at`."""
    local = at.astimezone(ZONE)
    ordinal, moment = local.toordinal(), microseconds(local.time())
    i = bisect_left(table.days, ordinal)
    done = table.before[i]
    if i < len(table.days) and table.days[i] == ordinal:
        done += sum(min(moment, s.closes) - s.opens for s in table.spans[i] if moment > s.opens)
    return done


def _find(table: _Table, i: int, done: int, *, opening: bool = False) -> datetime:
    """The moment of day `i` at which `done` is reached: the close before a break, or the opening after it."""
    rest = done - table.before[i]
    for span in table.spans[i]:
        length = span.closes - span.opens
        if rest < length or (rest == length and not opening):
            return _moment(table.days[i], span.opens + rest)
        rest -= length
    raise AssertionError("a day holds the work that its sums say")


def _moment(ordinal: int, us: int) -> datetime:
    return datetime.fromordinal(ordinal).replace(tzinfo=ZONE) + timedelta(microseconds=us)


def _month_later(day: date, amount: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
