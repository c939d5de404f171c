"""Figures, with how far the ledger was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q, Sum

from ..agencies.models import Agency
from .declare import Indicator, Key, Kind, Recounted, get
from .folds import STANDING
from .models import Cell, Fold


@dataclass(frozen=True)
class AsOf:
    """How far a figure has read: the ledger's position, and when that entry happened."""

    position: int
    at: datetime | None


@dataclass(frozen=True)
class Row:
    """A figure, or a part of it. `of` is the day, agency or dimension it is for; empty for the whole."""

    of: Any
    count: int
    sum: int
    hist: tuple[int, ...] = ()

    @property
    def mean(self) -> float | None:
        """The average amount; None where nothing was counted."""
        return self.sum / self.count if self.count else None


@dataclass(frozen=True)
class Figure:
    """An answer: the whole, its parts where one asked for them, and how fresh it is."""

    indicator: Indicator
    total: Row
    rows: list[Row] = field(default_factory=list)
    as_of: AsOf = field(default_factory=lambda: AsOf(0, None))

    @property
    def value(self) -> int:
        """The one number: how many for counts and histograms, how much for sums and stocks."""
        return self.total.count if self.indicator.kind in (Kind.COUNT, Kind.HISTOGRAM) else self.total.sum


def as_of(name: str) -> AsOf:
    """How far an indicator has read; position 0 before its first entry or while it is first built."""
    fold = Fold.objects.filter(pk=name).first()
    return AsOf(fold.position, fold.at) if fold else AsOf(0, None)


def figure(
    name: str,
    *,
    since: date,
    until: date,
    agency: UUID | None = None,
    by: str = "",
    where: Mapping[str, str | int] | None = None,
) -> Figure:
    """A figure over the days `since` to `until`, both included; for a stock, as it stood at the end of `until`.

    `agency` takes in everything below it; None is the whole province. `by` cuts it by "day",
    "agency" or a declared dimension; `where` keeps some values of dimensions. A stock by day
    gives each day's closing. Raises KeyError for an indicator, ValueError for a dimension
    that is not declared.
    """
    indicator = get(name)
    cells = _cells(indicator, agency, where or {})
    column = _column(indicator, by) if by else ""
    fresh = as_of(name)
    if indicator.kind is Kind.STOCK:
        return _stock(indicator, cells, since, until, column, fresh)
    cells = cells.filter(day__gte=since, day__lte=until)
    rows = _added(indicator, cells, column)
    total = Row("", sum(r.count for r in rows), sum(r.sum for r in rows), _pile(r.hist for r in rows))
    return Figure(indicator, total, rows if by else [], fresh)


def _cells(indicator: Indicator, agency: UUID | None, where: Mapping[str, str | int]) -> models.QuerySet[Cell]:
    cells = Cell.objects.filter(indicator=indicator.name)
    if agency is not None:
        cells = cells.filter(agency_id__in=Agency.objects.filter(path__contains=[agency]).values("pk"))
    for dim, value in where.items():
        cells = cells.filter(**{_column(indicator, dim): str(value)})
    return cells


def _column(indicator: Indicator, by: str) -> str:
    if by in ("day", "agency"):
        return {"day": "day", "agency": "agency_id"}[by]
    if by not in indicator.dims:
        raise ValueError(f"{indicator.name} is not kept by {by}")
    return f"dim{indicator.dims.index(by) + 1}"


def _added(indicator: Indicator, cells: models.QuerySet[Cell], column: str) -> list[Row]:
    """One row for each value of `column` (all in one where it is empty), added up by the database."""
    groups: dict[Any, tuple[int, int]] = {}
    if column:
        for of, count, total in cells.values_list(column).annotate(Sum("count"), Sum("sum")).order_by(column):
            groups[of] = (count, total)
    else:
        whole = cells.aggregate(count=Sum("count", default=0), sum=Sum("sum", default=0))
        groups[""] = (whole["count"], whole["sum"])
    piles: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    histograms = cells.exclude(hist=[]) if indicator.kind is Kind.HISTOGRAM else cells.none()
    for cell in histograms.values_list(*([column] if column else []), "hist"):
        piles[cell[0] if column else ""].append(tuple(cell[-1]))
    return [Row(of, count, total, _pile(piles[of])) for of, (count, total) in groups.items()]


def _pile(hists: Any) -> tuple[int, ...]:
    return tuple(sum(bucket) for bucket in zip(*(h for h in hists if h), strict=True))


def _stock(
    indicator: Indicator, cells: models.QuerySet[Cell], since: date, until: date, column: str, fresh: AsOf
) -> Figure:
    """What stands now, less what came after `until`: cheap for the recent days that people look at."""
    later = cells.filter(day__gt=until).exclude(day=STANDING)
    signed = {True: 1, False: -1}
    parts: dict[Any, int] = defaultdict(int)
    cut = column if column != "day" else ""
    for now in (True, False):
        source = cells.filter(day=STANDING) if now else later
        for row in _added(indicator, source, cut):
            parts[row.of] += signed[now] * row.sum
    total = Row("", 0, sum(parts.values()))
    if column != "day":
        rows = [Row(of, 0, value) for of, value in sorted(parts.items(), key=lambda p: str(p[0]))] if column else []
        return Figure(indicator, total, rows, fresh)
    changes = {row.of: row.sum for row in _added(indicator, cells.filter(day__gt=since, day__lte=until), "day")}
    rows, standing, day = [], total.sum, until
    while day >= since:
        rows.append(Row(day, 0, standing))
        standing -= changes.get(day, 0)
        day -= timedelta(days=1)
    return Figure(indicator, total, rows[::-1], fresh)


@dataclass(frozen=True)
class Difference:
    """A cell where the fold and the rows disagree: a bug."""

    key: Key
    folded: tuple[int, int]
    counted: tuple[int, int]


def differences(name: str) -> list[Difference]:
    """Compare all cells of an indicator with a recount from the rows; empty is right.

    Raises ValueError where no recount is declared. Bring the ledger's consumers up to date before.
    """
    counted = get(name).recount()
    if counted is None:
        raise ValueError(f"{name} declares no recount")
    folded = {
        Key(*row[:4]): (row[4], row[5])
        for row in Cell.objects.filter(indicator=name)
        .exclude(day=STANDING)
        .exclude(Q(count=0) & Q(sum=0))
        .values_list("day", "agency_id", "dim1", "dim2", "count", F("sum"))
    }
    rows = _merged(counted)
    return [
        Difference(key, folded.get(key, (0, 0)), rows.get(key, (0, 0)))
        for key in sorted(folded.keys() | rows.keys())
        if folded.get(key, (0, 0)) != rows.get(key, (0, 0))
    ]


def _merged(counted: list[Recounted]) -> dict[Key, tuple[int, int]]:
    merged: dict[Key, tuple[int, int]] = {}
    for one in counted:
        had = merged.get(one.key, (0, 0))
        merged[one.key] = had[0] + one.count, had[1] + one.sum
    return {key: value for key, value in merged.items() if value != (0, 0)}
