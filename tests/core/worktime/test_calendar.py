"""The calendar against an independent clock that walks minute by minute through 2024–2028."""

from __future__ import annotations

import csv
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.core.worktime.calendar import ZONE, Calendar, WorkDuration
from tinhso.core.worktime.clock import Clock
from tinhso.core.worktime.hours import USUAL, parse_spans, parse_weekly

VN = timezone(timedelta(hours=7))
SATURDAY_WORKED = date(2025, 3, 8)
CLOSED = date(2026, 6, 10)
OWN_HOURS = date(2027, 7, 10)
CALENDAR = Calendar(
    eras=(
        (date.min, parse_weekly(USUAL)),
        (date(2027, 1, 1), parse_weekly({**USUAL, "fri": ["07:30-12:00"], "sat": ["08:00-11:15"]})),
    ),
    overrides=(
        (SATURDAY_WORKED, None),
        (CLOSED, ()),
        (OWN_HOURS, parse_spans(["09:00-10:00", "10:00-12:30"])),
    ),
)


class NaiveClock:
    """Marks each minute of five years as worked or not; shares nothing with the calendar but the law."""

    first = datetime(2024, 1, 1, tzinfo=VN)

    def __init__(self) -> None:
        with (Path(__file__).parent / "holidays_2024_2028.csv").open(encoding="utf-8") as file:
            self.off = {row["date"] for row in csv.DictReader(file)}
        self.swapped = {"2024-05-04", "2025-04-26", "2026-08-22"}
        self.minutes = bytearray()
        day = self.first
        while day.year < 2029:
            today = bytearray(1440)
            for opens, closes in self.office(day):
                today[opens:closes] = b"\x01" * (closes - opens)
            self.minutes += today
            day += timedelta(days=1)

    def office(self, day: datetime) -> list[tuple[int, int]]:
        usual = [(420, 690), (810, 1020)]
        text = day.date().isoformat()
        if text == "2025-03-08":
            return usual
        if text == "2026-06-10":
            return []
        if text == "2027-07-10":
            return [(540, 600), (600, 750)]
        if text in self.off:
            return []
        if text in self.swapped:
            return usual
        weekday = day.strftime("%a")
        if weekday == "Sun":
            return []
        if day.year >= 2027 and weekday == "Fri":
            return [(450, 720)]
        if weekday == "Sat":
            return [(480, 675)] if day.year >= 2027 else []
        return usual

    def index(self, at: datetime) -> int:
        return int((at - self.first).total_seconds() // 60)

    def moment(self, index: int) -> datetime:
        return self.first + timedelta(minutes=index)

    def between(self, a: datetime, b: datetime) -> int:
        if b < a:
            return -self.between(b, a)
        return sum(self.minutes[self.index(a) : self.index(b)])

    def after(self, at: datetime, minutes: int) -> datetime:
        index = self.index(at)
        while minutes:
            minutes -= self.minutes[index]
            index += 1
        return self.moment(index)

    def before(self, at: datetime, minutes: int) -> datetime:
        index = self.index(at)
        while minutes:
            index -= 1
            minutes -= self.minutes[index]
        return self.moment(index)

    def close(self, day: date) -> datetime | None:
        start = (day - self.first.date()).days * 1440
        worked = [i for i in range(start, start + 1440) if self.minutes[i]]
        return self.moment(worked[-1] + 1) if worked else None

    def close_after_days(self, at: datetime, amount: int) -> datetime:
        day = at.astimezone(VN).date()
        while amount:
            day += timedelta(days=1)
            amount -= self.close(day) is not None
        while (close := self.close(day)) is None or close <= at:
            day += timedelta(days=1)
        return close

    def opening(self, at: datetime) -> datetime:
        index = self.index(at)
        while not self.minutes[index]:
            index += 1
        return self.moment(index)


@pytest.fixture(scope="module")
def naive() -> NaiveClock:
    return NaiveClock()


def minutes_of(first: int, last: int) -> st.SearchStrategy[datetime]:
    span = int((datetime(last + 1, 1, 1, tzinfo=VN) - datetime(first, 1, 1, tzinfo=VN)).total_seconds() // 60)
    return st.integers(0, span - 1).map(lambda m: datetime(first, 1, 1, tzinfo=VN) + timedelta(minutes=m))


unhurried = settings(deadline=None)  # the machine may be busy; nothing here is timed
moments = minutes_of(2024, 2028)
early = minutes_of(2024, 2027)
late = minutes_of(2025, 2028)


@unhurried
@given(a=moments, b=moments)
def test_working_time_between_two_moments_is_what_the_minutes_say(naive, a, b):
    assert CALENDAR.between(a, b) == timedelta(minutes=naive.between(a, b))


@unhurried
@given(at=moments)
def test_the_office_is_open_when_the_minute_is_worked(naive, at):
    assert CALENDAR.is_open(at) == bool(naive.minutes[naive.index(at)])


@unhurried
@given(at=early)
def test_it_opens_next_when_the_next_worked_minute_begins(naive, at):
    assert CALENDAR.opening(at) == naive.opening(at)


@unhurried
@given(at=early, hours=st.integers(0, 300))
def test_working_hours_run_only_while_the_office_is_open(naive, at, hours):
    assert CALENDAR.add(at, WorkDuration(hours, "working_hours")) == naive.after(at, hours * 60)


@unhurried
@given(at=late, hours=st.integers(1, 300))
def test_subtracting_hours_leaves_exactly_those_hours(naive, at, hours):
    start = CALENDAR.subtract(at, WorkDuration(hours, "working_hours"))
    assert naive.between(start, at) == hours * 60
    assert naive.minutes[naive.index(start)], "the latest such moment is within work"


@unhurried
@given(at=early, days=st.integers(0, 60))
def test_working_days_end_with_the_nth_close_after_the_day_of_receipt(naive, at, days):
    assert CALENDAR.add(at, WorkDuration(days, "working_days")) == naive.close_after_days(at, days)


@unhurried
@given(at=late, days=st.integers(1, 60))
def test_subtracting_working_days_is_the_inverse_at_a_close(naive, at, days):
    start = CALENDAR.subtract(at, WorkDuration(days, "working_days"))
    assert start == naive.close(start.astimezone(VN).date())
    whole = CALENDAR.add(start, WorkDuration(days, "working_days"))
    following = CALENDAR.add(start, WorkDuration(days + 1, "working_days"))
    assert whole <= at < following


@unhurried
@given(at=early, days=st.integers(0, 200))
def test_calendar_days_end_on_a_working_day(naive, at, days):
    day = at.astimezone(VN).date() + timedelta(days=days)
    while (close := naive.close(day)) is None or close <= at:
        day += timedelta(days=1)
    assert CALENDAR.add(at, WorkDuration(days, "calendar_days")) == close


@unhurried
@given(at=early, hours=st.integers(0, 80), data=st.data())
def test_pauses_do_not_count(naive, at, hours, data):
    """Walk worked minutes outside the pauses; the clock must end where the walk ends."""
    gaps = data.draw(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)), max_size=4))
    clock, moment, index, left = Clock(at, WorkDuration(hours, "working_hours")), at, naive.index(at), hours * 60
    for run, stop in gaps:
        begin, end = moment + timedelta(minutes=run), moment + timedelta(minutes=run + stop)
        clock = clock.pause(begin)
        assert clock.due(CALENDAR) is None
        clock, moment = clock.resume(end), end
        while left and index < naive.index(begin):
            left -= naive.minutes[index]
            index += 1
        if left:
            index = naive.index(end)
    while left:
        left -= naive.minutes[index]
        index += 1
    assert CALENDAR.between(clock.due(CALENDAR), naive.moment(index)) == timedelta(0)
    assert clock.elapsed(CALENDAR, clock.due(CALENDAR)) == timedelta(hours=hours)
    assert clock.remaining(CALENDAR, clock.due(CALENDAR)) == timedelta(0)


@unhurried
@given(at=early, hours=st.integers(1, 40), seconds=st.integers(0, 59), micros=st.integers(0, 999_999))
def test_seconds_are_kept(at, hours, seconds, micros):
    at += timedelta(seconds=seconds, microseconds=micros)
    due = CALENDAR.add(at, WorkDuration(hours, "working_hours"))
    assert CALENDAR.between(at, due) == timedelta(hours=hours)


def vn(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("received", "amount", "unit", "due"),
    [
        ("2026-11-20T16:00", 8, "working_hours", "2026-11-23T16:00"),  # Friday to Monday
        ("2026-11-23T16:00", 8, "working_hours", "2026-11-25T16:00"),  # 24 November is a holiday from 2026
        ("2026-11-20T09:00", 3, "working_days", "2026-11-26T17:00"),
        ("2026-11-21T09:00", 1, "working_days", "2026-11-23T17:00"),  # received on a Saturday
        ("2026-02-13T09:00", 0, "working_days", "2026-02-13T17:00"),
        ("2026-02-13T17:00", 0, "working_days", "2026-02-23T17:00"),  # all of Tết lies between
        ("2026-11-18T09:00", 4, "calendar_days", "2026-11-23T17:00"),  # the 22nd is a Sunday
        ("2027-01-31T09:00", 1, "months", "2027-03-01T17:00"),  # 28 February is a Sunday
        ("2028-01-31T09:00", 1, "months", "2028-02-29T17:00"),
        ("2026-12-31T09:00", 12, "months", "2027-12-31T17:00"),
    ],
)
def test_due_times_that_people_can_check(received, amount, unit, due):
    assert Calendar().add(vn(received), WorkDuration(amount, unit)) == vn(due)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-20T14:59", 0, "2026-11-20T17:00"),
        ("2026-11-20T15:00", 0, "2026-11-23T17:00"),
        ("2026-11-20T06:00", 0, "2026-11-20T17:00"),
        ("2026-11-21T08:00", 0, "2026-11-23T17:00"),
        ("2026-11-20T14:59", 1, "2026-11-23T17:00"),
        ("2026-11-20T15:00", 1, "2026-11-25T17:00"),
        ("2026-11-21T08:00", 1, "2026-11-25T17:00"),
    ],
)
def test_what_comes_at_or_after_the_cut_off_counts_as_received_next_working_day(received, days, due):
    assert Calendar().add(vn(received), WorkDuration(days, "working_days"), cutoff=time(15)) == vn(due)


@unhurried
@given(a=early, b=early, days=st.integers(0, 10), cutoff=st.sampled_from([None, time(15)]))
def test_who_comes_later_is_never_due_earlier(a, b, days, cutoff):
    a, b = sorted((a, b))
    limit = WorkDuration(days, "working_days")
    assert CALENDAR.add(a, limit, cutoff) <= CALENDAR.add(b, limit, cutoff)


def test_a_paused_limit_of_days_gives_back_the_working_time_that_was_left():
    clock = Clock(vn("2026-11-16T09:00"), WorkDuration(3, "working_days"))
    assert clock.due(Calendar()) == vn("2026-11-19T17:00")
    clock = clock.pause(vn("2026-11-19T15:00"))
    assert clock.remaining(Calendar(), vn("2026-12-30T09:00")) == timedelta(hours=2)
    assert clock.resume(vn("2026-11-21T20:00")).due(Calendar()) == vn("2026-11-23T09:00")


def test_a_pause_after_the_due_time_does_not_undo_lateness():
    late_clock = Clock(vn("2026-11-16T09:00"), WorkDuration(1, "working_days")).pause(vn("2026-11-18T09:00"))
    assert late_clock.resume(vn("2026-11-25T09:00")).due(Calendar()) == vn("2026-11-17T17:00")


def test_a_clock_is_not_paused_twice_nor_resumed_while_it_runs():
    clock = Clock(vn("2026-11-16T09:00"), WorkDuration(1, "working_days"))
    with pytest.raises(ValueError, match="paused clock"):
        clock.resume(vn("2026-11-17T09:00"))
    with pytest.raises(ValueError, match="running clock"):
        clock.pause(vn("2026-11-17T09:00")).pause(vn("2026-11-17T10:00"))


def test_a_calendar_travels_between_processes_and_any_time_zone_is_understood():
    copy = pickle.loads(pickle.dumps(CALENDAR))
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # 16:00 in Việt Nam
    assert copy == CALENDAR
    assert copy.add(at, WorkDuration(8, "working_hours")) == vn("2026-11-23T16:00")


def test_the_years_beyond_the_lunar_tables_are_refused_not_guessed():
    with pytest.raises(ValueError, match="2099"):
        Calendar().add(vn("2098-06-01T09:00"), WorkDuration(2000, "working_days"))


@unhurried
@given(years=st.integers(1, 60))
def test_limits_of_decades_are_found_both_ways(years):
    start = vn("2026-11-20T09:00")
    calendar = Calendar()
    due = calendar.add(start, WorkDuration(years * 100, "working_days"))
    assert calendar.subtract(due, WorkDuration(years * 100, "working_days")) == vn("2026-11-20T17:00")


def test_once_its_sums_are_made_a_calendar_looks_up_and_does_not_walk(monkeypatch):
    calendar, start, walked = Calendar(), vn("2026-11-20T09:00"), []
    limits = [WorkDuration(9_000, "working_hours"), WorkDuration(2_000, "working_days")]
    dues = [calendar.add(start, limit) for limit in limits]
    look = Calendar.hours
    monkeypatch.setattr(Calendar, "hours", lambda self, day: walked.append(day) or look(self, day))
    assert [calendar.add(start, limit) for limit in limits] == dues
    assert all(calendar.subtract(due, limit) <= due for due, limit in zip(dues, limits, strict=True))
    assert calendar.between(start, dues[0]) == timedelta(hours=9_000)
    assert len(walked) <= 2


@pytest.mark.parametrize("week", [{}, {"mon": []}, {"mon": ["11:00-07:00"]}, {"mon": ["07:00-12:00", "11:00-13:00"]}])
def test_impossible_weeks_are_refused(week):
    with pytest.raises(ValueError):
        parse_weekly(week)
