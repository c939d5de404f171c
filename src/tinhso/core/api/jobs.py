"""Forgetting what is no longer needed to answer repeated requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tinhso.core.jobs.registry import job

from . import idempotency, limits

KEYS_KEPT = timedelta(days=7)  # a form may lie open in a browser over a long weekend
COUNTS_KEPT = timedelta(minutes=2)


@job("api.sweep", every="*/10 * * * *")
def sweep() -> None:
    """Remove idempotency keys and rate counts past their time."""
    now = datetime.now(UTC)
    idempotency.sweep(before=now - KEYS_KEPT)
    limits.sweep(before=now - COUNTS_KEPT)
