"""Verbs every action is made of: `action`, `record`, `Refused`."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection, models, transaction

from .events import Event, canonical, is_code
from .rows import prepared

P = ParamSpec("P")
R = TypeVar("R")


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): keys are made by the client, in order of time, so inserts stay lean."""
    ms = time.time_ns() // 1_000_000
    raw = bytearray(ms.to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))


@dataclass(frozen=True)
class Actor:
    """Who acts. `kind` is account, client (of the API) or system; `id` is stable and not a name."""

    kind: str
    id: str
    agency: UUID | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def system(cls, part: str) -> Actor:
        """The install itself, such as `Actor.system("jobs")`."""
        return cls("system", part)


class Refused(Exception):
    """An action that may not be done now, said so that a person can act on it.

    `code` is stable and for machines; `message` is translated and for people; `field`
    names the input at fault, if one is; `status` is the HTTP status of pages and API.
    """

    def __init__(self, code: str, message: Any, *, field: str = "", status: int = 409) -> None:
        super().__init__(code)
        self.code, self.message, self.field, self.status = code, message, field, status

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refused):
    """The actor has no right to this; pages answer 403."""

    def __init__(self, message: Any, code: str = "not_allowed") -> None:
        super().__init__(code, message, status=403)


_changing: ContextVar[bool] = ContextVar("changing", default=False)


@contextmanager
def one_change() -> Iterator[None]:
    """One transaction, which every action within joins without a savepoint of its own.

    So a refusal of one of them takes back all; whoever catches it within the change gets a
    RuntimeError in the end, never a success that was not kept.
    """
    joins = _changing.get()
    token = _changing.set(True)
    try:
        with transaction.atomic(savepoint=not joins):
            yield
            if transaction.get_rollback():
                raise RuntimeError("an action within this one was refused, so nothing of it is kept")
    finally:
        _changing.reset(token)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """One change, one transaction. An action called by another joins its transaction."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with one_change():
            return function(*args, **kwargs)

    return run


def subject_of(subject: models.Model | tuple[str, UUID]) -> tuple[str, UUID]:
    """Kind and id of a subject: `("dossiers.dossier", …)`."""
    if isinstance(subject, tuple):
        return subject
    return subject._meta.label_lower, subject.pk


@dataclass(frozen=True)
class Fact:
    """One thing to record; `record_all` takes many of them in one round trip."""

    event: Event
    subject: models.Model | tuple[str, UUID]
    agency: UUID | None = None
    words: str = ""
    id: UUID = field(default_factory=new_id)


_INSERT = """
INSERT INTO {table} (id, cause, event, version, subject_kind, subject_id, actor, agency_id, at, payload)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def record(
    event: Event,
    *,
    subject: models.Model | tuple[str, UUID],
    by: Actor,
    at: datetime,
    agency: UUID | None = None,
    cause: UUID | None = None,
    words: str = "",
) -> UUID:
    """Append one entry in the caller's transaction and return its id.

    `words` (a reason, an opinion) go to an erasable `Remark`, never into the entry.
    """
    fact = Fact(event, subject, agency, words)
    record_all([fact], by=by, at=at, cause=cause)
    return fact.id


def record_all(facts: Iterable[Fact], *, by: Actor, at: datetime, cause: UUID | None = None) -> UUID:
    """Append the entries of one action, at least one; they share a cause, which is returned."""
    if not connection.in_atomic_block:
        raise RuntimeError("an entry is recorded in the transaction of its change")
    return _append("ledger_entry", facts, by=by, at=at, cause=cause)


def record_access(event: Event, *, subject: models.Model | tuple[str, UUID], by: Actor, at: datetime) -> None:
    """Append to the access log that `by` looked at `subject`: one statement, which needs no transaction around it."""
    _append("ledger_accessentry", [Fact(event, subject, by.agency)], by=by, at=at, cause=None)


def _append(table: str, facts: Iterable[Fact], *, by: Actor, at: datetime, cause: UUID | None) -> UUID:
    if at.tzinfo is None:
        raise ValueError("times are aware")
    if not is_code(str(by)):
        raise ValueError("an actor is named by an id, not by personal data")
    facts = list(facts)
    cause = cause or facts[0].id
    rows, remarks = [], []
    for fact in facts:
        kind, subject_id = subject_of(fact.subject)
        agency = fact.agency or by.agency
        head: Mapping[str, Any] = {
            "id": fact.id,
            "cause": cause,
            "event": fact.event.name,
            "version": fact.event.version,
            "subject": [kind, subject_id],
            "actor": str(by),
            "agency": agency,
            "at": at,
        }
        payload = canonical({**head, "data": fact.event.data()})
        rows.append(
            (fact.id, cause, fact.event.name, fact.event.version, kind, subject_id, str(by), agency, at, payload)
        )
        if fact.words:
            remarks.append((fact.id, subject_id, fact.words))
    with prepared() as cursor:
        insert = _INSERT.format(table=table)
        if len(rows) == 1:
            cursor.execute(insert, rows[0])
        else:  # in a pipeline; one statement of many rows or of arrays took as much CPU or more
            cursor.executemany(insert, rows)
        for remark in remarks:
            cursor.execute("INSERT INTO ledger_remark (entry_id, subject_id, words) VALUES (%s, %s, %s)", remark)
    return cause
