"""A time limit that can stand still while someone else must act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from .calendar import Calendar, WorkDuration


@dataclass(frozen=True)
class Clock:
    """A limit from `start`, and the pauses in which it did not run (waiting for the applicant).

    A value: `pause` and `resume` return a new clock. The last pause is open while its end is None.
    """

    start: datetime
    duration: WorkDuration
    cutoff: time | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None

    def pause(self, at: datetime) -> Clock:
        """The clock standing still from `at`; raises ValueError if it does already."""
        if self.paused or at < (self.pauses[-1][1] or at if self.pauses else self.start):
            raise ValueError("a running clock is paused, and not before its last change")
        return replace(self, pauses=(*self.pauses, (at, None)))

    def resume(self, at: datetime) -> Clock:
        """The clock running again from `at`; raises ValueError if it runs already."""
        if not self.paused or at < self.pauses[-1][0]:
            raise ValueError("a paused clock is resumed, and not before its pause")
        return replace(self, pauses=(*self.pauses[:-1], (self.pauses[-1][0], at)))

    def due(self, calendar: Calendar) -> datetime | None:
        """When the limit ends; None while the clock stands still, for nobody knows."""
        return None if self.paused else self._due(calendar)

    def remaining(self, calendar: Calendar, at: datetime) -> timedelta:
        """Working time left at `at`; negative when late. Constant during a pause."""
        return calendar.between(self.pauses[-1][0] if self.paused else at, self._due(calendar))

    def elapsed(self, calendar: Calendar, at: datetime) -> timedelta:
        """Working time used from the start until `at`, pauses left out."""
        used = calendar.between(self.start, at)
        for begin, end in self.pauses:
            used -= calendar.between(min(begin, at), min(end or at, at))
        return used

    def _due(self, calendar: Calendar) -> datetime:
        due = calendar.add(self.start, self.duration, self.cutoff)
        for begin, end in self.pauses:
            if end:
                due = calendar.extend(due, begin, end, self.duration.unit)
        return due
