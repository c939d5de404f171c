"""What an indicator is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from ..ledger.consumers import Placed

NOBODY = UUID(int=0)  # the agency of entries that name none
EVERYWHERE = UUID(int=2**128 - 1)  # in totals: the whole province


class Kind(StrEnum):
    """How a figure adds up."""

    COUNT = "count"  # how many
    SUM = "sum"  # how much in all, and how many
    HISTOGRAM = "histogram"  # how many, how much, and how they spread over buckets
    STOCK = "stock"  # what there is at a moment: goes up and down
    LEVEL = "level"  # what there is at the end of a day because time went by: counted when the day closes


class Key(NamedTuple):
    """Address of a cell inside its indicator."""

    day: date
    agency: UUID
    dim1: str = ""
    dim2: str = ""


@dataclass(frozen=True)
class Delta:
    """What one entry adds: values of the dimensions in their order, and an amount.

    `amount` is 1 for counts; đồng, seconds or another whole unit for sums and histograms;
    positive or negative for stocks. Day and agency are the entry's unless stated.
    """

    dim1: str | int = ""
    dim2: str | int = ""
    amount: int = 1
    day: date | None = None
    agency: UUID | None = None


@dataclass(frozen=True)
class Recounted:
    """A cell as counted from the rows themselves; `count` and `sum` as `Cell` has them."""

    key: Key
    count: int
    sum: int = 0


Mapping = Callable[[Placed], "Delta | Iterable[Delta] | None"]
Measure = Callable[[datetime], "Iterable[tuple[UUID, str, str, int]]"]  # agency, values of the dimensions, how many
_INDICATORS: dict[str, Indicator] = {}


@dataclass(frozen=True)
class Indicator:
    """A declared figure. Raise `version` when its mapping changes: it is then rebuilt from the ledger.

    `dims` names at most two small dimensions (tens of values). `buckets` are the upper bounds
    of a histogram, inclusive; one more bucket takes what is above them all.
    """

    name: str
    title: Any
    unit: Any
    kind: Kind
    dims: tuple[str, ...] = ()
    describe: Any = ""
    buckets: tuple[int, ...] = ()
    version: int = 1
    mappings: dict[str, Mapping] = field(default_factory=dict, compare=False, repr=False)
    _recount: list[Callable[[], Iterable[Recounted]]] = field(default_factory=list, compare=False, repr=False)
    _measure: list[Measure] = field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.dims) > 2:
            raise ValueError(f"{self.name}: two dimensions at most, or cells grow without end")
        if bool(self.buckets) != (self.kind is Kind.HISTOGRAM) or list(self.buckets) != sorted(set(self.buckets)):
            raise ValueError(f"{self.name}: a histogram, and nothing else, has rising buckets")
        if _INDICATORS.setdefault(self.name, self) is not self:
            raise ValueError(f"indicator {self.name} is declared twice")

    def on(self, event: str) -> Callable[[Mapping], Mapping]:
        """Declare what an entry of this event adds."""

        def register(mapping: Mapping) -> Mapping:
            if event in self.mappings:
                raise ValueError(f"{self.name} reads {event} twice")
            self.mappings[event] = mapping
            return mapping

        return register

    def recounted(self, function: Callable[[], Iterable[Recounted]]) -> Callable[[], Iterable[Recounted]]:
        """Declare how the same figures are counted from the rows."""
        self._recount.append(function)
        return function

    def recount(self) -> list[Recounted] | None:
        """The figures counted from the rows; None where nobody declared how."""
        return list(self._recount[0]()) if self._recount else None

    def measured(self, function: Measure) -> Measure:
        """Declare how a level is counted at a moment, quickly and from the rows: no entry says that time went by."""
        if self.kind is not Kind.LEVEL:
            raise ValueError(f"{self.name}: only a level is counted when a day closes; others follow from the ledger")
        self._measure.append(function)
        return function

    def level(self, at: datetime) -> list[tuple[UUID, str, str, int]]:
        """A level as it stands at that moment: agency, values of the dimensions, how many."""
        return list(self._measure[0](at))

    def deltas(self, entry: Placed) -> list[tuple[Key, int]]:
        """Cells an entry changes, and by how much."""
        mapping = self.mappings.get(entry.event)
        found = mapping(entry) if mapping else None
        deltas = [found] if isinstance(found, Delta) else list(found or ())
        day = timezone.localtime(entry.at).date()
        return [
            (Key(d.day or day, d.agency or entry.agency_id or NOBODY, str(d.dim1), str(d.dim2)), d.amount)
            for d in deltas
        ]

    def bucket(self, amount: int) -> list[int]:
        """The histogram of one amount."""
        hist = [0] * (len(self.buckets) + 1) if self.buckets else []
        if hist:
            hist[bisect_left(self.buckets, amount)] = 1
        return hist


def indicators() -> list[Indicator]:
    """All declared indicators, by name."""
    return sorted(_INDICATORS.values(), key=lambda i: i.name)


def get(name: str) -> Indicator:
    """A declared indicator. Raises KeyError."""
    return _INDICATORS[name]
