"""Verification of the whole record: finds what was altered, removed, reordered or cut off, and names it.

What each check rests on: the bytes of an entry on the leaf hash at its position, the leaves
on the root of their seal, the seals on their signature and chain, the chain on roots kept
elsewhere. Whoever changes an entry and its leaf alike is found by the root, which names the
seal and its positions. All is read in order and in pieces, so memory stays flat.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.db import connection

from . import merkle, restored
from .events import canonical
from .retention import Floor, floor
from .seals import public_keys
from .sequencer import HORIZON
from .tables import ACCESS, LEDGER, LOGS, Log


@dataclass(frozen=True)
class Finding:
    """One thing wrong. `what` is a stable word, `where` names the entry, positions or seal."""

    log: str
    what: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.log}: {self.what} {self.where}: {self.detail}"


Progress = Callable[[str, int], None]
_CHUNK = 5_000

_ENTRIES = """
SELECT p.position, p.entry_id, p.leaf, e.payload, e.id, e.cause, e.event, e.version, e.subject_kind, e.subject_id,
       e.actor, e.agency_id, e.at
FROM {log.position} p LEFT JOIN {log.entry} e ON e.id = p.entry_id
WHERE p.position > %s ORDER BY p.position LIMIT %s
"""
_SEALS = """
SELECT number, first, last, root, previous, at, body, signature FROM {log.seal}
WHERE number > %s ORDER BY number LIMIT %s
"""
_UNPLACED = """
SELECT e.id FROM {log.entry} e
WHERE e.serial > %s AND e.serial <= %s AND e.xid < %s::xid8
  AND NOT EXISTS (SELECT 1 FROM {log.position} p WHERE p.entry_id = e.id)
ORDER BY e.serial
"""
_BODIES = "SELECT number, body FROM {log.seal} WHERE number = ANY(%s)"
_LOWEST = -(2**62)  # below every number, so that a forged negative one is read too


def verify(against: Path | None = None, progress: Progress = lambda log, done: None) -> list[Finding]:
    """Everything wrong in both logs; `against` is a file of roots kept elsewhere.

    `progress` is told how many entries of which log have been read. Raises OSError when the
    file cannot be read; whatever stands in the tables or the file is a finding, not an error.
    """
    findings: list[Finding] = []
    for log in LOGS:
        findings += _seals(log)
        findings += _entries(log, progress)
        if against:
            findings += _against(log, against)
    return findings


def _seals(log: Log) -> Iterator[Finding]:
    begins = _floor(log)
    previous_hash, previous_last, expected = begins.body, begins.last, begins.seal + 1
    for number, first, last, root, previous, at, body, signature in _stream(log.sql(_SEALS), begins.seal):
        where = f"seal {number}"
        if number != expected:
            yield Finding(log.name, "missing", f"seal {expected}", f"the next seal found is {number}")
        if not _signed(body, signature):
            yield Finding(log.name, "forged", where, "its signature is false")
        columns = (log.name, number, first, last, bytes(root).hex(), bytes(previous).hex(), _utc(at))
        if _said(body, "log", "number", "first", "last", "root", "previous", "at") != columns:
            yield Finding(log.name, "altered", where, "its columns differ from the signed body")
        if bytes(previous).hex() != previous_hash:
            yield Finding(log.name, "broken_chain", where, "it does not follow the seal before it")
        if first != previous_last + 1:
            yield Finding(log.name, "broken_chain", where, f"it begins at {first}, not at {previous_last + 1}")
        previous_hash, previous_last, expected = sha256(body.encode()).hexdigest(), last, number + 1


def _entries(log: Log, progress: Progress) -> Iterator[Finding]:
    begins = _floor(log)
    rows = _stream(log.sql(_SEALS), begins.seal)
    seals = ((number, first, last, bytes(root)) for number, first, last, root, *_ in rows)
    seal, tree = next(seals, None), merkle.Tree()
    position, read = begins.last, 0
    for at, entry_id, leaf, payload, *columns in _stream(log.sql(_ENTRIES), begins.last):
        if at > position + 1:
            yield Finding(log.name, "missing", _positions(position + 1, at - 1), "gone, although later ones are there")
        while seal and seal[2] < at:  # its last position is gone
            yield from _root(log, seal, tree)
            seal, tree = next(seals, None), merkle.Tree()
        if fault := _fault(entry_id, bytes(leaf), payload, columns):
            yield Finding(log.name, fault[0], f"entry {entry_id} at position {at}", fault[1])
        if seal and seal[1] <= at:
            tree.add(bytes(leaf))
            if at == seal[2]:
                yield from _root(log, seal, tree)
                seal, tree = next(seals, None), merkle.Tree()
        position, read = at, read + 1
        if read % _CHUNK == 0:
            progress(log.name, read)
    progress(log.name, read)
    while seal:
        number, first, last, _ = seal
        gone = _positions(max(first, position + 1), last)
        yield Finding(log.name, "truncated", gone, f"seal {number} covers them and they are gone")
        seal = next(seals, None)
    yield from _unread(log, position)
    yield from _unplaced(log)


def _unread(log: Log, last: int) -> Iterator[Finding]:
    """Consumers remember how far the ledger once went."""
    if log is LEDGER:
        for name, reached in _rows("SELECT consumer, position FROM ledger_cursor WHERE position > %s", [last]):
            yield Finding(log.name, "truncated", _positions(last + 1, reached), f"{name} has read them")


def _unplaced(log: Log) -> Iterator[Finding]:
    ((serial, xid, _),) = _rows(HORIZON, [log.name])
    for low in range(0, serial, _CHUNK):
        for (entry_id,) in _rows(log.sql(_UNPLACED), [low, min(low + _CHUNK, serial), xid]):
            yield Finding(log.name, "misplaced", f"entry {entry_id}", "it has no position although later ones have")


def _root(log: Log, seal: tuple[int, int, int, bytes], tree: merkle.Tree) -> Iterator[Finding]:
    number, first, last, root = seal
    if tree.root() != root:
        where = f"seal {number}, {_positions(first, last)}"
        yield Finding(log.name, "altered", where, "what stands there does not give the seal's root")


def _fault(entry_id: Any, leaf: bytes, payload: str | None, columns: list[Any]) -> tuple[str, str] | None:
    if payload is None:
        return "missing", "the entry is gone"
    if merkle.leaf_hash(payload.encode()) != leaf:
        return "altered", "its bytes do not give the hash taken when it was placed"
    id_, cause, event, version, kind, subject, actor, agency, at = columns
    stand = (str(id_), str(cause), event, version, [kind, str(subject)], actor, agency and str(agency), _utc(at))
    if _said(payload, "id", "cause", "event", "version", "subject", "actor", "agency", "at") != stand:
        return "altered", "its columns differ from its sealed bytes"
    return None


def _against(log: Log, path: Path) -> Iterator[Finding]:
    """A root kept elsewhere must be in the chain, word for word."""
    expected, declared, begins = None, [gap for gap in restored.gaps() if gap.log == log.name], _floor(log)
    kept = _kept(log, path)
    while lines := list(islice(kept, 1000)):
        here = dict(_rows(log.sql(_BODIES), [[number for number, *_ in lines]]))
        for number, body, signature in lines:
            first, last, made = _said(body, "first", "last", "at")
            where = f"seal {number}, {_positions(first, last)}"
            if not _signed(body, signature):
                yield Finding(log.name, "forged", where, "in the file of roots its signature is false")
            elif number < begins.seal:
                pass  # deleted when its time was over, as the ledger itself declares
            elif number == begins.seal:
                if sha256(body.encode()).hexdigest() != begins.body:
                    yield Finding(log.name, "rewritten", where, "the root kept elsewhere is not the floor's")
            elif here.get(number) != body and any(gap.excuses(number, str(made)) for gap in declared):
                pass  # lost by a restore that the ledger itself declares
            elif number not in here:
                yield Finding(log.name, "truncated", where, "a root kept elsewhere is not in the chain any more")
            elif here[number] != body:
                yield Finding(log.name, "rewritten", where, "the root kept elsewhere is another one")
            if expected is not None and number > expected:
                yield Finding(log.name, "missing", f"seal {expected}", f"the file of roots goes on with {number}")
            expected = number + 1


def _kept(log: Log, path: Path) -> Iterator[tuple[int, str, bytes]]:
    """Number, body and signature of each line of one log. An unfinished line is passed over:
    after a crash the whole one stands below it, and without that one its number is missing."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                kept = json.loads(line)
                body, signature = str(kept["body"]), bytes.fromhex(kept["signature"])
                name, number = _said(body, "log", "number")
            except (ValueError, TypeError, KeyError, RecursionError):
                continue
            if name == log.name and isinstance(number, int):
                yield number, body, signature


def _signed(body: str, signature: bytes) -> bool:
    for key in public_keys():
        try:
            key.verify(bytes(signature), body.encode())
        except InvalidSignature:
            continue
        return True
    return False


def _said(text: str, *keys: str) -> tuple[Any, ...]:
    """Values in stored JSON; all None where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return tuple(found.get(key) if isinstance(found, dict) else None for key in keys)


def _utc(at: datetime) -> str:
    return canonical({"at": at})[7:-2]


def _positions(first: Any, last: Any) -> str:
    return f"position {first}" if first == last else f"positions {first} to {last}"


def _floor(log: Log) -> Floor:
    """Where a log begins: the access log above what was deleted when its time was over."""
    return floor() if log is ACCESS else Floor()


def _stream(query: str, floor: int = 0) -> Iterator[tuple[Any, ...]]:
    """All rows of a query above a floor by its first column, in pieces: memory stays flat."""
    after = floor or _LOWEST
    while rows := _rows(query, [after, _CHUNK]):
        yield from rows
        after = rows[-1][0]


def _rows(query: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
