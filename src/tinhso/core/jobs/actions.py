"""What an administrator decides about failed jobs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from ..ledger.actions import Actor, Refused, action, record
from .events import JobReplayed, JobSkipped
from .models import Failure
from .registry import manager

_NAMESPACE = UUID("8d6f4f5e-5d6b-4b55-9b5e-0a3c6a1f6e11")


def subject_of_job(number: int) -> tuple[str, UUID]:
    """The ledger's name for a job; procrastinate's own numbers are no UUIDs."""
    return "jobs.job", uuid5(_NAMESPACE, str(number))


@action
def replay(number: int, *, by: Actor, at: datetime) -> None:
    """Put a failed job back into its queue. Raises Refused when it has not failed."""
    job, error = _failed(number)
    manager.retry_job_by_id(number, retry_at=at)
    Failure.objects.filter(job_id=number).update(skipped_at=None)
    record(JobReplayed(job=number, task=job.task_name, error=error), subject=subject_of_job(number), by=by, at=at)


@action
def skip(number: int, *, by: Actor, at: datetime, reason: str) -> None:
    """Leave a failed job undone, with a reason. Raises Refused when it has not failed or no reason is given."""
    if not reason.strip():
        raise Refused("reason_missing", _("Say why this work may stay undone."), field="reason", status=422)
    job, error = _failed(number)
    Failure.objects.update_or_create(
        job_id=number, defaults={"skipped_at": at}, create_defaults={"job": job.task_name, "at": at, "skipped_at": at}
    )
    event = JobSkipped(job=number, task=job.task_name, error=error)
    record(event, subject=subject_of_job(number), by=by, at=at, words=reason.strip())


def _failed(number: int) -> tuple[ProcrastinateJob, str]:
    job = ProcrastinateJob.objects.select_for_update().filter(pk=number, status="failed").first()
    if job is None:
        raise Refused("job_not_failed", _("This work is not in the list of failed work any more."))
    failure = Failure.objects.filter(pk=number).first()
    return job, failure.error if failure else ""
