"""Background work: in the caller's transaction, repeated, recovered, visible when it fails."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.house.databases import Database

from tinhso.core.jobs import actions, queries, registry, worker
from tinhso.core.jobs import jobs as housekeeping
from tinhso.core.jobs.models import Failure
from tinhso.core.jobs.registry import LONGEST_WAIT, MAX_ATTEMPTS, job, wait_after
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry, Remark

pytestmark = pytest.mark.usefixtures("db")
ADMIN = Actor("account", str(uuid4()))
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

done: list[str] = []
fail: list[Exception] = []


@job("tests.work", queue="tests")
def work(word: str) -> None:
    if fail:
        raise fail[-1]
    done.append(word)


@job("tests.chain", queue="tests")
def chain(word: str) -> None:
    """Defers more work inside a transaction of its own, then fails or not."""
    with transaction.atomic():
        work.defer(word=word)
        if word == "roll back":
            raise ValueError(word)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    done.clear()
    fail.clear()
    registry.ended.clear()


def run_until(condition, seconds: float = 20) -> None:
    """Run a worker in this process until something is so."""
    stop = threading.Event()

    def watch() -> None:
        deadline = datetime.now(UTC) + timedelta(seconds=seconds)
        while not condition() and datetime.now(UTC) < deadline:
            stop.wait(0.05)
        connection.close()
        stop.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    worker.run_worker(stop, concurrency=2)
    watcher.join()
    connection.close()  # a test may have cut it
    assert condition()


def state(number: int) -> str:
    return ProcrastinateJob.objects.get(pk=number).status


def failed(error: Exception) -> int:
    """A job that has failed for good."""
    fail.append(error)
    number = work.defer(word="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [MAX_ATTEMPTS])
    run_until(lambda: state(number) == "failed")
    fail.clear()
    return number


def test_work_runs_once_its_transaction_is_through() -> None:
    with transaction.atomic():
        number = work.defer(word="accepted")
        assert state(number) == "todo"
    run_until(lambda: state(number) == "succeeded")
    assert done == ["accepted"]


def test_work_of_a_transaction_that_is_rolled_back_never_was() -> None:
    with transaction.atomic():
        work.defer(word="never")
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()


def test_work_deferred_inside_work_joins_that_transaction_too() -> None:
    good, bad = chain.defer(word="go on"), chain.defer(word="roll back")
    run_until(lambda: state(good) == "succeeded" and ProcrastinateJob.objects.get(pk=bad).attempts == 1)
    assert list(ProcrastinateJob.objects.filter(task_name="tests.work").values_list("args__word", flat=True)) == [
        "go on"
    ]


def test_many_are_deferred_in_one_statement(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        numbers = work.defer_many([{"word": str(n)} for n in range(50)])
    assert len(set(numbers)) == 50
    assert work.defer_many([]) == []


def test_work_for_later_waits() -> None:
    later = work.defer(word="later", not_before=datetime.now(UTC) + timedelta(hours=1))
    now = work.defer(word="now")
    run_until(lambda: state(now) == "succeeded")
    assert state(later) == "todo"


def test_no_notification_serialises_commits(db: Database) -> None:
    """Both of procrastinate's notify triggers stay off; an upgrade that makes them anew is caught here."""
    with db.connect() as raw:
        raw.execute("LISTEN procrastinate_any_queue_v1")
        raw.execute('LISTEN "procrastinate_queue_v1#tests"')
        number = work.defer(word="quiet")
        raw.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [number])
        raw.execute("UPDATE procrastinate_jobs SET abort_requested = true WHERE id = %s", [number])
        assert list(raw.notifies(timeout=0.3)) == []
        calling = raw.execute(
            """SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
               WHERE t.tgrelid = 'procrastinate_jobs'::regclass AND t.tgenabled <> 'D' AND p.prosrc ILIKE '%notify%'"""
        ).fetchall()
    assert calling == []


def test_waits_grow_to_eight_minutes_and_last_longer_than_an_hours_outage() -> None:
    waits = [wait_after(n) for n in range(MAX_ATTEMPTS - 1)]
    assert waits[:3] == [timedelta(seconds=s) for s in (2, 4, 8)]
    assert waits == sorted(waits)
    assert max(waits) == LONGEST_WAIT == timedelta(seconds=480)
    assert sum(waits, timedelta()) > timedelta(hours=1)


def test_work_that_fails_rests_and_says_why_without_naming_anyone() -> None:
    fail.append(ConnectionError("Nguyễn Thị Lan, 0905 000 001"))
    number = work.defer(word="x")
    run_until(lambda: Failure.objects.filter(pk=number).exists() and state(number) == "todo")
    row = ProcrastinateJob.objects.get(pk=number)
    assert row.attempts == 1
    assert row.scheduled_at > datetime.now(UTC)
    failure = Failure.objects.get(pk=number)
    assert (failure.job, failure.error) == ("tests.work", "ConnectionError")
    assert "Lan" not in "".join(str(v) for v in vars(failure).values())
    queues = {one.name: one for one in queries.queues(datetime.now(UTC))}  # others': jobs of this very minute
    assert queues["tests"] == queries.Queue("tests", 0, 0, 1, 0)


def test_a_refusal_is_not_tried_again() -> None:
    fail.append(Refused("closed", "closed"))
    number = work.defer(word="x")
    run_until(lambda: state(number) == "failed")
    assert [(f.number, f.attempts, f.error) for f in queries.failed_jobs()] == [(number, 1, "refused:closed")]


def test_failed_work_is_replayed_by_a_person_and_the_ledger_knows() -> None:
    number = failed(ConnectionError())
    actions.replay(number, by=ADMIN, at=datetime.now(UTC))
    run_until(lambda: state(number) == "succeeded")
    assert done == ["x"]
    entry = Entry.objects.get(event="jobs.replayed")
    assert entry.data == {"job": number, "task": "tests.work", "error": "ConnectionError"}
    assert queries.failed_jobs() == []
    with pytest.raises(Refused):
        actions.replay(number, by=ADMIN, at=NOW)


def test_failed_work_is_skipped_with_a_reason_only() -> None:
    number = failed(ConnectionError())
    with pytest.raises(Refused) as refused:
        actions.skip(number, by=ADMIN, at=NOW, reason="  ")
    assert refused.value.field == "reason"
    actions.skip(number, by=ADMIN, at=NOW, reason="Công dân đã nhận trực tiếp")
    assert queries.failed_jobs() == []
    assert Remark.objects.get(pk=Entry.objects.get(event="jobs.skipped").pk).words == "Công dân đã nhận trực tiếp"


def a_dead_worker(db: Database, number: int, *, attempts: int = 0) -> None:
    with db.connect() as raw:
        row = raw.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '20 s') RETURNING id"
        ).fetchone()
        raw.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE id = %s",
            [row[0] if row else None, attempts, number],
        )


def test_work_of_a_worker_that_died_is_done_by_another(db: Database) -> None:
    number = work.defer(word="again")
    a_dead_worker(db, number)
    assert worker.sweep() == 1
    assert worker.sweep() == 0
    run_until(lambda: state(number) == "succeeded")
    assert done == ["again"]


def test_work_of_a_worker_that_lives_is_left_alone(db: Database) -> None:
    number = work.defer(word="busy")
    a_dead_worker(db, number)
    with db.connect() as raw:
        raw.execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
    assert worker.sweep() == 0
    assert state(number) == "doing"


def test_work_that_kills_every_worker_is_given_up_in_sight(db: Database) -> None:
    number = work.defer(word="poison")
    a_dead_worker(db, number, attempts=MAX_ATTEMPTS - 1)
    worker.sweep()
    assert [(f.number, f.error) for f in queries.failed_jobs()] == [(number, "WorkerDied")]


def test_work_whose_end_could_not_be_written_down_is_done_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    number = work.defer(word="x")
    a_dead_worker(db, number)
    with db.connect() as raw:
        raw.execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
    monkeypatch.setitem(registry.ended, number, -1e9)
    assert worker.sweep() == 1
    assert registry.ended == {}


def test_two_sweeps_at_once_put_a_job_back_once(db: Database) -> None:
    number = work.defer(word="x")
    a_dead_worker(db, number)
    with transaction.atomic():
        assert worker.sweep() == 1
        others: list[int] = []
        thread = threading.Thread(target=lambda: (others.append(worker.sweep()), connection.close()))
        thread.start()
        thread.join()
    assert others == [0]
    assert ProcrastinateJob.objects.get(pk=number).attempts == 1


def test_the_lag_is_the_age_of_the_oldest_work_that_could_run() -> None:
    now = datetime.now(UTC)
    assert queries.lag(now) == timedelta()
    work.defer(word="later", not_before=now + timedelta(hours=1))
    assert queries.lag(now) == timedelta()
    work.defer(word="due", not_before=now - timedelta(minutes=3))
    assert queries.lag(now) == timedelta(minutes=3)
    work.defer(word="now")
    assert timedelta(minutes=59) < queries.lag(now + timedelta(hours=1)) - timedelta(minutes=3) < timedelta(minutes=61)


def test_a_living_worker_is_seen() -> None:
    assert queries.workers(datetime.now(UTC)) == 0
    seen: list[int] = []
    run_until(lambda: bool(seen) or (queries.workers(datetime.now(UTC)) == 1 and not seen.append(1)))


def test_a_worker_outlives_its_database_connections(db: Database) -> None:
    first, second = work.defer(word="before"), []

    def cut_and_go_on() -> bool:
        if not done:
            return False
        if not second:
            with db.connect() as raw:
                raw.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            connection.close()
            second.append(work.defer(word="after"))
        return state(second[0]) == "succeeded"

    run_until(cut_and_go_on, seconds=40)
    assert done.count("after") == 1
    assert state(first) in {"succeeded", "doing"}  # its end may have been cut off; the sweep finds it


def test_work_with_a_clock_of_its_own_runs_by_itself() -> None:
    ticks: list[int] = []

    @job("tests.tick", queue="tests", every="* * * * *")
    def tick() -> None:
        ticks.append(1)

    try:
        run_until(lambda: bool(ticks))
    finally:
        app.periodic_registry.periodic_tasks.pop(("tests.tick", "tests.tick"))
        app.tasks.pop("tests.tick")


def test_every_part_of_the_house_with_a_clock_is_known_to_the_worker() -> None:
    known = {name for name, _ in app.periodic_registry.periodic_tasks}
    assert {"files.sweep", "files.sweep_disk", "jobs.forget_old"} <= known


def test_jobs_that_ended_well_are_forgotten_after_three_days_and_failed_ones_are_not(db: Database) -> None:
    numbers = work.defer_many([{"word": w} for w in ("old", "new", "failed")])
    old, new, bad = numbers
    with db.connect() as raw:
        raw.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        raw.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id <> %s", [bad])
        raw.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [bad])
        raw.execute("UPDATE procrastinate_events SET at = at - interval '73 h' WHERE job_id <> %s", [new])
    for number in (old, bad):
        Failure.objects.create(job_id=number, job="tests.work", error="ConnectionError", at=NOW)
    housekeeping.forget_old()
    assert sorted(ProcrastinateJob.objects.values_list("pk", flat=True)) == [new, bad]
    assert list(Failure.objects.values_list("pk", flat=True)) == [bad]
