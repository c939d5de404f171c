"""Consumers: what follows from the record, in order, exactly once in the database.

A system declares in its `consumers.py`::

    @consumer("notify.in_app", events=["dossiers.submitted"])
    def tell_the_applicant(batch: Sequence[Placed]) -> None: ...

The handler's rows and the cursor commit together, so a crash repeats neither and loses
neither. What leaves the database (mail, other systems) is enqueued by the handler as a job.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from .events import read
from .models import Cursor
from .tables import LEDGER

log = logging.getLogger(__name__)
BATCH = 500


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


_READ = f"""
SELECT p.position, e.id, e.cause, e.event, e.version, e.subject_kind, e.subject_id, e.actor, e.agency_id, e.at,
       e.payload
FROM {LEDGER.position} p JOIN {LEDGER.entry} e ON e.id = p.entry_id
WHERE p.position > %s ORDER BY p.position LIMIT %s
"""


def entries_after(position: int, limit: int = BATCH) -> list[Placed]:
    """Entries after a position, in order, their data in its newest version."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [position, limit])
        return [Placed(*row[:-1], read(row[3], row[4], json.loads(row[-1])["data"])) for row in cursor.fetchall()]


def advance(one: Consumer) -> int:
    """Hand the next batch to a consumer; returns how many entries it read. 0: it is up to date."""
    Cursor.objects.get_or_create(consumer=one.name)
    with transaction.atomic():
        row = Cursor.objects.select_for_update(skip_locked=True).filter(consumer=one.name).first()
        if row is None:
            return 0  # another process holds it
        batch = entries_after(row.position, one.batch)
        if not batch:
            return 0
        wanted = [p for p in batch if one.events is None or p.event in one.events]
        if wanted:
            one.handler(wanted)
        Cursor.objects.filter(consumer=one.name).update(position=batch[-1].position, error="")
    return len(batch)


def run_all() -> int:
    """One round over every consumer. One that fails keeps its place, says why, and stops no other."""
    total = 0
    for one in REGISTRY.values():
        try:
            total += advance(one)
        except Exception as error:
            log.exception("consumer %s stands still", one.name)
            Cursor.objects.filter(consumer=one.name).update(error=f"{type(error).__name__}: {error}"[:500])
    return total


def catch_up() -> None:
    """Run until every consumer has read everything placed (tests, demo data, rebuilds)."""
    while run_all():
        pass
