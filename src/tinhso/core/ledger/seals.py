"""Seals: every minute a signed, chained Merkle root over the entries placed since the last.

The body that is signed, as canonical JSON::

    {"at":…,"first":1,"last":42,"log":"ledger","number":1,"previous":"hex","root":"hex"}

`previous` is the SHA-256 of the previous body, so seals form a chain. Roots are also kept
outside the database (`ledger-roots.jsonl` in the data folder), so that even the holder of the key cannot shorten the past unseen.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction

from . import merkle
from .events import canonical
from .tables import LEDGER, LOGS, Log

_LOCK = 0x7161_0002
INTERVAL = timedelta(minutes=1)  # a citizen's receipt can be proven within a minute
GENESIS = b"\x00" * 32
MAX_ENTRIES = 500_000  # of one seal, so that a proof and a verification stay small in memory


@cache
def _key(folder: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.TINHSO.key("ledger-seal"))


def signing_key() -> Ed25519PrivateKey:
    return _key(settings.TINHSO.keys_dir)


def public_key() -> Ed25519PublicKey:
    """With which anyone checks a seal; published with every proof."""
    return signing_key().public_key()


def seal(log: Log, *, at: datetime) -> int | None:
    """Seal what was placed since the last seal; returns the seal's number, None if nothing was."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, LOGS.index(log)])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(f"SELECT number, last, body FROM {log.seal} ORDER BY number DESC LIMIT 1")
        number, last, body = cursor.fetchone() or (0, 0, None)
        cursor.execute(
            f"SELECT leaf FROM {log.position} WHERE position > %s ORDER BY position LIMIT %s", [last, MAX_ENTRIES]
        )
        leaves = [bytes(row[0]) for row in cursor.fetchall()]
        if not leaves:
            return None
        previous = sha256(body.encode()).digest() if body else GENESIS
        root = merkle.root(leaves)
        new = canonical(
            {
                "log": log.name,
                "number": number + 1,
                "first": last + 1,
                "last": last + len(leaves),
                "root": root.hex(),
                "previous": previous.hex(),
                "at": at,
            }
        )
        cursor.execute(
            f"INSERT INTO {log.seal} (number, first, last, root, previous, at, body, signature)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [number + 1, last + 1, last + len(leaves), root, previous, at, new, signing_key().sign(new.encode())],
        )
    return int(number) + 1


def seal_due(log: Log, *, at: datetime) -> bool:
    """True when something waits and the oldest of it has waited for a minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.recorded_at FROM {log.position} p JOIN {log.entry} e ON e.id = p.entry_id"
            f" WHERE p.position = (SELECT coalesce(max(last), 0) + 1 FROM {log.seal})"
        )
        row = cursor.fetchone()
    return row is not None and at - row[0] >= INTERVAL / 2



def roots_file() -> Path:
    """The second place of roots: one line a seal, of both logs."""
    return Path(settings.TINHSO.data_dir) / "ledger-roots.jsonl"


def copy_roots() -> int:
    """Bring the file of roots up to the seals in the database; returns how many were added.

    Run after each seal: a crash in between is caught up by the next run. It only ever
    appends, and never rewrites what it once wrote.
    """
    path = roots_file()
    known = {log.name: 0 for log in LOGS}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            body = json.loads(json.loads(line)["body"])
            known[body["log"]] = max(known[body["log"]], body["number"])
    lines = []
    for log in LOGS:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT body, signature FROM {log.seal} WHERE number > %s ORDER BY number", [known[log.name]]
            )
            lines += [json.dumps({"body": b, "signature": bytes(s).hex()}) for b, s in cursor.fetchall()]
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return len(lines)


def lag(log: Log = LEDGER) -> timedelta:
    """Age of the oldest entry that no seal covers; zero when all are sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT clock_timestamp() - min(e.recorded_at) FROM {log.entry} e"
            f" LEFT JOIN {log.position} p ON p.entry_id = e.id"
            f" WHERE e.xid >= (SELECT xid FROM ledger_horizon WHERE log = %s)"
            f" AND p.position IS NULL",
            [log.name],
        )
        unplaced = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT clock_timestamp() - e.recorded_at FROM {log.position} p JOIN {log.entry} e ON e.id = p.entry_id"
            f" WHERE p.position = (SELECT coalesce(max(last), 0) + 1 FROM {log.seal})"
        )
        unsealed = cursor.fetchone()
    return max(unplaced or timedelta(), unsealed[0] if unsealed else timedelta())
