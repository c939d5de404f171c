"""Rebuilding, one at a time for each indicator."""

from __future__ import annotations

from ..jobs import job


@job("indicators.rebuild", queue="folds")
def rebuild_job(indicator: str) -> None:
    """Rebuild one indicator from the ledger; see `folds.rebuild`."""
    from . import folds  # folds enqueues this job

    folds.rebuild(indicator)
