"""Housekeeping of the queues themselves."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from procrastinate.contrib.django.models import ProcrastinateJob

from .models import Failure
from .registry import job, manager

KEPT_HOURS = 72


@job("jobs.forget_old", queue="housekeeping", every="17 20 * * *")
def forget_old() -> None:
    """Remove jobs that ended well three days ago, and what was known about jobs that are gone."""
    async_to_sync(manager.delete_old_jobs)(nb_hours=KEPT_HOURS)
    Failure.objects.exclude(pk__in=ProcrastinateJob.objects.values("pk")).delete()
