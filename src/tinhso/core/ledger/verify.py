"""Verification of the whole record: finds what was altered, removed, reordered or cut off, and names it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.db import connection

from . import merkle
from .seals import GENESIS, public_key
from .tables import LOGS, Log


@dataclass(frozen=True)
class Finding:
    """One thing wrong. `what` is a stable word, `where` names the entry, position or seal."""

    log: str
    what: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.log}: {self.what} {self.where}: {self.detail}"


Progress = Callable[[str, int], None]
_CHUNK = 20_000

_ENTRIES = """
SELECT p.position, p.entry_id, p.leaf, e.payload, e.id, e.cause, e.event, e.version, e.subject_kind, e.subject_id,
       e.actor, e.agency_id
FROM {log.position} p LEFT JOIN {log.entry} e ON e.id = p.entry_id
WHERE p.position > %s ORDER BY p.position LIMIT %s
"""


def verify(against: Path | None = None, progress: Progress = lambda log, done: None) -> list[Finding]:
    """Everything wrong in both logs; `against` is a file of roots kept elsewhere."""
    findings: list[Finding] = []
    kept = _kept_roots(against) if against else []
    for log in LOGS:
        findings += _seals(log)
        findings += _entries(log, progress)
        findings += [f for f in _against(log, kept)] if against else []
    return findings


def _seals(log: Log) -> Iterator[Finding]:
    previous_body, previous_last, expected = None, 0, 1
    for number, first, last, root, previous, body, signature in _rows(
        f"SELECT number, first, last, root, previous, body, signature FROM {log.seal} ORDER BY number"
    ):
        where = f"seal {number}"
        if number != expected:
            yield Finding(log.name, "missing", f"seal {expected}", f"the next seal found is {number}")
        try:
            public_key().verify(bytes(signature), body.encode())
        except InvalidSignature:
            yield Finding(log.name, "forged", where, "its signature is false")
        said = json.loads(body)
        if (said["number"], said["first"], said["last"], said["root"], said["previous"]) != (
            number,
            first,
            last,
            bytes(root).hex(),
            bytes(previous).hex(),
        ):
            yield Finding(log.name, "altered", where, "its columns differ from the signed body")
        if bytes(previous) != (sha256(previous_body.encode()).digest() if previous_body else GENESIS):
            yield Finding(log.name, "broken_chain", where, "it does not follow the seal before it")
        if first != previous_last + 1:
            yield Finding(log.name, "broken_chain", where, f"it begins at {first}, not at {previous_last + 1}")
        previous_body, previous_last, expected = body, last, number + 1


def _entries(log: Log, progress: Progress) -> Iterator[Finding]:
    seals = list(_rows(f"SELECT number, first, last, root FROM {log.seal} ORDER BY number"))
    seals.reverse()
    leaves: list[bytes] = []
    position = 0
    faulty = False
    while True:
        chunk = list(_rows(_ENTRIES.format(log=log), [position, _CHUNK]))
        if not chunk:
            break
        for at, entry_id, leaf, payload, *columns in chunk:
            for missing in range(position + 1, at):
                yield Finding(log.name, "missing", f"position {missing}", "the position is gone")
                leaves.append(b"")
            position = at
            found = _entry(log, at, entry_id, bytes(leaf), payload, columns)
            faulty = faulty or found is not None
            if found:
                yield found
            leaves.append(bytes(leaf))
            while seals and seals[-1][2] <= position:
                number, first, last, root = seals.pop()
                if merkle.root(leaves[: last - first + 1]) != bytes(root):
                    yield Finding(
                        log.name, "altered", f"seal {number}", f"positions {first} to {last} do not give its root"
                    )
                leaves = leaves[last - first + 1 :]
        progress(log.name, position)
    for number, first, last, _ in reversed(seals):
        gone = f"positions {max(first, position + 1)} to {last}"
        yield Finding(log.name, "truncated", gone, f"seal {number} covers them and they are gone")
    orphans = _rows(
        f"SELECT e.id FROM {log.entry} e WHERE NOT EXISTS (SELECT 1 FROM {log.position} p WHERE p.entry_id = e.id)"
        f" AND e.xid < (SELECT xid FROM ledger_horizon WHERE log = %s)",
        [log.name],
    )
    for (entry_id,) in orphans:
        yield Finding(log.name, "misplaced", f"entry {entry_id}", "it has no position although later ones have")


def _entry(
    log: Log, position: int, entry_id: Any, leaf: bytes, payload: str | None, columns: list[Any]
) -> Finding | None:
    where = f"entry {entry_id} at position {position}"
    if payload is None:
        return Finding(log.name, "missing", where, "the entry is gone")
    if merkle.leaf_hash(payload.encode()) != leaf:
        return Finding(log.name, "altered", where, "its bytes do not give the hash taken when it was placed")
    said = json.loads(payload)
    id_, cause, event, version, kind, subject, actor, agency = columns
    columns_say = [
        str(id_), str(cause), event, version, [kind, str(subject)], actor, agency and str(agency)
    ]  # fmt: skip
    if [said[k] for k in ("id", "cause", "event", "version", "subject", "actor", "agency")] != columns_say:
        return Finding(log.name, "altered", where, "its columns differ from its sealed bytes")
    return None


def _kept_roots(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _against(log: Log, kept: list[dict[str, Any]]) -> Iterator[Finding]:
    """A root kept elsewhere must be in the chain, word for word."""
    here = dict(_rows(f"SELECT number, body FROM {log.seal}"))
    for line in kept:
        body = json.loads(line["body"])
        if body["log"] != log.name:
            continue
        where = f"seal {body['number']}, positions {body['first']} to {body['last']}"
        if body["number"] not in here:
            yield Finding(log.name, "truncated", where, "a root kept elsewhere is not in the chain any more")
        elif here[body["number"]] != line["body"]:
            yield Finding(log.name, "rewritten", where, "the root kept elsewhere is another one")


def _rows(sql: str, params: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor.fetchall()
