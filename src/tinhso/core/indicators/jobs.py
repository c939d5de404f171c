"""Rebuilding, one at a time for each indicator; closing the day."""

from __future__ import annotations

from django.utils import timezone

from ..jobs import job


@job("indicators.rebuild", queue="folds")
def rebuild_job(indicator: str) -> None:
    """Rebuild one indicator from the ledger; see `folds.rebuild`."""
    from . import folds  # folds enqueues this job

    folds.rebuild(indicator)


@job("indicators.close_days", queue="folds", every="5 17 * * *")  # 00:05 in Việt Nam
def close_days() -> None:
    """Keep what levels stood at when yesterday ended; see `folds.close_days`."""
    from . import folds  # folds enqueues the other job

    folds.close_days(timezone.now())
