"""Inclusion proofs: a small JSON that shows an entry is under a signed seal.

`verify_proof.py` beside this file checks one with nothing but Python and `cryptography`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from . import merkle
from .seals import public_key
from .tables import LEDGER, Log

_COVERED = """
SELECT e.payload, p.position, s.first, s.last, s.body, s.signature
FROM {log.entry} e JOIN {log.position} p ON p.entry_id = e.id,
     LATERAL (SELECT * FROM {log.seal} WHERE last >= p.position ORDER BY last LIMIT 1) s
WHERE e.id = %s
"""
_LEAVES = "SELECT leaf FROM {log.position} WHERE position BETWEEN %s AND %s ORDER BY position"


def proof(entry_id: UUID, log: Log = LEDGER) -> dict[str, Any] | None:
    """The proof of one entry; None while no seal covers it yet (at most a minute or so)."""
    with connection.cursor() as cursor:
        cursor.execute(log.sql(_COVERED), [entry_id])
        row = cursor.fetchone()
        if row is None:
            return None
        payload, position, first, last, body, signature = row
        cursor.execute(log.sql(_LEAVES), [first, last])
        leaves = [bytes(leaf) for (leaf,) in cursor.fetchall()]
    return {
        "format": "tinhso-proof-1",
        "entry": payload,
        "position": position,
        "path": [sibling.hex() for sibling in merkle.path(leaves, position - first)],
        "seal": body,
        "signature": bytes(signature).hex(),
        "public_key": public_key().public_bytes_raw().hex(),
    }
