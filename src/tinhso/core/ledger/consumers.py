"""Consumers: what follows from the record, in order, exactly once in the database.

A system declares in its `consumers.py`::

    @consumer("notify.in_app", events=["dossiers.submitted"])
    def tell_the_applicant(batch: Sequence[Placed]) -> None: ...

The handler's rows and the cursor commit together, so a crash repeats neither and loses
neither. What leaves the database (mail, other systems) is enqueued by the handler as a job.
A batch is one transaction: choose its size so that it takes well under 5 s.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from .events import read
from .models import Cursor, Position
from .tables import LEDGER

log = logging.getLogger(__name__)
BATCH = 500
LONGEST_PAUSE = 60.0  # seconds until one that fails is tried again


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry with its position, as consumers read it."""

    position: int
    id: UUID
    cause: UUID
    event: str
    version: int
    subject_kind: str
    subject_id: UUID
    actor: str
    agency_id: UUID | None
    at: datetime
    data: dict[str, Any]


Handler = Callable[[Sequence[Placed]], None]


@dataclass(frozen=True)
class Consumer:
    name: str
    handler: Handler
    events: frozenset[str] | None  # None: all
    batch: int = BATCH


REGISTRY: dict[str, Consumer] = {}


def consumer(name: str, *, events: Iterable[str] | None = None, batch: int = BATCH) -> Callable[[Handler], Handler]:
    """Register a handler; `name` is its cursor for ever, so never reuse one."""

    def register(handler: Handler) -> Handler:
        if name in REGISTRY and REGISTRY[name].handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"consumer {name} is declared twice")
        REGISTRY[name] = Consumer(name, handler, None if events is None else frozenset(events), batch)
        return handler

    return register


_READ = LEDGER.sql("""
SELECT p.position, e.id, e.cause, e.event, e.version, e.subject_kind, e.subject_id, e.actor, e.agency_id, e.at,
       e.payload
FROM {log.position} p JOIN {log.entry} e ON e.id = p.entry_id
WHERE p.position > %s AND p.position <= %s AND (%s OR e.event = ANY(%s)) ORDER BY p.position
""")


def last_position() -> int:
    """How far the ledger has been placed; 0 while it is empty."""
    return int(Position.objects.aggregate(last=Max("position"))["last"] or 0)


def entries_between(after: int, last: int, events: Iterable[str] | None = None) -> list[Placed]:
    """Entries at positions in (after, last], in order, their data in its newest version."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [after, last, events is None, list(events or ())])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [Placed(*(*row[:-1], read(row[3], row[4], json.loads(row[-1])["data"]))) for row in rows]


def advance(one: Consumer) -> int:
    """Hand the next batch to a consumer; returns how many positions it moved. 0: it is up to date."""
    Cursor.objects.get_or_create(consumer=one.name)  # before the transaction, so that no other process waits for it
    with transaction.atomic():
        row = Cursor.objects.select_for_update(skip_locked=True).filter(consumer=one.name).first()
        if row is None:
            return 0  # another process holds it
        last = min(last_position(), row.position + one.batch)  # positions are dense
        if last <= row.position:
            return 0
        if batch := entries_between(row.position, last, one.events):
            one.handler(batch)
        Cursor.objects.filter(consumer=one.name).update(position=last, error="")
    return last - row.position


_failed: dict[str, tuple[float, float]] = {}  # of this process: when to try again, and the pause


def run_all() -> int:
    """One round over every consumer that is behind. One that fails keeps its place, says why,
    is tried again after a growing pause, and stops no other."""
    total, last, now = 0, last_position(), time.monotonic()
    read_so_far = dict(Cursor.objects.values_list("consumer", "position"))
    for one in REGISTRY.values():
        again, pause = _failed.get(one.name, (0.0, 0.0))
        if now < again or read_so_far.get(one.name, -1) >= last:
            continue
        try:
            total += advance(one)
            _failed.pop(one.name, None)
        except Exception as error:
            # First, because it raises when the database is away, which is no fault of the consumer.
            Cursor.objects.filter(consumer=one.name).update(error=f"{type(error).__name__}: {error}"[:500])
            pause = min(max(1.0, pause * 2), LONGEST_PAUSE)
            _failed[one.name] = now + pause, pause
            log.exception("consumer %s stands still, tried again in %.0f s", one.name, pause)
    return total


def catch_up() -> None:
    """Run until every consumer has read everything placed (tests, demo data, rebuilds).

    Raises what a failing consumer raises.
    """
    while sum(advance(one) for one in list(REGISTRY.values())):
        pass
