"""One lock for each content.

Inside a transaction it is held until that ends. Outside one it belongs to the connection and to the
`with`, so that bytes can travel to a remote store without a transaction waiting for them; a process
that dies loses its connection and with it the lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_SPACE = 0x66696C65  # "file": keeps these locks apart from other users of advisory locks


def _key(sha256: str) -> list[int]:
    return [_SPACE, int.from_bytes(bytes.fromhex(sha256[:8]), signed=True)]


@contextmanager
def sharing(sha256: str) -> Iterator[None]:
    """Held by whoever makes a link. Many at once; waits only for a removal, which is short."""
    if connection.in_atomic_block:
        _ask("SELECT pg_advisory_xact_lock_shared(%s, %s)", sha256)
        yield
        return
    _ask("SELECT pg_advisory_lock_shared(%s, %s)", sha256)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock_shared(%s, %s)", sha256)


@contextmanager
def claiming(sha256: str) -> Iterator[bool]:
    """Held by whoever removes bytes. False, at once, while anyone is making a link."""
    if connection.in_atomic_block:
        yield _ask("SELECT pg_try_advisory_xact_lock(%s, %s)", sha256)
        return
    mine = _ask("SELECT pg_try_advisory_lock(%s, %s)", sha256)
    try:
        yield mine
    finally:
        if mine:
            _ask("SELECT pg_advisory_unlock(%s, %s)", sha256)


def _ask(statement: str, sha256: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, _key(sha256))
        return bool(cursor.fetchone()[0])
