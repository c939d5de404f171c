"""Seals: every minute a signed, chained Merkle root over the entries placed since the last.

The body that is signed, as canonical JSON::

    {"at":…,"first":1,"last":42,"log":"ledger","number":1,"previous":"hex","root":"hex"}

`previous` is the SHA-256 of the previous body, so seals form a chain. Roots are also kept
outside the database (`ledger-roots.jsonl` in the data folder), so that even the holder of
the key cannot shorten the past unseen.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction

from . import merkle
from .events import canonical
from .sequencer import HORIZON
from .tables import LEDGER, LOGS, Log

LOGGER = logging.getLogger(__name__)

_LOCK = 0x7161_0002
WAIT = timedelta(seconds=30)  # of the oldest placed entry; with the loop's rounds a seal comes within a minute
GENESIS = b"\x00" * 32
FORMER_KEYS = "ledger-former-keys"  # in the data folder, one public key a line; see `tinhso anonymise`
MAX_ENTRIES = 16_384  # of one seal, so that making a proof, which reads all its leaves, stays quick

_NEWEST = "SELECT number, last, body FROM {log.seal} ORDER BY number DESC LIMIT 1"
_LEAVES = """
SELECT coalesce(string_agg(leaf, ''::bytea ORDER BY position), ''::bytea)
FROM (SELECT position, leaf FROM {log.position} WHERE position > %s ORDER BY position LIMIT %s) newest
"""
_INSERT = """
INSERT INTO {log.seal} (number, first, last, root, previous, at, body, signature)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_AFTER = "SELECT body, signature FROM {log.seal} WHERE number > %s ORDER BY number LIMIT 1000"

# Age of the first entry that no seal covers.
_UNSEALED = """
SELECT clock_timestamp() - e.recorded_at FROM {log.position} p JOIN {log.entry} e ON e.id = p.entry_id
WHERE p.position = coalesce((SELECT last FROM {log.seal} ORDER BY number DESC LIMIT 1), 0) + 1
"""
# Age of the oldest entry that has no position. The horizon is given as constants, so that indexes serve.
_UNPLACED = """
SELECT clock_timestamp() - min(recorded_at) FROM (
    (SELECT recorded_at FROM {log.entry} WHERE serial > %(serial)s ORDER BY serial LIMIT 1)
    UNION ALL
    SELECT recorded_at FROM {log.entry} e WHERE xid >= %(xid)s::xid8 AND serial <= %(serial)s
      AND NOT EXISTS (SELECT 1 FROM {log.position} p WHERE p.entry_id = e.id)
) waiting
"""


@cache
def _key(folder: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.TINHSO.key("ledger-seal"))


def signing_key() -> Ed25519PrivateKey:
    return _key(settings.TINHSO.keys_dir)


def public_key() -> Ed25519PublicKey:
    """With which anyone checks a seal; published with every proof."""
    return signing_key().public_key()


def public_keys() -> list[Ed25519PublicKey]:
    """Ours, and those of the install that this one is an anonymised copy of: its seals stay valid here."""
    path = Path(settings.TINHSO.data_dir) / FORMER_KEYS
    former = path.read_text().split() if path.exists() else []
    return [public_key(), *(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in former)]


def seal(log: Log, *, at: datetime) -> int | None:
    """Seal what was placed since the last seal; returns the seal's number, None if nothing was."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, LOGS.index(log)])
        if not cursor.fetchone()[0]:
            return None  # another process is sealing
        cursor.execute(log.sql(_NEWEST))
        number, last, body = cursor.fetchone() or (0, 0, None)
        cursor.execute(log.sql(_LEAVES), [last, MAX_ENTRIES])
        joined = bytes(cursor.fetchone()[0])  # one value, not a row each: that would take longer than the tree
        if not joined:
            return None
        leaves = [joined[start : start + merkle.SIZE] for start in range(0, len(joined), merkle.SIZE)]
        number, first, last = number + 1, last + 1, last + len(leaves)
        root, previous = merkle.root(leaves), sha256(body.encode()).digest() if body else GENESIS
        said = {"log": log.name, "number": number, "first": first, "last": last, "at": at}
        text = canonical({**said, "root": root.hex(), "previous": previous.hex()})
        signature = signing_key().sign(text.encode())
        cursor.execute(log.sql(_INSERT), [number, first, last, root, previous, at, text, signature])
    return int(number)


def _age(query: str, params: dict[str, Any] | None = None) -> timedelta:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        row = cursor.fetchone()
    return row[0] if row and row[0] else timedelta()


def seal_due(log: Log) -> bool:
    """True when something placed has waited long enough for its seal."""
    return _age(log.sql(_UNSEALED)) >= WAIT


def lag(log: Log = LEDGER) -> timedelta:
    """Age of the oldest entry that no seal covers; zero when all are sealed."""
    with connection.cursor() as cursor:
        cursor.execute(HORIZON, [log.name])
        serial, xid, _oldest_running = cursor.fetchone()
    return max(_age(log.sql(_UNPLACED), {"serial": serial, "xid": xid}), _age(log.sql(_UNSEALED)))


def roots_file() -> Path:
    """The second place of roots: one line a seal, of both logs."""
    return Path(settings.TINHSO.data_dir) / "ledger-roots.jsonl"


def copy_roots() -> int:
    """Bring the file of roots up to the seals in the database; returns how many were added.

    Run after each seal: a crash in between is caught up by the next run. It only ever
    appends: a line that a crash left unfinished is ended, and written again below itself.
    """
    path, added = roots_file(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file, connection.cursor() as cursor:
        fcntl.flock(file, fcntl.LOCK_EX)  # several workers of one machine share it
        newest = newest_seals()
        kept = _kept(file, {name for name, number in newest.items() if number})
        if _unfinished(file):
            file.write(b"\n")
        for log in LOGS:
            number, last = kept.get(log.name, 0), newest[log.name]
            if number > last:
                LOGGER.critical("%s: seal %s was kept in %s; the database ends at %s", log.name, number, path, last)
            while number < last:
                cursor.execute(log.sql(_AFTER), [number])
                lines = cursor.fetchall()
                for body, signature in lines:
                    file.write(json.dumps({"body": body, "signature": bytes(signature).hex()}).encode() + b"\n")
                number, added = json.loads(lines[-1][0])["number"], added + len(lines)
        file.flush()
        os.fsync(file.fileno())
    return added


def newest_seals() -> dict[str, int]:
    """Number of the newest seal of each log; 0 where there is none."""
    newest = {}
    with connection.cursor() as cursor:
        for log in LOGS:
            cursor.execute(log.sql(_NEWEST))
            newest[log.name] = int((cursor.fetchone() or (0,))[0])
    return newest


def mark_restored(newest: dict[str, int]) -> None:
    """Note in the file of roots that the database was set back to these seals, so that later ones follow there."""
    path = roots_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write((b"\n" if _unfinished(file) else b"") + json.dumps({"restored": newest}).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def sealed_in(line: bytes) -> tuple[str, int] | None:
    """Log and number of the seal that a line of the file of roots keeps; None where it keeps none."""
    try:
        body = json.loads(json.loads(line)["body"])
        return str(body["log"]), int(body["number"])
    except (ValueError, KeyError, TypeError):
        return None  # unfinished when the machine stopped, or the note of a restore


def _kept(file: BinaryIO, logs: set[str]) -> dict[str, int]:
    """The newest seal of each of these logs in the file, read from its end."""
    kept: dict[str, int] = {}
    for line in _lines_from_end(file):
        if found := sealed_in(line):
            kept.setdefault(*found)
        elif line.startswith(b'{"restored"') and line.endswith(b"}"):
            kept = {**json.loads(line)["restored"], **kept}
        if logs <= kept.keys():
            break
    return kept


def _lines_from_end(file: BinaryIO, block: int = 65_536) -> Iterator[bytes]:
    at, rest = file.seek(0, os.SEEK_END), b""
    while at:
        size = min(block, at)
        at -= size
        file.seek(at)
        rest, *lines = (file.read(size) + rest).split(b"\n")
        yield from (line for line in reversed(lines) if line)
    if rest:
        yield rest


def _unfinished(file: BinaryIO) -> bool:
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"
