"""Forgetting what is no longer needed to answer repeated requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tinhso.core.jobs.registry import job
from tinhso.core.ledger import witnesses

from . import idempotency, limits, witness

__all__ = ["witness"]  # imported so that its kinds are registered wherever jobs are found

KEYS_KEPT = timedelta(days=7)  # a form may lie open in a browser over a long weekend
COUNTS_KEPT = timedelta(minutes=2)


@job("api.sweep", every="*/10 * * * *")
def sweep() -> None:
    """Remove idempotency keys and rate counts past their time."""
    now = datetime.now(UTC)
    idempotency.sweep(before=now - KEYS_KEPT)
    limits.sweep(before=now - COUNTS_KEPT)


@job("ledger.witnesses", every="*/5 * * * *")
def show_witnesses() -> None:
    """Show the newest seals to the witnesses that are due."""
    witnesses.ask_all(datetime.now(UTC))
