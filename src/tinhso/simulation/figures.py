"""Figures of printed copies: folded by the indicators' own declarations, once for the patterns, then added."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from tinhso.core.indicators.declare import Indicator, Key, indicators
from tinhso.core.indicators.folds import Sums
from tinhso.core.indicators.models import Fold
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.consumers import last_position
from tinhso.core.ledger.models import Cursor

from . import run
from .staff import pairs

if TYPE_CHECKING:
    from .volume import Printer

CELLS = 200_000  # written at once


def fold_copies(printer: Printer, started: int, entries: int) -> None:
    """Add what the copies mean to every figure, and move every reader past them; once, in one commit.

    The ledger stood at `started` and has `entries` more, all of them placed. Raises `Refused` where it has any others.
    """
    with run.patient("1h"), transaction.atomic():
        read = dict(Cursor.objects.select_for_update().values_list("consumer", "position"))
        if read and min(read.values()) >= started + entries:
            return  # folded before a kill
        recorded = last_position()
        if set(read.values()) != {started} or recorded != started + entries:
            raise Refused(
                "not_alone",
                f"The ledger has {recorded} entries where {started + entries} were expected: others worked meanwhile."
                " Begin again on a fresh install (`tinhso reset`).",
            )
        for indicator in indicators():
            for part in _added(printer, indicator):
                part.save()
        Fold.objects.filter(position=started).update(position=started + entries)
        Cursor.objects.update(position=started + entries)


def _added(printer: Printer, indicator: Indicator) -> Iterator[Sums]:
    """What all copies add to one indicator, some hundred thousand cells at a time."""
    sums: dict[int, Sums] = defaultdict(Sums)
    for one in printer.patterns:
        for entry in one.entries:
            sums[one.place.index].add(indicator, indicator.name, entry)
    times = Counter(
        (place.index, printer.target(place, copy).index)
        for copy in range(1, printer.copies + 1)
        for place in printer.world.places
    )
    total = Sums()
    for (index, other), often in times.items():
        place, there = printer.world.places[index], printer.world.places[other]
        ids = {str(place.agency.pk): str(there.agency.pk)}
        for _part, official, who in pairs(place, there):
            ids.setdefault(str(official.account_id), str(who.account_id))
            ids.setdefault(str(official.pk), str(who.pk))
        for (name, key), (count, amount, hist) in sums[index].cells.items():
            own = Key(key.day, UUID(ids.get(str(key.agency), str(key.agency))), *(ids.get(d, d) for d in key[2:]))
            had = total.cells.get((name, own), (0, 0, [0] * len(hist)))
            pile = [a + often * b for a, b in zip(had[2], hist, strict=True)]
            total.cells[name, own] = had[0] + often * count, had[1] + often * amount, pile
        if len(total.cells) > CELLS:
            yield total
            total = Sums()
    yield total
