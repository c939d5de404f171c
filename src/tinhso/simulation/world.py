"""A profile laid over this install's agencies: who arrives when, where, and who will work on it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings

from tinhso.core.agencies import units
from tinhso.core.agencies.demo import home
from tinhso.core.agencies.models import Agency, Kind, Staff
from tinhso.core.worktime.calendar import ZONE, Calendar, WorkDuration
from tinhso.core.worktime.queries import calendar_for

from .people import ALIKE, Citizen
from .profile import Profile

ROOM = ALIKE * 2678  # numbers of people kept for each commune
OFFICE = ("counter", "post")


@dataclass
class Place:
    """A commune with those who work there, by role, in a fixed order."""

    index: int
    agency: Agency
    kind: str  # phường, xã, đặc khu
    weight: float
    staff: dict[str, list[Staff]] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """The n-th application. `chance` draws everything else about it."""

    n: int
    at: datetime
    channel: str
    place: Place
    citizen: Citizen
    chance: Random


@dataclass
class World:
    """`count` arrivals between `since` and `until`; what is not finished then is still open."""

    profile: Profile
    seed: int
    since: datetime
    until: datetime
    count: int
    communes: int  # how many of them take part; 0: all

    @property
    def name(self) -> str:
        """What makes two worlds the same: everything that an arrival depends on."""
        parts = (self.profile.key, self.seed, self.count, self.communes)
        return "-".join([*map(str, parts), f"{self.since:%y%m%d%H}", f"{self.until:%y%m%d%H}"])

    @cached_property
    def places(self) -> list[Place]:
        """The communes that take part, the demo's own first, then by code."""
        first = home()[1]
        others = Agency.objects.open_at(self.since).filter(kind=Kind.COMMUNE).exclude(pk=first.pk).order_by("code")
        weights: Mapping[str, float] = self.profile["weight_of_commune"]
        found = []
        for index, agency in enumerate([first, *others][: self.communes or None]):
            unit = units.unit(agency.unit_code)
            kind = unit.kind if unit else "xã"
            found.append(Place(index, agency, kind, weights.get(kind, 1.0)))
        return found

    @cached_property
    def offices(self) -> dict[UUID, Place]:
        """Where dossiers are worked on, by the agency's id: the communes, and the province's committee, which decides
        on what was handed in to them."""
        return {place.agency.pk: place for place in [*self.places, Place(-1, home()[0], "tỉnh", 0.0)]}

    @cached_property
    def people_of_each(self) -> int:
        """How many people of a commune have errands at all; a multiple of `ALIKE`."""
        some: float = self.count / len(self.places) / self.profile["dossiers_a_person"]
        return ALIKE * max(1, math.ceil(some / ALIKE))

    @cached_property
    def calendar(self) -> Calendar:
        return calendar_for(self.places[0].agency.pk)

    def chance(self, *about: Any) -> Random:
        """Draws that are the same in every process and run."""
        return Random(":".join(map(str, (self.name, *about))))  # noqa: S311  # it must be repeatable, not secret

    def arrival(self, n: int) -> Arrival:
        """The n-th of `count`; later ones come later, channel by channel."""
        chance = self.chance(n)
        channel = pick(chance, self.profile["channels"])
        at = self._moment((n + chance.random()) / self.count, channel, chance)
        place = self.places[bisect_right(self._places, chance.random() * self._places[-1])]
        someone = place.index * ROOM + chance.randrange(self.people_of_each)
        return Arrival(n, at, channel, place, Citizen(someone, settings.TINHSO.province), chance)

    @cached_property
    def _places(self) -> list[float]:
        return list(accumulate(place.weight for place in self.places))

    def _moment(self, share: float, channel: str, chance: Random) -> datetime:
        days, sums = self._days["office" if channel in OFFICE else "online"]
        day = days[min(bisect_right(sums, share * sums[-1]), len(days) - 1)]
        hours = self.profile["hours_office" if channel in OFFICE else "hours_online"]
        for _try in range(200):
            clock = time(int(pick(chance, hours)), chance.randrange(60), chance.randrange(60), chance.randrange(10**6))
            at = datetime.combine(day, clock, ZONE)
            if self.since <= at < self.until and (channel not in OFFICE or self.calendar.is_open(at)):
                return at
        return min(max(self.calendar.opening(self.since), at), self.until)  # a span of minutes

    @cached_property
    def _days(self) -> dict[str, tuple[list[date], list[float]]]:
        """The days of the span with the demand up to each, for those who need an open office and for others."""
        months, weekdays = self.profile["months"], self.profile["weekdays"]
        tables: dict[str, tuple[list[date], list[float]]] = {"office": ([], []), "online": ([], [])}
        day = self.since.astimezone(ZONE).date()
        while day <= self.until.astimezone(ZONE).date():
            worked = bool(self.calendar.hours(day))
            for name, (days, sums) in tables.items():
                if worked or name == "online":
                    weekday = day.weekday() if worked else max(day.weekday(), 5)
                    days.append(day)
                    sums.append((sums[-1] if sums else 0.0) + months[day.month - 1] * weekdays[weekday])
            day += timedelta(days=1)
        if not tables["office"][0]:
            raise ValueError("the span has no working day")
        return tables

    # Work

    def official(self, place: Place, role: str, chance: Random) -> Staff:
        """Who of a commune does work of a role: any of them, the quick ones more often."""
        them = place.staff[role]
        return them[0] if len(them) == 1 else chance.choices(them, [1 / self.pace_of(one) for one in them])[0]

    def pace_of(self, staff: Staff) -> float:
        """Below 1: quicker than others. The same person is always the same."""
        return math.exp(self.chance("pace", staff.account.username).gauss(0, self.profile["staff_spread"]))

    def worked(
        self, at: datetime, limit: WorkDuration | None, staff: Staff, calendar: Calendar, chance: Random
    ) -> datetime:
        """When a step is done that began at `at` and may take `limit`: within office hours, by that official's pace."""
        hours = self.profile["hours_without_limit"] / self.profile["pace"]
        if limit is not None:
            # A day of the usual office hours has eight.
            hours = limit.amount if limit.unit == "working_hours" else max(limit.amount, 0.5) * 8
        hours *= self.profile["pace"] * self.pace_of(staff) * math.exp(chance.gauss(0, self.profile["spread"]))
        minutes = max(3, int(hours * 60))
        started = calendar.opening(at + timedelta(minutes=minutes % 60, seconds=chance.randrange(60)))
        return calendar.add(started, WorkDuration(min(minutes // 60, 2000), "working_hours"))


def pick(chance: Random, weights: Mapping[str, float]) -> str:
    """One of the keys by its weight."""
    return chance.choices(list(weights), list(weights.values()))[0]
