"""The calendar of an agency, kept per process and dropped when hours change anywhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from tinhso.core.agencies.models import Agency

from .calendar import Calendar
from .hours import USUAL, Spans, Weekly, national, parse_spans, parse_weekly
from .models import DayOverride, OfficeHours, Version

CHECKED_EVERY = 1.0  # seconds within which a change made by another process may go unseen
KEPT = 60.0  # seconds after which calendars are read anew, for agencies that moved in the tree


@dataclass
class _Kept:
    version: UUID | None = None
    read: float = 0.0
    checked: float = 0.0
    calendars: dict[UUID, Calendar] = field(default_factory=dict)


_kept = _Kept()


def forget() -> None:
    """Make this process look at the database again at once."""
    _kept.checked = 0.0


def calendar_for(agency: UUID) -> Calendar:
    """Working time of an agency: its own hours and days, else those of the nearest agency above.

    No query while a calendar read before is fresh; at most once a second one small query asks
    whether any hours have changed. An unknown agency works the usual hours.
    """
    global _kept
    now = time.monotonic()
    if now - _kept.checked > CHECKED_EVERY or not _kept.checked:
        version = Version.objects.values_list("version", flat=True).first()
        if version != _kept.version or now - _kept.read > KEPT:
            _kept = _Kept(version, read=now)
        _kept.checked = now
    kept = _kept
    if (calendar := kept.calendars.get(agency)) is None:
        calendar = kept.calendars[agency] = _read(agency)
    return calendar


def _read(agency: UUID) -> Calendar:
    path = list(Agency.objects.filter(pk=agency).values_list("path", flat=True).first() or [agency])
    hours = [
        (path.index(row.agency_id), row.valid_from, parse_weekly(row.weekly))
        for row in OfficeHours.objects.filter(agency_id__in=path).order_by("valid_from")
    ]
    eras = [(date.min, parse_weekly(USUAL))]
    eras += [
        (start, max((h for h in hours if h[1] <= start), key=lambda h: h[:2])[2])
        for start in sorted({valid_from for _depth, valid_from, _week in hours})
    ]
    days: dict[date, tuple[int, Spans | None]] = {}
    for override in DayOverride.objects.filter(agency_id__in=path):
        depth = path.index(override.agency_id)
        if depth >= days.get(override.day, (-1, None))[0]:
            days[override.day] = depth, _spans(override)
    return _calendar(tuple(eras), tuple((day, spans) for day, (_depth, spans) in sorted(days.items())))


def _spans(override: DayOverride) -> Spans | None:
    if override.kind == DayOverride.Kind.CLOSED:
        return ()
    return parse_spans(override.hours) or None


@lru_cache(maxsize=2000)
def _calendar(eras: tuple[tuple[date, Weekly], ...], overrides: tuple[tuple[date, Spans | None], ...]) -> Calendar:
    """Agencies with the same hours share one calendar, so its sums are made once."""
    return Calendar(eras, overrides)


@dataclass(frozen=True)
class Day:
    """One day of an agency's year as a page shows it."""

    date: date
    hours: Spans
    reason: str  # the holiday's name or the override's reason; empty on an ordinary day
    override: DayOverride | None
    own: bool  # the override is this agency's own, not inherited


def year(agency: Agency, number: int) -> list[Day]:
    """Every day of a year with its hours and why it differs."""
    calendar = calendar_for(agency.pk)
    overrides: dict[date, DayOverride] = {}
    path = list(agency.path)
    for override in DayOverride.objects.filter(agency_id__in=path, day__year=number):
        kept = overrides.get(override.day)
        if kept is None or path.index(override.agency_id) > path.index(kept.agency_id):
            overrides[override.day] = override
    first, state, days = date(number, 1, 1), national(number), []
    for offset in range((date(number + 1, 1, 1) - first).days):
        day = first + timedelta(days=offset)
        found = overrides.get(day)
        days.append(
            Day(
                date=day,
                hours=calendar.hours(day),
                reason=found.reason if found else state.off.get(day, ""),
                override=found,
                own=bool(found and found.agency_id == agency.pk),
            )
        )
    return days
