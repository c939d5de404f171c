from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class OfficeHoursSet(Event, name="worktime.office_hours_set"):
    valid_from: date
    spans: tuple[str, ...]  # "mon/07:00-11:30"


@dataclass(frozen=True)
class OfficeHoursWithdrawn(Event, name="worktime.office_hours_withdrawn"):
    valid_from: date


@dataclass(frozen=True)
class DayOverridden(Event, name="worktime.day_overridden"):
    day: date
    kind: str
    hours: tuple[str, ...]


@dataclass(frozen=True)
class OverrideWithdrawn(Event, name="worktime.override_withdrawn"):
    day: date
