"""From entries to cells: one statement a batch, each entry once, rebuilt when a declaration changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from ..ledger.consumers import Placed, consumer, entries_between, last_position
from ..ledger.models import Cursor
from .declare import EVERYWHERE, Indicator, Key, Kind, get, indicators
from .jobs import rebuild_job
from .models import Cell, Fold, Total

CONSUMER = "indicators"
STANDING = date.max  # the day under which a stock keeps what it stands at
BUILDING = "~building"
STEP = 5_000  # entries a transaction of a rebuild takes: well under the 5 s no transaction may exceed

# One statement for cells and one for totals, each row once and in one order.
_UPSERT = """
INSERT INTO {table} AS c ({key}, count, sum, hist)
SELECT {key}, count, sum, hist::bigint[]
FROM unnest({types}, %s::bigint[], %s::bigint[], %s::text[]) AS n ({key}, count, sum, hist)
ON CONFLICT ({key}) DO UPDATE SET
    count = c.count + excluded.count,
    sum = c.sum + excluded.sum,
    hist = ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0)
                 FROM unnest(c.hist, excluded.hist) WITH ORDINALITY AS t (a, b, i) ORDER BY i)
"""
_CELLS = _UPSERT.format(
    table="indicators_cell",
    key="indicator, day, agency_id, dim1, dim2",
    types="%s::text[], %s::date[], %s::uuid[], %s::text[], %s::text[]",
)
_TOTALS = _UPSERT.format(
    table="indicators_total",
    key="indicator, span, agency_id, day, dim1, dim2",
    types="%s::text[], %s::text[], %s::uuid[], %s::date[], %s::text[], %s::text[]",
)
Amount = tuple[int, int, list[int]]  # count, sum, histogram


class Sums:
    """What a batch adds to each cell, and with that to the totals."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, Key], Amount] = {}

    def add(self, indicator: Indicator, target: str, entry: Placed) -> None:
        """Add what an entry means to an indicator, to cells named `target`."""
        for key, amount in indicator.deltas(entry):
            if indicator.kind is Kind.STOCK:
                self.add_to(target, key, 0, amount, [])
                self.add_to(target, key._replace(day=STANDING), 0, amount, [])
            elif indicator.kind is Kind.COUNT:
                self.add_to(target, key, amount, 0, [])
            else:
                self.add_to(target, key, 1, amount, indicator.bucket(amount))

    def add_to(self, target: str, key: Key, count: int, total: int, hist: list[int]) -> None:
        """Add amounts to one cell."""
        self.cells[target, key] = _plus(self.cells.get((target, key)), (count, total, hist))

    def totals(self) -> dict[tuple[str, str, UUID, date, str, str], Amount]:
        """The same by whole months of an agency, and by days and months of the whole province."""
        found: dict[tuple[str, str, UUID, date, str, str], Amount] = {}
        for (name, key), amount in self.cells.items():
            spans = [(Total.Span.DAY, EVERYWHERE, key.day)]
            if key.day != STANDING:
                first = key.day.replace(day=1)
                spans += [(Total.Span.MONTH, EVERYWHERE, first), (Total.Span.MONTH, key.agency, first)]
            for span, agency, day in spans:
                place = (name, span.value, agency, day, key.dim1, key.dim2)
                found[place] = _plus(found.get(place), amount)
        return found

    def save(self) -> None:
        """Write all of it in two statements, in one order, so that two writers never wait for each other in a ring."""
        if self.cells:
            _save(_CELLS, {(name, *key): amount for (name, key), amount in self.cells.items()})
            _save(_TOTALS, self.totals())


def _plus(had: Amount | None, more: Amount) -> Amount:
    if had is None:
        return more
    return had[0] + more[0], had[1] + more[1], [a + b for a, b in zip(had[2], more[2], strict=True)]


def _save(statement: str, amounts: dict[Any, Amount]) -> None:
    rows = [
        (*place, count, total, "{" + ",".join(map(str, hist)) + "}")
        for place, (count, total, hist) in sorted(amounts.items())
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


@consumer(CONSUMER)
def fold(batch: Sequence[Placed]) -> None:
    """Add a batch to every indicator that is up to date; one that is new or changed is rebuilt by a job.

    The consumer's cursor, which the ledger locks around this, is the lock of all cells as well.
    """
    last = batch[-1]
    states = Fold.objects.in_bulk()
    sums = Sums()
    for indicator in indicators():
        if indicator.kind is Kind.LEVEL:
            continue
        state = states.get(indicator.name)
        if state is None and batch[0].position == 1:
            state = Fold(indicator=indicator.name, version=indicator.version, position=0)
        if state is None or state.version != indicator.version:
            if indicator.name + BUILDING not in states:
                Fold.objects.create(indicator=indicator.name + BUILDING, version=indicator.version, position=0)
                rebuild_job.defer(indicator=indicator.name)
            continue
        for entry in batch:
            if entry.position > state.position:  # a rebuild may have read further than the cursor
                sums.add(indicator, indicator.name, entry)
        if last.position > state.position:
            state.position, state.at = last.position, last.at
            state.save()
    sums.save()


def _clear(name: str) -> None:
    for table in (Cell, Total):
        table.objects.filter(indicator=name).delete()


def rebuild(name: str) -> None:
    """Make an indicator's cells anew from the ledger, in short steps beside the old ones, then swap. A level, which
    does not follow from the ledger, keeps the days that were closed.

    Readers see the old figures until the swap. Raises KeyError for an indicator nobody declared.
    """
    if get(name).kind is Kind.LEVEL:
        return
    indicator, building = get(name), name + BUILDING
    Cursor.objects.get_or_create(consumer=CONSUMER)  # the lock of the swap, there before anything was ever folded
    with transaction.atomic():
        _clear(building)
        fresh = {"version": indicator.version, "position": 0, "at": None}
        Fold.objects.update_or_create(indicator=building, defaults=fresh)
    while _step(indicator, building):
        pass


@transaction.atomic
def _step(indicator: Indicator, building: str) -> bool:
    """Fold some more; at the end of the ledger swap. False when done."""
    new = Fold.objects.select_for_update().filter(pk=building).first()
    if new is None:
        return False  # another rebuild of the same indicator has finished
    last = last_position()
    more = last - new.position > STEP
    if not more:
        # Folding stands still from here to the commit. What it has read meanwhile is read here too.
        Cursor.objects.select_for_update().filter(consumer=CONSUMER).first()
        last = last_position()
    until = min(last, new.position + STEP) if more else last
    sums = Sums()
    for entry in entries_between(new.position, until, indicator.mappings):
        sums.add(indicator, building, entry)
    sums.save()
    if until:
        new.position, new.at = until, entries_between(until - 1, until)[0].at
        new.save()
    if more:
        return True
    _clear(indicator.name)
    for table in (Cell, Total):
        table.objects.filter(indicator=building).update(indicator=indicator.name)
    Fold.objects.filter(pk__in=[building, indicator.name]).delete()
    Fold.objects.create(indicator=indicator.name, version=indicator.version, position=new.position, at=new.at)
    return False


def close_days(at: datetime) -> None:
    """Count levels at the end of yesterday and keep them. Days missed before (the worker stood still) are counted now,
    from the rows as they are now, a week back at most; what was closed once is never counted again."""
    yesterday = timezone.localtime(at).date() - timedelta(days=1)
    for indicator in indicators():
        if indicator.kind is not Kind.LEVEL:
            continue
        fold = Fold.objects.filter(pk=indicator.name).first()
        first = timezone.localtime(fold.at).date() if fold and fold.at else yesterday
        day = max(first, yesterday - timedelta(days=6))
        while day <= yesterday:
            _close(indicator, day)
            day += timedelta(days=1)


@transaction.atomic
def _close(indicator: Indicator, day: date) -> None:
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    cells = [
        Cell(indicator=indicator.name, day=day, agency_id=agency, dim1=dim1, dim2=dim2, sum=many)
        for agency, dim1, dim2, many in indicator.level(end)
    ]
    Cell.objects.bulk_create(cells)
    Fold.objects.update_or_create(
        indicator=indicator.name, defaults={"version": indicator.version, "position": 0, "at": end}
    )
