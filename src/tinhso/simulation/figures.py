"""Figures of printed copies: folded by the indicators' own declarations, once for the patterns, then added."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import repeat
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from tinhso.core.indicators.declare import Key, indicators
from tinhso.core.indicators.folds import Sums
from tinhso.core.indicators.models import Fold
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.consumers import last_position
from tinhso.core.ledger.models import Cursor

from . import run
from .staff import pairs
from .world import Place

if TYPE_CHECKING:
    from .volume import Printer

CELLS = 200_000  # written at once
HERE = UUID(int=1)  # the agency of the place, whichever it is
PART = "part "  # before the name of a part where a dimension has somebody's id


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
        for part in _added(printer):
            part.save()
        Fold.objects.filter(position=started).update(position=started + entries)
        Cursor.objects.update(position=started + entries)


def _added(printer: Printer) -> Iterator[Sums]:
    """What all copies add, place by place, some hundred thousand cells at a time.

    At the next place of a kind nearly the same cases happened as at the one before, some of them once more or once
    less. So what was added there is kept, told by parts and not by who plays them, and only the difference is made.
    """
    lived = _lived(printer)
    times = Counter(
        (place.index, printer.target(place, copy).index)
        for copy in range(1, printer.copies + 1)
        for place in printer.world.places
    )
    total = Sums()
    for places in printer.kinds.values():
        cells = {place.index: list(_by_parts(place, lived[place.index])) for place in places}
        standing: dict[tuple[str, Key], list[int]] = {}
        before: Counter[int] = Counter()
        for there in places:
            for place in places:
                if more := times[place.index, there.index] - before[place.index]:
                    before[place.index] += more
                    for part, amounts in cells[place.index]:
                        had = standing.get(part)
                        standing[part] = [more * a + b for a, b in zip(amounts, had or repeat(0), strict=False)]
            who = {part: their for place in places for part, _own, their in _parts(place, there)}
            for (name, key), (count, amount, *hist) in standing.items():
                if count or amount:
                    agency = there.agency.pk if key.agency == HERE else key.agency
                    dims = (who.get(dim, dim) for dim in key[2:])
                    total.add_to(name, Key(key.day, agency, *dims), count, amount, hist)
            if len(total.cells) > CELLS:
                yield total
                total = Sums()
    yield total


def _lived(printer: Printer) -> dict[int, Sums]:
    """What the patterns mean, place by place."""
    lived: dict[int, Sums] = defaultdict(Sums)
    declared = indicators()
    for one in printer.patterns:
        for entry in one.entries:
            for indicator in declared:
                if entry.event in indicator.mappings:
                    lived[one.place.index].add(indicator, indicator.name, entry)
    return lived


def _by_parts(place: Place, sums: Sums) -> Iterator[tuple[tuple[str, Key], list[int]]]:
    """Cells of a place, with the names of parts for the agency and its officials."""
    parts: dict[str, str] = {}
    for part, own, _their in _parts(place, place):
        parts.setdefault(own, part)
    for (name, key), (count, amount, hist) in sums.cells.items():
        agency = HERE if key.agency == place.agency.pk else key.agency
        yield (name, Key(key.day, agency, *(parts.get(dim, dim) for dim in key[2:]))), [count, amount, *hist]


def _parts(place: Place, there: Place) -> Iterator[tuple[str, str, str]]:
    """What may be a dimension: the name of the part, who plays it at a place, who elsewhere."""
    yield f"{PART}agency", str(place.agency.pk), str(there.agency.pk)
    for part, one, who in pairs(place, there):
        yield f"{PART}account {part}", str(one.account_id), str(who.account_id)
        yield f"{PART}staff {part}", str(one.pk), str(who.pk)
