"""How often someone may ask, counted in PostgreSQL so that it holds across processes and machines."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Refused

_COUNT = """
INSERT INTO api_ratecount AS r (bucket, minute, count) VALUES (%s, %s, 1)
ON CONFLICT (bucket, minute) DO UPDATE SET count = r.count + 1
RETURNING count
"""
_SWEEP = "DELETE FROM api_ratecount WHERE minute < %s"


class TooMany(Refused):
    """Asked too often; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too_many_requests", _("Too many requests. Wait a minute, then try again."), status=429)
        self.retry_after = retry_after


def limit(name: str, who: str, *, per_minute: int, at: datetime) -> None:
    """Count one request of `who`; raises `TooMany` beyond `per_minute` in a clock minute.

    For what strangers can reach: public pages, sign-in, public look-ups. Call it outside a
    transaction, else the count is rolled back with a refusal.
    """
    minute, second = divmod(int(at.timestamp()), 60)
    secret = settings.SECRET_KEY.encode()
    bucket = hmac.digest(secret, f"{name}\n{who}".encode(), hashlib.sha256)[:16]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [bucket, minute])
        (count,) = cursor.fetchone()
    if count > per_minute:
        raise TooMany(60 - second)


def sender(request: HttpRequest) -> str:
    """Who asks, for limits: the account or client if one is known, else the network address."""
    actor = getattr(request, "actor", None)
    if actor is not None and actor.kind != "system":
        return str(actor)
    return str(request.META.get("REMOTE_ADDR", ""))


def sweep(*, before: datetime) -> int:
    """Forget counts of minutes before that moment; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [int(before.timestamp()) // 60])
        return int(cursor.rowcount)
