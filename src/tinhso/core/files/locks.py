"""One lock for each content, held until the transaction ends."""

from __future__ import annotations

from django.db import connection

_SPACE = 0x66696C65  # "file": keeps these locks apart from other users of advisory locks


def _key(sha256: str) -> int:
    return int.from_bytes(bytes.fromhex(sha256[:8]), signed=True)


def share(sha256: str) -> None:
    """Held by whoever makes a link. Many at once; waits only for a removal, which is short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_SPACE, _key(sha256)])


def claim(sha256: str) -> bool:
    """Held by whoever removes bytes. False, at once, while anyone is making a link."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_SPACE, _key(sha256)])
        return bool(cursor.fetchone()[0])
