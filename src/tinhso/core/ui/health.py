"""`/health` for load balancers and people on call, `/metrics` for Prometheus."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tinhso.core.jobs import queries as jobs
from tinhso.core.ledger import queries as ledger
from tinhso.core.ledger import seals

from . import metrics as measures
from .access import may

JOB_LAG = timedelta(minutes=5)  # a job that waits longer says that workers do not keep up
SEAL_LAG = timedelta(minutes=3)  # entries are sealed within a minute; three is a fault

OK, DOWN = "ok", "down"


def state() -> dict[str, Any]:
    """How each part is. `lag` in seconds. `status` is `ok` only where every part is."""
    parts = {"database": _asked(_database)}
    if parts["database"]["status"] == OK:
        parts |= {"worker": _asked(_worker), "ledger": _asked(_ledger)}
    down = any(part["status"] != OK for part in parts.values())
    return {"status": DOWN if down else OK, "version": product_version(), **parts}


def product_version() -> str:
    """Version of the installed product."""
    try:
        return version("tinhso")
    except PackageNotFoundError:
        return "unknown"


def _asked(question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return question()
    except (DatabaseError, InterfaceError):
        connection.close()
        return {"status": DOWN}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": OK}


def _worker() -> dict[str, Any]:
    now = timezone.now()
    alive, lag = jobs.workers(now), jobs.lag(now)
    return {"status": OK if alive and lag < JOB_LAG else DOWN, "alive": alive, "lag": round(lag.total_seconds(), 1)}


def _ledger() -> dict[str, Any]:
    lag, still = seals.lag(), ledger.standing_still()
    status = OK if lag < SEAL_LAG and not still else DOWN
    return {"status": status, "seal_lag": round(lag.total_seconds(), 1), "standing_still": sorted(still)}


@may("public")
@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503; the same words for machines and people."""
    found = state()
    return JsonResponse(found, status=200 if found["status"] == OK else 503)


@may("public")  # answers only who is let in below; everybody else is told there is no such page
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in the text format of Prometheus, for the bearer of `METRICS_TOKEN` or, without one, for loopback."""
    if not _may_measure(request):
        raise Http404
    return HttpResponse(measures.exposition(state()), content_type=measures.CONTENT_TYPE)


def _may_measure(request: HttpRequest) -> bool:
    token = settings.TINHSO.metrics_token
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}")
    # A proxy on this machine would make everybody come from loopback.
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers)
    address = request.META.get("REMOTE_ADDR") or ""
    return not forwarded and bool(address) and ip_address(address).is_loopback
