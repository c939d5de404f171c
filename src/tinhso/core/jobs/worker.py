"""The worker: takes jobs from their queues and runs them in threads."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import procrastinate
from django.db import DatabaseError, InterfaceError, close_old_connections, connections, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg_pool import PoolTimeout

from .models import Failure
from .registry import MAX_ATTEMPTS, ended, manager

log = logging.getLogger(__name__)

CONCURRENCY = 4
POLL = 0.5  # seconds; nobody is notified (see migrations/0001)
HEARTBEAT = 5.0  # seconds
STALLED = 15.0  # seconds without a heartbeat: the worker is dead


def run_worker(stop: threading.Event, *, concurrency: int = CONCURRENCY) -> None:
    """Run jobs until told to stop, then finish those that run.

    A database that is away is waited for, with back-off to 10 s; jobs that ran meanwhile are
    run again from their start.
    """
    pause = 1.0
    while not stop.is_set():
        started = time.monotonic()
        try:
            asyncio.run(_work(stop, concurrency))
        except (ConnectorException, PoolTimeout, DatabaseError, InterfaceError) as error:
            log.warning("worker: the database does not answer: %s", error)
        if not stop.is_set():
            pause = 1.0 if time.monotonic() - started > 60 else min(pause * 2, 10.0)
            stop.wait(pause)


async def _work(stop: threading.Event, concurrency: int) -> None:
    threads = ThreadPoolExecutor(concurrency + 1, thread_name_prefix="job")  # one more for the sweep
    asyncio.get_running_loop().set_default_executor(threads)
    pool = procrastinate.PsycopgConnector(
        kwargs=connector_params("default"), min_size=1, max_size=3, timeout=30, name="jobs"
    )
    with app.replace_connector(pool):
        async with app.open_async():
            run = asyncio.create_task(
                app.run_worker_async(
                    concurrency=concurrency,
                    fetch_job_polling_interval=POLL,
                    abort_job_polling_interval=60,
                    listen_notify=False,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=2 * STALLED,
                )
            )
            sweeps = asyncio.create_task(_sweep_for_ever())
            try:
                while not (stop.is_set() or run.done() or sweeps.done()):
                    await asyncio.wait([run, sweeps], timeout=0.1)
            finally:
                sweeps.cancel()
                run.cancel()  # procrastinate takes this as: finish what runs, then stop
                results = await asyncio.gather(run, sweeps, return_exceptions=True)
                await _close_connections(threads, concurrency + 1)
    for error in results:
        if isinstance(error, Exception):
            raise error


async def _sweep_for_ever() -> None:
    while True:
        await asyncio.sleep(HEARTBEAT)
        await asyncio.to_thread(_sweep_afresh)


def _sweep_afresh() -> None:
    close_old_connections()
    sweep()


def sweep(stalled: float = STALLED) -> int:
    """Put jobs of dead workers back into their queues; returns how many.

    Also those of this process whose end could not be written down because the database was
    away just then. A job that has stopped its worker `MAX_ATTEMPTS` times is given up.
    """
    unsaid = [number for number, at in list(ended.items()) if time.monotonic() - at > stalled]
    dead = Q(worker=None) | Q(worker__last_heartbeat__lt=Now() - timedelta(seconds=stalled)) | Q(pk__in=unsaid)
    with transaction.atomic():
        found = ProcrastinateJob.objects.filter(dead, status=Status.DOING.value)
        # Locked, so that two sweeping workers do not put one job back twice.
        jobs = list(found.select_for_update(of=("self",), skip_locked=True))
        for one in jobs:
            if one.attempts + 1 < MAX_ATTEMPTS:
                manager.retry_job_by_id(one.pk, retry_at=timezone.now())
            else:
                failure = {"job": one.task_name, "error": "WorkerDied", "at": timezone.now(), "skipped_at": None}
                Failure.objects.update_or_create(job_id=one.pk, defaults=failure)
                _give_up(one.pk)
    for number in unsaid:
        ended.pop(number, None)
    if jobs:
        log.warning("worker: %d jobs of dead workers are run again", len(jobs))
    return len(jobs)


def _give_up(number: int) -> None:
    from procrastinate import sql

    manager.connector.get_sync_connector().execute_query(
        query=sql.queries["finish_job"], job_id=number, status=Status.FAILED.value, delete_job=False
    )


async def _close_connections(threads: ThreadPoolExecutor, count: int) -> None:
    """Close Django's connection in each thread: they meet at a barrier, so that each takes one turn."""
    barrier = threading.Barrier(count)

    def close() -> None:
        connections.close_all()
        barrier.wait(timeout=5)

    await asyncio.gather(*(asyncio.get_running_loop().run_in_executor(threads, close) for _ in range(count)))
