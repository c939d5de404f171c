"""Gives committed entries dense positions, in an order that respects every subject.

Serial numbers commit out of order, so a reader of `serial > N` loses rows. The sequencer
places *every visible entry that has no position yet*, in the order of serials. An entry of
a transaction that commits late is found afterwards, behind the *horizon*: its serial is not
above the highest placed, but its transaction id is not below the oldest that ran when the
horizon was set. Two entries of one subject are ordered by that subject's row lock, so the
earlier is visible whenever the later is, and has the lower serial. (Waiting for the horizon
instead, as first designed, can place the later one first: see docs/decisions/0002.)

A loader that is alone on the database may give positions in the sequencer's stead (`in_its_stead`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from .tables import LOGS, Log

_LOCK = 0x7161_0001  # arbitrary; one sequencer at a time in one database

# Asked first, outside a transaction, so that an idle install does next to nothing: two index look-ups.
_LOOK = """
SELECT (SELECT serial FROM {log.entry} ORDER BY serial DESC LIMIT 1) > h.serial
    OR (SELECT xid FROM {log.entry} ORDER BY xid DESC LIMIT 1) >= h.xid
FROM ledger_horizon h WHERE log = %s
"""
HORIZON = "SELECT serial, xid::text, pg_snapshot_xmin(pg_current_snapshot())::text FROM ledger_horizon WHERE log = %s"

# First limb: new ones, by the index on serials; none of them can be placed already. Second: late ones.
_PLACE = """
WITH found AS MATERIALIZED (
    (SELECT id, serial, sha256('\\x00'::bytea || convert_to(payload, 'UTF8')) AS leaf FROM {log.entry}
     WHERE serial > %(serial)s ORDER BY serial LIMIT %(limit)s)
    UNION ALL
    SELECT id, serial, sha256('\\x00'::bytea || convert_to(payload, 'UTF8')) FROM {log.entry} e
    WHERE xid >= %(xid)s::xid8 AND serial <= %(serial)s
      AND NOT EXISTS (SELECT 1 FROM {log.position} p WHERE p.entry_id = e.id)
), placed AS (
    INSERT INTO {log.position} (position, entry_id, leaf)
    SELECT (SELECT coalesce(max(position), 0) FROM {log.position}) + row_number() OVER (ORDER BY serial), id, leaf
    FROM found
)
SELECT count(*), coalesce(max(serial), 0) FROM found
"""
# Asked for as the newest, not as a number of rows, so that the index on serials serves whatever the planner believes.
_WAITING = """
SELECT coalesce((SELECT serial FROM {log.entry} ORDER BY serial DESC LIMIT 1), 0) > h.serial,
  (SELECT coalesce(max(position), 0) FROM {log.position})
FROM ledger_horizon h WHERE log = %s
"""
# An entry that was recorded earlier and commits after the horizon has passed its transaction would be found by nobody.
_OTHERS = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation = '{log.entry}'::regclass AND pid <> pg_backend_pid())
"""
_RECORDED = """
SELECT count(*), coalesce(max(e.serial), 0), (SELECT coalesce(max(position), 0) FROM {log.position}),
  pg_snapshot_xmin(pg_current_snapshot())::text
FROM {log.entry} e WHERE e.serial > (SELECT serial FROM ledger_horizon WHERE log = %s)
"""
_MOVE = "UPDATE ledger_horizon SET serial = greatest(serial, %s), xid = %s::xid8 WHERE log = %s"


def sequence(log: Log, limit: int = 20_000) -> int:
    """Place what is waiting, about `limit` at a time; returns how many entries got a position."""
    with connection.cursor() as cursor:
        cursor.execute(log.sql(_LOOK), [log.name])
        if not cursor.fetchone()[0]:
            return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, LOGS.index(log)])
        if not cursor.fetchone()[0]:
            return 0  # another process is placing
        # READ COMMITTED: who still runs is read before the snapshot that places, so nothing falls between.
        cursor.execute(HORIZON, [log.name])
        serial, xid, oldest_running = cursor.fetchone()
        cursor.execute(log.sql(_PLACE), {"serial": serial, "xid": xid, "limit": limit})
        placed, highest = cursor.fetchone()
        if placed or xid != oldest_running:
            cursor.execute(_MOVE, [highest, oldest_running, log.name])
        return int(placed)


class NotAlone(RuntimeError):
    """Somebody else records while a loader places by hand."""


def _others(cursor: Any, log: Log) -> bool:
    """Whether another transaction is recording. A loader that has just handed on its place may still be leaving."""
    for _ in range(20):
        cursor.execute(log.sql(_OTHERS))
        if not cursor.fetchone()[0]:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def in_its_stead(log: Log) -> Iterator[int]:
    """For a loader: what the block records it places itself, behind the position that is given, in the order recorded.

    Nothing is sequenced until the caller's transaction ends; another loader waits so long. Raises `NotAlone` where
    somebody else records, or an entry of theirs waits for its position; `RuntimeError` outside a transaction, and where
    the block gave more or fewer than it recorded.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("who places by hand does it within a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, LOGS.index(log)])
        cursor.execute(log.sql(_WAITING), [log.name])
        waiting, last = cursor.fetchone()
        if waiting:
            raise NotAlone(f"{log.name}: entries of others wait for their position")
        yield int(last)
        if _others(cursor, log):  # whoever has ended by now is counted below, whoever begins now has a higher serial
            raise NotAlone(f"{log.name}: somebody else records")
        cursor.execute(log.sql(_RECORDED), [log.name])
        recorded, serial, now_last, oldest_running = cursor.fetchone()
        if now_last - last != recorded:
            raise RuntimeError(f"{log.name}: {recorded} entries were recorded, {now_last - last} positions given")
        cursor.execute(_MOVE, [serial, oldest_running, log.name])
