"""Figures, with how far the ledger was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from .declare import EVERYWHERE, Indicator, Key, Kind, Recounted, get
from .folds import STANDING
from .models import Cell, Fold

Where = Mapping[str, str | int | Sequence[str]]  # dimension → the value, or the values, to keep


@dataclass(frozen=True)
class AsOf:
    """How far a figure has read: the ledger's position, and when that entry happened."""

    position: int
    at: datetime | None


@dataclass(frozen=True)
class Row:
    """A figure, or a part of it. `of` is the day, month, agency or dimension it is for, a tuple where it is cut by
    several; empty for the whole."""

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
        """The one number: how many for counts and histograms, how much for sums, stocks and levels."""
        return self.total.count if self.indicator.kind in (Kind.COUNT, Kind.HISTOGRAM) else self.total.sum


def percentile(row: Row, buckets: Sequence[int], share: int) -> float | None:
    """The amount below which `share` per cent of a histogram lie, as if each bucket were filled evenly; above the last
    bound that bound itself. None where nothing was counted."""
    wanted, passed, low = row.count * share / 100, 0, 0
    if not row.count:
        return None
    for many, high in zip(row.hist, buckets, strict=False):
        if many and passed + many >= wanted:
            return low + (high - low) * (wanted - passed) / many
        passed, low = passed + many, high
    return float(low)


def as_of(name: str) -> AsOf:
    """How far an indicator has read; position 0 before its first entry or while it is first built. Of a level: the
    end of the last day that was closed."""
    fold = Fold.objects.filter(pk=name).first()
    return AsOf(fold.position, fold.at) if fold else AsOf(0, None)


def figure(
    name: str,
    *,
    since: date,
    until: date,
    agency: UUID | None = None,
    by: str | Sequence[str] = "",
    where: Where | None = None,
    fresh: AsOf | None = None,
) -> Figure:
    """A figure over the days `since` to `until`, both included; for a stock, as it stood at the end of `until`; for a
    level, as it was counted at the end of `until`, nothing where that day was never closed.

    `agency` takes in everything below it; None is the whole province. `by` cuts it by "day", "month" (its first day),
    "agency" or declared dimensions, one or several; `where` keeps some values of dimensions. A stock by day gives each
    day's closing. Whole months, and the whole province, are read from totals. Who asks for many at once reads `as_of`
    before, of one that is folded with them, and says so by `fresh`. Raises KeyError for an indicator,
    ValueError for a dimension that is not declared.
    """
    indicator = get(name)
    asked = _Asked(
        indicator, agency, (by,) if isinstance(by, str) and by else tuple(by), where or {}, isinstance(by, str)
    )
    fresh = fresh or as_of(name)
    if indicator.kind is Kind.STOCK:
        return _stock(asked, since, until, fresh)
    rows = asked.rows(asked.days(until, until) if indicator.kind is Kind.LEVEL else asked.parts(since, until))
    return Figure(indicator, _whole(rows), rows if by else [], fresh)


def _whole(rows: Sequence[Row]) -> Row:
    return Row("", sum(r.count for r in rows), sum(r.sum for r in rows), _pile(r.hist for r in rows))


def _pile(hists: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(bucket) for bucket in zip(*(h for h in hists if h), strict=True))


Part = tuple[str, list[Any]]  # a SELECT of cells or totals, with its values


@dataclass(frozen=True)
class _Asked:
    """Which cells, cut how; and the statements that read them."""

    indicator: Indicator
    agency: UUID | None
    by: tuple[str, ...]
    where: Where
    single: bool = True  # parts are named by a value, not by a tuple
    exact: bool = False  # the agency itself, without those below

    def __post_init__(self) -> None:
        for name in (*self.by, *self.where):
            self._column(name)

    def _column(self, by: str) -> str:
        if by in ("day", "agency", "month"):
            return {"day": "day", "agency": "agency_id", "month": "date_trunc('month', day)::date"}[by]
        if by not in self.indicator.dims:
            raise ValueError(f"{self.indicator.name} is not kept by {by}")
        return f"dim{self.indicator.dims.index(by) + 1}"

    def days(self, since: date, until: date) -> list[Part]:
        """Cells of these days; of the whole province their totals, where there are some."""
        if self.agency is None and "agency" not in self.by and self.indicator.kind is not Kind.LEVEL:
            return [self._of("indicators_total", "span = 'd' AND agency_id = %s", [EVERYWHERE], since, until)]
        return [self._of("indicators_cell", *self._here(), since, until)]

    def _months(self, since: date, until: date) -> Part:
        if self.agency is None and "agency" not in self.by:
            return self._of("indicators_total", "span = 'm' AND agency_id = %s", [EVERYWHERE], since, until)
        here, values = self._here()
        return self._of(
            "indicators_total", f"span = 'm' AND agency_id <> %s AND {here}", [EVERYWHERE, *values], since, until
        )

    def _here(self) -> tuple[str, list[Any]]:
        if self.agency is None:
            return "true", []
        if self.exact:
            return "agency_id = %s", [self.agency]
        return "agency_id IN (SELECT id FROM agencies_agency WHERE path @> ARRAY[%s]::uuid[])", [self.agency]

    def _of(self, table: str, which: str, values: list[Any], since: date, until: date) -> Part:
        tests, more = [which, "indicator = %s", "day BETWEEN %s AND %s"], [self.indicator.name, since, until]
        for dim, value in self.where.items():
            several = not isinstance(value, str | int)
            tests.append(f"{self._column(dim)} = ANY(%s)" if several else f"{self._column(dim)} = %s")
            more.append([str(one) for one in value] if several else str(value))  # type: ignore[union-attr]
        names = "day, agency_id, dim1, dim2, count, sum, hist"
        return f"SELECT {names} FROM {table} WHERE {' AND '.join(tests)}", [*values, *more]  # noqa: S608  # our own names

    def parts(self, since: date, until: date) -> list[Part]:
        """Whole months from totals, the days before and after them from cells."""
        first = since if since.day == 1 else _next(since)
        end = until if _next(until) == until + timedelta(days=1) else until.replace(day=1) - timedelta(days=1)
        if "day" in self.by or first > end:
            return self.days(since, until)
        parts = [self._months(first, end)]
        if since < first:
            parts += self.days(since, first - timedelta(days=1))
        if end < until:
            parts += self.days(end + timedelta(days=1), until)
        return parts

    def rows(self, parts: Sequence[Part], *, cut: Sequence[str] | None = None) -> list[Row]:
        """One row for each value of what it is cut by, added up by the database."""
        columns = ", ".join(self._column(by) for by in (self.by if cut is None else cut))
        union = " UNION ALL ".join(part for part, _values in parts)
        values = [value for _part, some in parts for value in some]
        sums = f"SELECT {columns + ', ' if columns else ''}sum(count), sum(sum) FROM ({union}) AS c"  # noqa: S608  # our own names
        grouped = f" GROUP BY {columns} ORDER BY {columns}" if columns else ""
        width = len(self.by if cut is None else cut)
        if self.indicator.kind is Kind.HISTOGRAM:
            return self._piled(union, values, columns, width)
        with connection.cursor() as cursor:
            cursor.execute(sums + grouped, values)
            return [Row(self._named(of[:width]), int(of[-2] or 0), int(of[-1] or 0)) for of in cursor.fetchall()]

    def _piled(self, union: str, values: list[Any], columns: str, width: int) -> list[Row]:
        """Histograms added up bucket by bucket; the sum goes along as the last. Each amount is in one bucket, so they
        are as many as the buckets hold."""
        first = columns + ", " if columns else ""
        statement = f"SELECT {first}sum(v) FROM ({union}) AS c, unnest(hist || sum) WITH ORDINALITY AS h (v, i)"  # noqa: S608  # our own names
        found: dict[tuple[Any, ...], list[int]] = {} if columns else {(): []}
        with connection.cursor() as cursor:
            cursor.execute(f"{statement} GROUP BY {first}i ORDER BY {first}i", values)
            for row in cursor.fetchall():
                found.setdefault(row[:width], []).append(int(row[-1]))
        return [
            Row(self._named(of), sum(pile[:-1]), pile[-1] if pile else 0, tuple(pile[:-1]))
            for of, pile in found.items()
        ]

    def _named(self, of: tuple[Any, ...]) -> Any:
        return (of[0] if of else "") if self.single else of


def _next(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _stock(asked: _Asked, since: date, until: date, fresh: AsOf) -> Figure:
    """What stands now, less what came after `until`: cheap for the recent days that people look at."""
    cut = tuple(by for by in asked.by if by != "day")
    later = asked.parts(until + timedelta(days=1), STANDING - timedelta(days=31))
    parts: dict[Any, int] = defaultdict(int)
    for sign, cells in ((1, asked.days(STANDING, STANDING)), (-1, later)):
        for row in asked.rows(cells, cut=cut):
            parts[row.of] += sign * row.sum
    total = Row("", 0, sum(parts.values()))
    if "day" not in asked.by:
        rows = [Row(of, 0, value) for of, value in sorted(parts.items(), key=lambda p: str(p[0]))] if cut else []
        return Figure(asked.indicator, total, rows, fresh)
    changes = {row.of: row.sum for row in asked.rows(asked.days(since + timedelta(days=1), until), cut=("day",))}
    rows, standing, day = [], total.sum, until
    while day >= since:
        rows.append(Row(day, 0, standing))
        standing -= changes.get(day, 0)
        day -= timedelta(days=1)
    return Figure(asked.indicator, total, rows[::-1], fresh)


def places(
    name: str,
    *,
    since: date,
    until: date,
    agency: UUID | None,
    where: Where,
    limit: int,
    exact: bool = False,
) -> tuple[dict[date, list[UUID]], bool]:
    """The way from a figure down to its cases: the latest days and agencies where it was counted, by `limit` cells, and
    whether there were as many, so that the last day may go on. `exact`: without agencies below."""
    asked = _Asked(get(name), agency, ("day", "agency"), where, exact=exact)
    ((part, values),) = asked.days(since, until)
    found: dict[date, list[UUID]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(f"{part} AND count > 0 ORDER BY day DESC LIMIT %s", [*values, limit])
        cells = cursor.fetchall()
    for day, one, *_counted in cells:
        if one not in found[day]:
            found[day].append(one)
    return dict(found), len(cells) == limit


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
