"""`@job`: how a package declares background work."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from procrastinate import JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job as StoredJob
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy
from procrastinate.tasks import configure_task

from ..ledger.actions import Refused

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(seconds=480)
MAX_ATTEMPTS = 20  # with the waits below about two hours: longer than an hour's outage of a remote party
HOUSE = Path(__file__).resolve().parents[2]

# The worker swaps the app's connector for its own pool. Deferring keeps Django's connection, also
# inside a job, so that it always joins the caller's transaction.
manager = JobManager(DjangoConnector(alias="default"))

# When the functions of jobs ended in this process; see `worker.sweep`.
ended: dict[int, float] = {}


_enqueues: ContextVar[bool] = ContextVar("enqueues", default=True)


@contextmanager
def nothing_enqueued() -> Iterator[None]:
    """Deferring does nothing within: the simulation does by actions what matters of the jobs it leaves out."""
    token = _enqueues.set(False)
    try:
        yield
    finally:
        _enqueues.reset(token)


def wait_after(attempts: int) -> timedelta:
    """How long a job rests after `attempts` earlier failures and one more: 2 s, 4 s, 8 s … 480 s."""
    return min(LONGEST_WAIT, timedelta(seconds=2 ** min(attempts + 1, 16)))


class BackOff(BaseRetryStrategy):
    """Try again later; give up at once where trying again cannot help (`Refused`)."""

    def get_retry_decision(self, *, exception: BaseException, job: StoredJob) -> RetryDecision | None:
        if isinstance(exception, Refused) or job.attempts + 1 >= MAX_ATTEMPTS:
            return None
        return RetryDecision(retry_at=datetime.now(UTC) + wait_after(job.attempts))


@dataclass(frozen=True)
class Job:
    """A declared piece of background work. Calling it runs it here and now."""

    name: str
    queue: str
    function: Callable[..., None]

    def __call__(self, **kwargs: Any) -> None:
        self.function(**kwargs)

    def defer(self, *, not_before: datetime | None = None, **kwargs: Any) -> int:
        """Enqueue in the caller's transaction; a rollback leaves no job. Returns the job's number."""
        if not _enqueues.get():
            return 0
        return configure_task(name=self.name, job_manager=manager, queue=self.queue, schedule_at=not_before).defer(
            **kwargs
        )

    def defer_many(self, many: list[dict[str, Any]]) -> list[int]:
        """Enqueue one job for each set of arguments in one statement (14,400/s against 1,270 one by one)."""
        if not many or not _enqueues.get():
            return []
        return configure_task(name=self.name, job_manager=manager, queue=self.queue).batch_defer(*many)


def job(name: str, *, queue: str = "default", every: str = "") -> Callable[[Callable[..., None]], Job]:
    """Register a function as background work.

    `name` is stored with each job, so it stays for ever. `every` is a cron line (UTC) for work
    that also runs by itself, without arguments.
    """

    def register(function: Callable[..., None]) -> Job:
        def run(context: JobContext, /, timestamp: int | None = None, **kwargs: Any) -> None:
            try:
                function(**kwargs)
            except Exception as error:
                _remember(context.job, error)
                raise
            finally:
                if context.job.id is not None:
                    ended[context.job.id] = time.monotonic()

        task = app.task(name=name, queue=queue, retry=BackOff(), pass_context=True)(run)
        if every:
            app.periodic(cron=every, periodic_id=name)(task)
        return Job(name, queue, function)

    return register


def _remember(stored: StoredJob, error: Exception) -> None:
    """Keep the kind of failure and its place for the page of failed jobs, and nothing that may name people."""
    from .models import Failure  # models load after the first package declares its jobs

    kind = f"refused:{error.code}" if isinstance(error, Refused) else type(error).__qualname__
    ours = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(HOUSE)]
    place = f"{Path(ours[-1].filename).relative_to(HOUSE)}:{ours[-1].lineno} {ours[-1].name}" if ours else ""
    if stored.id is None:
        return
    row = {"job": stored.task_name, "error": kind[:120], "place": place[:200], "at": datetime.now(UTC)}
    try:
        Failure.objects.update_or_create(job_id=stored.id, defaults={**row, "skipped_at": None})
    except DatabaseError as away:
        log.warning("job %s failed and the database does not take the reason: %s", stored.id, away)
