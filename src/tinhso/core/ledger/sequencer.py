"""Gives committed entries dense positions, in an order that respects every subject.

Serial numbers commit out of order, so a reader of `serial > N` loses rows. The sequencer
places *every visible entry that has no position yet*; the horizon (the oldest transaction
still running when it last looked) only bounds where it must look again. An entry of a
transaction that commits late is found then. Two entries of one subject are ordered by that
subject's row lock, so the earlier is visible whenever the later is, and has the lower
serial. (Waiting for the horizon instead, as first designed, can place the later one first:
see docs/decisions/0002.)
"""

from __future__ import annotations

from django.db import connection, transaction

from .tables import LOGS, Log

_LOCK = 0x7161_0001  # arbitrary; one sequencer at a time in one database

# Asked first, outside a transaction, so that an idle install does next to nothing.
_WAITING = """
SELECT EXISTS (
    SELECT 1 FROM {log.entry} e WHERE e.xid >= (SELECT xid FROM ledger_horizon WHERE log = %s)
      AND NOT EXISTS (SELECT 1 FROM {log.position} p WHERE p.entry_id = e.id))
"""

_PLACE = """
WITH unplaced AS (
    SELECT e.id, e.serial, e.payload FROM {log.entry} e
    WHERE e.xid >= %(horizon)s::xid8
      AND NOT EXISTS (SELECT 1 FROM {log.position} p WHERE p.entry_id = e.id)
    ORDER BY e.serial LIMIT %(limit)s
)
INSERT INTO {log.position} (position, entry_id, leaf)
SELECT (SELECT coalesce(max(position), 0) FROM {log.position}) + row_number() OVER (ORDER BY serial),
       id, sha256('\\x00'::bytea || convert_to(payload, 'UTF8'))
FROM unplaced
"""

_MOVE = """
UPDATE ledger_horizon SET xid = %(new)s::xid8
WHERE log = %(log)s AND EXISTS (
    SELECT 1 FROM {log.entry} WHERE xid >= %(old)s::xid8 AND xid < %(new)s::xid8)
"""


def sequence(log: Log, limit: int = 50_000) -> int:
    """Place what is waiting; returns how many entries got a position."""
    with connection.cursor() as cursor:
        cursor.execute(log.sql(_WAITING), [log.name])
        if not cursor.fetchone()[0]:
            return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, LOGS.index(log)])
        if not cursor.fetchone()[0]:
            return 0  # another process is placing
        # READ COMMITTED: the horizon is read before the snapshot that places, so nothing falls between.
        cursor.execute(
            "SELECT xid::text, pg_snapshot_xmin(pg_current_snapshot())::text FROM ledger_horizon WHERE log = %s",
            [log.name],
        )
        horizon, oldest_running = cursor.fetchone()
        cursor.execute(log.sql(_PLACE), {"horizon": horizon, "limit": limit})
        placed: int = cursor.rowcount
        if placed < limit:  # only where it saves looking again: an idle install writes nothing
            cursor.execute(log.sql(_MOVE), {"old": horizon, "new": oldest_running, "log": log.name})
        return placed
