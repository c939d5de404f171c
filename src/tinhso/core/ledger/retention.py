"""How long it is kept who looked at what: whole seals of the access log are deleted from the oldest on.

First the *floor* (the last seal to go, and the hash of its body) is recorded and sealed in the ledger; only then the
database deletes below it (`tables.PRUNE`). So a run that is killed is completed by the next, and verification knows
from the sealed ledger where the chain of the access log begins.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from . import loop
from .actions import Actor, action, record
from .events import AccessLogPruned
from .tables import ACCESS, LEAST_MONTHS

SUBJECT = ("ledger.log", UUID(int=2))  # the access log as a whole
AT_ONCE = 200  # seals that one transaction deletes

# Only what is placed and sealed counts.
_FLOOR = """
SELECT e.payload FROM ledger_entry e JOIN ledger_position p ON p.entry_id = e.id
WHERE e.event = %s AND p.position <= (SELECT coalesce(max(last), 0) FROM ledger_seal)
ORDER BY (e.payload::jsonb #>> '{data,seal}')::bigint DESC LIMIT 1
"""
_NEXT = ACCESS.sql("""
SELECT number, last, body FROM {log.seal}
WHERE at < %s::timestamptz - make_interval(months => %s) AND number > %s
  AND number < (SELECT max(number) FROM {log.seal})
ORDER BY number DESC LIMIT 1
""")


@dataclass(frozen=True)
class Floor:
    """The access log begins above this seal; `body` is the hash that the next seal names."""

    seal: int = 0
    last: int = 0
    body: str = "00" * 32


def floor() -> Floor:
    """Where the access log begins, by the sealed ledger."""
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR, [AccessLogPruned.name])
        row = cursor.fetchone()
    if row is None:
        return Floor()
    data = json.loads(row[0])["data"]
    return Floor(data["seal"], data["last"], data["body"])


def prune(*, months: int, by: Actor, at: datetime) -> int:
    """Delete what is older than so many months; returns the number of the last seal deleted, 0 where none was.

    Raises ValueError for less than a year. Not inside a transaction: the floor is sealed before anything goes.
    """
    if months < LEAST_MONTHS:
        raise ValueError(f"the access log is kept for at least {LEAST_MONTHS} months")
    if _declare(months=months, by=by, at=at):
        loop.seal_now()
    deleted = 0
    while through := _delete():
        deleted = through
    return deleted


@action
def _declare(*, months: int, by: Actor, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [at, months, floor().seal])
        row = cursor.fetchone()
    if row is None:
        return False
    number, last, body = row
    event = AccessLogPruned(seal=number, last=last, body=sha256(body.encode()).hexdigest(), months=months)
    record(event, subject=SUBJECT, by=by, at=at)
    return True


def _delete() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_prune_access(%s)", [AT_ONCE])
        return int(cursor.fetchone()[0] or 0)
