"""Housekeeping of the queues themselves."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ..ledger.actions import Actor
from ..ledger.retention import prune
from .models import Failure
from .registry import job, manager

KEPT_HOURS = 72


@job("jobs.forget_old", queue="housekeeping", every="17 20 * * *")
def forget_old() -> None:
    """Remove jobs that ended well three days ago, and what was known about jobs that are gone."""
    async_to_sync(manager.delete_old_jobs)(nb_hours=KEPT_HOURS)
    Failure.objects.exclude(pk__in=ProcrastinateJob.objects.values("pk")).delete()


@job("ledger.prune_access", queue="housekeeping", every="47 19 * * *")
def prune_access() -> None:
    """Delete what the access log has kept for as long as the province decided; without a decision, nothing."""
    if months := settings.TINHSO.access_log_months:
        prune(months=months, by=Actor.system("retention"), at=timezone.now())
