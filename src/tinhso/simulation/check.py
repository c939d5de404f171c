"""What must hold of an install after a simulated year, found by other means than those that made it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from tinhso.core.indicators.declare import indicators
from tinhso.core.indicators.queries import differences
from tinhso.core.ledger import consumers, seals, verify
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER

from . import run
from .rooms import rooms

# Books are gapless, their numbers told to the ledger once each, and in the order of their times.
_BOOKS = """
SELECT b.kind || ' ' || b.year || ': ' || count(n.id) || ' numbers, the last given is ' || b.last
FROM numbering_book b LEFT JOIN numbering_number n ON n.book_id = b.id
GROUP BY b.id HAVING count(n.id) <> b.last OR coalesce(max(n.value), 0) <> b.last
"""
_TOLD = """
SELECT b.kind || ' ' || b.year || ': ' || b.last || ' numbers, ' || count(e.id) || ' entries'
FROM numbering_book b LEFT JOIN ledger_entry e ON e.subject_id = b.id AND e.event = 'numbering.taken'
GROUP BY b.id HAVING count(e.id) <> b.last
"""
_SAID = """
SELECT e.id, e.payload, n.value FROM ledger_entry e
JOIN numbering_number n ON n.subject_id = (e.payload::jsonb -> 'data' ->> 'subject')::uuid
WHERE e.event = 'numbering.taken' AND n.value <> (e.payload::jsonb -> 'data' ->> 'value')::int LIMIT 5
"""


def check(at: datetime) -> Iterator[str]:
    """Sentences about what is wrong; none is right. Places, reads and seals what is waiting first."""
    with run.patient("2h"):  # a question about a province in one transaction takes longer than a page may
        settle(at)
        with connection.cursor() as cursor:
            for query in (_BOOKS, _TOLD):
                cursor.execute(query)
                yield from (f"book {row[0]}" for row in cursor.fetchall())
            cursor.execute(_SAID)
            for entry, payload, value in cursor.fetchall():
                yield f"entry {entry} says {json.loads(payload)['data']['value']}, the book {value}"
        for indicator in indicators():
            if indicator.recount() is not None:
                for one in differences(indicator.name)[:5]:
                    yield f"{indicator.name}: folded {one.folded}, counted {one.counted} at {one.key}"
        for room in rooms():
            yield from room.check(at)
        yield from map(str, verify.verify(seals.roots_file()))


def settle(at: datetime) -> None:
    """Give everything recorded its position, let every consumer read it, seal it."""
    while sequence(LEDGER):
        pass
    consumers.catch_up()
    while seals.seal(LEDGER, at=at):
        pass
    seals.copy_roots()
