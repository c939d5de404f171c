"""What waits, how long, and what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from .models import Failure

_LAG = """
SELECT min(since) FROM (
    (SELECT e.at AS since FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id
      WHERE j.status = 'todo' AND j.scheduled_at IS NULL AND e.type = 'deferred' ORDER BY j.id LIMIT 1)
    UNION ALL
    (SELECT scheduled_at FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at <= %s
      ORDER BY scheduled_at LIMIT 1)
) oldest
"""


def lag(at: datetime) -> timedelta:
    """How long the oldest job that could run has been waiting; zero when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG, [at])
        since = cursor.fetchone()[0]
    return max(timedelta(), at - since) if since else timedelta()


def workers(at: datetime, within: timedelta = timedelta(seconds=15)) -> int:
    """How many workers have shown a heartbeat lately."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=at - within).count()


@dataclass(frozen=True)
class Queue:
    """One queue's jobs by state."""

    name: str
    waiting: int
    running: int
    resting: int
    failed: int


def queues(at: datetime) -> list[Queue]:
    """Open work of every queue. Resting: waits for its next attempt or its time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT queue_name,
                      count(*) FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %(at)s)),
                      count(*) FILTER (WHERE status = 'doing'),
                      count(*) FILTER (WHERE status = 'todo' AND scheduled_at > %(at)s),
                      count(*) FILTER (WHERE status = 'failed' AND f.skipped_at IS NULL)
               FROM procrastinate_jobs j LEFT JOIN jobs_failure f ON f.job_id = j.id
               WHERE status IN ('todo', 'doing', 'failed') GROUP BY queue_name ORDER BY queue_name""",
            {"at": at},
        )
        return [Queue(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class FailedJob:
    """A dead letter: nothing happens to it until a person replays or skips it."""

    number: int
    job: str
    queue: str
    attempts: int
    error: str
    place: str
    failed_at: datetime | None


def failed_jobs(limit: int = 100) -> list[FailedJob]:
    """The newest failed jobs that nobody has skipped."""
    return list(_failed(limit))


def _failed(limit: int) -> Iterator[FailedJob]:
    skipped = Failure.objects.exclude(skipped_at=None).values("job_id")
    rows = list(ProcrastinateJob.objects.filter(status="failed").exclude(pk__in=skipped).order_by("-pk")[:limit])
    reasons = Failure.objects.in_bulk([row.pk for row in rows])
    for row in rows:
        why = reasons.get(row.pk)
        yield FailedJob(
            number=row.pk,
            job=row.task_name,
            queue=row.queue_name,
            attempts=row.attempts,
            error=why.error if why else "",
            place=why.place if why else "",
            failed_at=why.at if why else None,
        )
