"""What follows from the record happens once, whatever breaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection

from tinhso.core.ledger.consumers import Placed
from tinhso.core.ledger.queries import backlog, standing_still

from .builders import Session, count, count_to, place, run


@pytest.fixture
def told(db: Any) -> Callable[[], list[int]]:
    """A table that handlers fill; calling it gives what stands there."""
    with db.connect() as owner:
        owner.execute("CREATE TABLE told (number int)")
        owner.execute("GRANT ALL ON told TO tinhso_app")
    return lambda: [n for (n,) in run("SELECT number FROM told")]


def tell(batch: Sequence[Placed]) -> None:
    for one in batch:
        run("INSERT INTO told VALUES (%s)", [one.data["number"]])


def test_every_entry_is_handed_out_once_in_order(told: Callable[[], list[int]], consumers: Any) -> None:
    consumers.consumer("tests.tell", batch=4)(tell)
    count_to(10)
    place()
    consumers.catch_up()
    count(11)
    assert consumers.run_all() == 0, "what has no position yet is not handed out"
    place()
    assert consumers.run_all() == 1
    assert consumers.run_all() == 0
    assert told() == list(range(1, 12))
    assert backlog() == {"tests.tell": 0}


def test_only_the_events_asked_for_are_handed_out_and_the_others_are_passed(
    told: Callable[[], list[int]], consumers: Any
) -> None:
    consumers.consumer("tests.other", events=["tests.something_else"])(tell)
    consumers.consumer("tests.counted", events=["tests.counted"])(tell)
    count(1)
    place()
    consumers.catch_up()
    assert told() == [1]
    assert backlog() == {"tests.other": 0, "tests.counted": 0}


def test_a_crash_between_handler_and_commit_repeats_and_loses_nothing(
    db: Any, told: Callable[[], list[int]], consumers: Any
) -> None:
    crashes = iter([True, False])

    @consumers.consumer("tests.crashing")
    def tell_and_crash(batch: Sequence[Placed]) -> None:
        tell(batch)
        if next(crashes):
            ((pid,),) = run("SELECT pg_backend_pid()")
            with db.connect() as other:
                other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])

    count_to(3)
    place()
    with pytest.raises(OperationalError):
        consumers.advance(consumers.REGISTRY["tests.crashing"])
    connection.close()
    assert told() == []
    assert consumers.advance(consumers.REGISTRY["tests.crashing"]) > 0
    assert told() == [1, 2, 3]


def test_one_that_fails_says_why_keeps_its_place_and_stops_no_other(
    told: Callable[[], list[int]], consumers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    @consumers.consumer("tests.failing")
    def fail(batch: Sequence[Placed]) -> None:
        tries.append(len(batch))
        tell(batch)
        raise ValueError("no such figure")

    consumers.consumer("tests.tell")(tell)
    count_to(3)
    place()
    consumers.run_all()
    assert told() == [1, 2, 3], "the other one's work stands, the failing one's is undone"
    assert standing_still() == {"tests.failing": "ValueError: no such figure"}
    assert backlog() == {"tests.failing": 3, "tests.tell": 0}
    assert "tests.failing stands still" in caplog.text

    consumers.run_all()
    assert tries == [3], "it is left alone for a while"
    consumers.REGISTRY["tests.failing"] = consumers.Consumer("tests.failing", tell, None)
    consumers.catch_up()
    assert standing_still() == {}
    assert told() == [1, 2, 3] * 2


def test_catching_up_raises_what_a_consumer_raises(told: Callable[[], list[int]], consumers: Any) -> None:
    @consumers.consumer("tests.failing")
    def fail(batch: Sequence[Placed]) -> None:
        raise ValueError("no such figure")

    count(1)
    place()
    with pytest.raises(ValueError, match="no such figure"):
        consumers.catch_up()


def test_two_workers_at_once_do_the_work_once(
    told: Callable[[], list[int]], consumers: Any, session: Callable[[], Session]
) -> None:
    inside, go_on = Event(), Event()

    @consumers.consumer("tests.slow")
    def slow(batch: Sequence[Placed]) -> None:
        inside.set()
        assert go_on.wait(30)
        tell(batch)

    count_to(3)
    place()
    one = session()
    future = one.later(consumers.run_all)
    assert inside.wait(30)
    first_run = session()
    assert first_run(consumers.run_all) == 0
    go_on.set()
    assert future.result(timeout=30) == 3
    assert told() == [1, 2, 3]


def test_a_name_belongs_to_one_consumer(consumers: Any) -> None:
    consumers.consumer("tests.tell")(tell)
    consumers.consumer("tests.tell")(tell)  # a module read twice
    with pytest.raises(ValueError, match="twice"):
        consumers.consumer("tests.tell")(lambda batch: None)
