"""Periods people speak of, from a day to a year, and the one before each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Kind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


LABELS = {
    Kind.DAY: gettext_lazy("Day"),
    Kind.WEEK: gettext_lazy("Week"),
    Kind.MONTH: gettext_lazy("Month"),
    Kind.QUARTER: gettext_lazy("Quarter"),
    Kind.HALF: gettext_lazy("Half year"),
    Kind.YEAR: gettext_lazy("Year"),
}
MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}
ROMAN = ("", "I", "II", "III", "IV")


@dataclass(frozen=True)
class Period:
    """Days from `since` to `until`, both included."""

    kind: Kind
    since: date
    until: date

    @property
    def label(self) -> str:
        """In words: quý IV/2026."""
        since, months = self.since, (self.since.month - 1)
        if self != period(self.kind, since):
            return f"{since:%d/%m/%Y} – {self.until:%d/%m/%Y}"
        match self.kind:
            case Kind.DAY:
                return f"{since:%d/%m/%Y}"
            case Kind.WEEK:
                return _("week %(n)d (%(since)s to %(until)s)") % {
                    "n": since.isocalendar().week,
                    "since": f"{since:%d/%m}",
                    "until": f"{self.until:%d/%m/%Y}",
                }
            case Kind.MONTH:
                return _("month %(month)s") % {"month": f"{since:%m/%Y}"}
            case Kind.QUARTER:
                return _("quarter %(n)s/%(year)d") % {"n": ROMAN[months // 3 + 1], "year": since.year}
            case Kind.HALF:
                halves = (_("first half of %(year)d"), _("second half of %(year)d"))
                return halves[months // 6] % {"year": since.year}
        return _("year %(year)d") % {"year": since.year}

    @property
    def before(self) -> Period:
        """The period of the same kind that ends where this begins."""
        return period(self.kind, self.since - timedelta(days=1))

    @property
    def after(self) -> Period:
        """The one that begins where this ends."""
        return period(self.kind, self.until + timedelta(days=1))

    def compared(self, today: date) -> Period:
        """What this is fairly compared with: the one before, as far into it as this one is."""
        before = self.before
        if today >= self.until:
            return before
        gone = today - self.since
        return Period(self.kind, before.since, min(before.until, before.since + gone))


def period(kind: Kind, day: date) -> Period:
    """The period of a kind that a day lies in."""
    if kind is Kind.DAY:
        return Period(kind, day, day)
    if kind is Kind.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    months = MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    number = first.year * 12 + first.month - 1 + months
    return Period(kind, first, date(number // 12, number % 12 + 1, 1) - timedelta(days=1))


def reporting(calendar: Period, first_day: int) -> Period:
    """The days that a report of a month or longer tells of: by NĐ 09/2019 from the 15th before to the 14th of its last
    month. `first_day` 1 is the calendar's own."""
    if first_day == 1 or calendar.kind not in MONTHS:
        return calendar
    since = (calendar.since - timedelta(days=1)).replace(day=first_day)
    return Period(calendar.kind, since, calendar.until.replace(day=first_day - 1))
