"""What tests of the ledger say things with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tinhso.core.ledger.actions import Actor, Fact, action, new_id, record, record_all
from tinhso.core.ledger.events import Event
from tinhso.core.ledger.models import Entry, Position
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
BY = Actor("account", str(UUID(int=7)), UUID(int=9))


@dataclass(frozen=True)
class Counted(Event, name="tests.counted", version=1):
    """Something was counted."""

    number: int


def a_subject() -> tuple[str, UUID]:
    return "tests.thing", new_id()


@action
def count(number: int, subject: tuple[str, UUID] | None = None, words: str = "") -> UUID:
    """Record one entry in a transaction of its own."""
    return record(Counted(number), subject=subject or a_subject(), by=BY, at=AT, words=words)


@action
def count_to(last: int, subject: tuple[str, UUID] | None = None) -> UUID:
    """Record `last` entries in one transaction; returns their cause."""
    return record_all([Fact(Counted(n), subject or a_subject()) for n in range(1, last + 1)], by=BY, at=AT)


def place() -> int:
    return sequence(LEDGER)


def placed() -> list[tuple[int, UUID]]:
    return list(Position.objects.order_by("position").values_list("position", "entry_id"))


def entry_at(position: int) -> Entry:
    return Position.objects.select_related("entry").get(position=position).entry


class Session:
    """A second connection: a thread that does what it is told, one thing after another."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.transaction = transaction.atomic()

    def begin(self) -> Session:
        self(self.transaction.__enter__)
        self("SELECT pg_current_xact_id()")  # an early transaction id, as any write before would give
        return self

    def commit(self) -> None:
        self(lambda: self.transaction.__exit__(None, None, None))

    def rollback(self) -> None:
        self(lambda: (transaction.set_rollback(True), self.transaction.__exit__(None, None, None)))

    def __call__(self, what: Callable[[], Any] | str, params: Any = None) -> Any:
        return self.later(what, params).result(timeout=30)

    def later(self, what: Callable[[], Any] | str, params: Any = None) -> Any:
        return self.thread.submit(what if callable(what) else lambda: run(what, params))

    def close(self) -> None:
        self(lambda: connection.close())
        self.thread.shutdown()


def run(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    """SQL on this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []
