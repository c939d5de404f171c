"""Sending a request twice does it once (IETF draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Refused, one_change
from tinhso.core.ledger.rows import prepared

from .models import IdempotencyKey

LONGEST = 128

_INSERT = """
INSERT INTO api_idempotencykey (owner, key, digest, status, answer, created_at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Answer:
    """What was answered: an HTTP status and plain JSON. `repeated` when it had been answered before."""

    status: int
    body: Any
    repeated: bool = False


class _AnsweredElsewhere(Exception):
    """Another request with this key has committed first; this one's work is rolled back."""


def idempotent(owner: str, key: str, digest: bytes, function: Callable[[], tuple[int, Any]], *, at: datetime) -> Answer:
    """Run `function` unless this owner's request with this key was carried out before.

    `function` changes only the database and returns (status, JSON). Its work and the key commit
    together, and the key comes last: a first request costs one statement more, and of requests
    sent at the same time the later ones wait for the first commit, roll back and give its answer.
    A request that fails leaves no key. `digest` is the SHA-256 of what was sent; the same key with
    another digest raises `Refused("idempotency_key_reused")`.
    """
    if not key or len(key) > LONGEST:
        raise Refused(
            "idempotency_key_missing",
            _("Send a header Idempotency-Key of 1 to %(most)d characters.") % {"most": LONGEST},
            status=400,
        )
    try:
        with one_change():
            status, body = function()
            with prepared() as cursor:
                cursor.execute(_INSERT, [owner, key, digest, status, json.dumps(body), at])
                if not cursor.rowcount:
                    raise _AnsweredElsewhere
    except Exception as error:
        # Also where the work itself failed: what was done already cannot be done again (a draft is
        # gone, a name is taken), yet the repeated request has its answer.
        before = _before(owner, key, digest)
        if before is None:
            raise
        if isinstance(before, Refused):
            raise before from error
        return before
    return Answer(status, body)


def _before(owner: str, key: str, digest: bytes) -> Answer | Refused | None:
    kept = IdempotencyKey.objects.filter(owner=owner, key=key).first()
    if kept is None:
        return None
    if bytes(kept.digest) != digest:
        return Refused("idempotency_key_reused", _("This key was used before for something else. Send a new key."))
    return Answer(kept.status, kept.answer, repeated=True)


def sweep(*, before: datetime) -> int:
    """Forget requests carried out before that moment; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=before).delete()[0]
