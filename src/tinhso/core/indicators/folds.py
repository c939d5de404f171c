"""From entries to cells: one statement a batch, each entry once, rebuilt when a declaration changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from ..ledger.consumers import Placed, consumer, entries_between, last_position
from ..ledger.models import Cursor
from .declare import Indicator, Key, Kind, get, indicators
from .jobs import rebuild_job
from .models import Cell, Fold

CONSUMER = "indicators"
STANDING = date.max  # the day under which a stock keeps what it stands at
BUILDING = "~building"
STEP = 5_000  # entries a transaction of a rebuild takes: well under the 5 s no transaction may exceed

_UPSERT = """
INSERT INTO indicators_cell AS c (indicator, day, agency_id, dim1, dim2, count, sum, hist)
SELECT indicator, day, agency_id, dim1, dim2, count, sum, hist::bigint[]
FROM unnest(%s::text[], %s::date[], %s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
     AS n (indicator, day, agency_id, dim1, dim2, count, sum, hist)
ON CONFLICT (indicator, day, agency_id, dim1, dim2) DO UPDATE SET
    count = c.count + excluded.count,
    sum = c.sum + excluded.sum,
    hist = ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0)
                 FROM unnest(c.hist, excluded.hist) WITH ORDINALITY AS t (a, b, i) ORDER BY i)
"""


class Sums:
    """What a batch adds to each cell: count, sum, histogram."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, Key], tuple[int, int, list[int]]] = {}

    def add(self, indicator: Indicator, target: str, entry: Placed) -> None:
        """Add what an entry means to an indicator, to cells named `target`."""
        for key, amount in indicator.deltas(entry):
            if indicator.kind is Kind.STOCK:
                self._put(target, key, 0, amount, [])
                self._put(target, key._replace(day=STANDING), 0, amount, [])
            elif indicator.kind is Kind.COUNT:
                self._put(target, key, amount, 0, [])
            else:
                self._put(target, key, 1, amount, indicator.bucket(amount))

    def _put(self, target: str, key: Key, count: int, total: int, hist: list[int]) -> None:
        had = self.cells.get((target, key), (0, 0, [0] * len(hist)))
        self.cells[target, key] = had[0] + count, had[1] + total, [a + b for a, b in zip(had[2], hist, strict=True)]

    def save(self) -> None:
        """Write all of it in one statement, in one order, so that two writers never wait for each other in a ring."""
        if not self.cells:
            return
        rows = [
            (name, key.day, key.agency, key.dim1, key.dim2, count, total, "{" + ",".join(map(str, hist)) + "}")
            for (name, key), (count, total, hist) in sorted(self.cells.items())
        ]
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, [list(column) for column in zip(*rows, strict=True)])


@consumer(CONSUMER)
def fold(batch: Sequence[Placed]) -> None:
    """Add a batch to every indicator that is up to date; one that is new or changed is rebuilt by a job.

    The consumer's cursor, which the ledger locks around this, is the lock of all cells as well.
    """
    last = batch[-1]
    states = Fold.objects.in_bulk()
    sums = Sums()
    for indicator in indicators():
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


def rebuild(name: str) -> None:
    """Make an indicator's cells anew from the ledger, in short steps beside the old ones, then swap.

    Readers see the old figures until the swap. Raises KeyError for an indicator nobody declared.
    """
    indicator, building = get(name), name + BUILDING
    Cursor.objects.get_or_create(consumer=CONSUMER)  # the lock of the swap, there before anything was ever folded
    with transaction.atomic():
        Cell.objects.filter(indicator=building).delete()
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
    Cell.objects.filter(indicator=indicator.name).delete()
    Cell.objects.filter(indicator=building).update(indicator=indicator.name)
    Fold.objects.filter(pk__in=[building, indicator.name]).delete()
    Fold.objects.create(indicator=indicator.name, version=indicator.version, position=new.position, at=new.at)
    return False
