"""Every committed entry gets one position, in an order that respects its subject."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from tinhso.core.ledger.actions import record
from tinhso.core.ledger.merkle import leaf_hash
from tinhso.core.ledger.models import Entry
from tinhso.core.ledger.sequencer import NotAlone, in_its_stead, sequence
from tinhso.core.ledger.tables import LEDGER

from .builders import AT, BY, Counted, Session, a_subject, count, count_to, entry_at, place, placed, run

LOCK = "SELECT 1 FROM thing WHERE id = %s FOR UPDATE"


@pytest.fixture
def things(db: Any) -> Callable[[], tuple[str, Any]]:
    """Subjects with a row to lock, as every action locks the row it changes."""
    with db.connect() as owner:
        owner.execute("CREATE TABLE thing (id uuid PRIMARY KEY, counted int NOT NULL DEFAULT 0)")
        owner.execute("GRANT ALL ON thing TO tinhso_app")

    def make() -> tuple[str, Any]:
        subject = a_subject()
        run("INSERT INTO thing (id) VALUES (%s)", [subject[1]])
        return subject

    return make


def test_an_entry_of_a_transaction_that_commits_late_is_not_lost(db: Any, session: Callable[[], Session]) -> None:
    late = session().begin()
    early_serial = late(lambda: record(Counted(1), subject=a_subject(), by=BY, at=AT))
    second = count(2)
    assert place() == 1
    assert placed() == [(1, second)]
    late.commit()
    assert place() == 1
    assert placed() == [(1, second), (2, early_serial)]


def test_a_rolled_back_entry_leaves_no_gap(db: Any, session: Callable[[], Session]) -> None:
    first = count(1)
    gone = session().begin()
    gone(lambda: record(Counted(2), subject=a_subject(), by=BY, at=AT))
    gone.rollback()
    third = count(3)
    place()
    assert placed() == [(1, first), (2, third)]


def test_two_entries_of_one_subject_keep_their_order_where_waiting_for_the_horizon_turns_them_round(
    things: Callable[[], tuple[str, Any]], session: Callable[[], Session]
) -> None:
    """docs/decisions/0002: A has the lower transaction id and writes last; C holds the horizon between A and B."""
    subject = things()
    a, c, b = session().begin(), session().begin(), session().begin()
    b(LOCK, [subject[1]])
    first = b(lambda: record(Counted(1), subject=subject, by=BY, at=AT))
    b.commit()
    a(LOCK, [subject[1]])
    second = a(lambda: record(Counted(2), subject=subject, by=BY, at=AT))
    a.commit()

    ((oldest_running,),) = c("SELECT pg_current_xact_id()::text")
    below_horizon = run("SELECT id FROM ledger_entry WHERE xid < %s::text::xid8", [oldest_running])
    assert below_horizon == [(second,)], "the horizon alone would place the later entry first"

    place()
    assert placed() == [(1, first), (2, second)]
    c.commit()
    assert place() == 0


def test_what_waits_beyond_one_run_is_placed_by_the_next(db: Any) -> None:
    count_to(7)
    assert [sequence(LEDGER, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert [entry_at(p).data["number"] for p in range(1, 8)] == [1, 2, 3, 4, 5, 6, 7]


def test_while_one_process_places_another_does_not(db: Any, session: Callable[[], Session]) -> None:
    count(1)
    first = session().begin()
    assert first(place) == 1
    assert place() == 0
    first.commit()
    assert [p for p, _ in placed()] == [1]


def test_a_round_with_nothing_to_do_writes_nothing(db: Any, consumers: Any) -> None:
    from tinhso.core.ledger.loop import round_once

    consumers.consumer("tests.idle")(lambda batch: None)
    count(1)
    idle = (0, [(None,)])
    for _ in range(100):  # as long as a transaction of any database of the server is older, the horizon still moves
        with transaction.atomic():
            found = round_once(), run("SELECT pg_current_xact_id_if_assigned()")
        if found == idle:
            break
        time.sleep(0.1)
    assert found == idle


def load(many: int, given: int | None = None) -> None:
    """Record entries and place them, or only some of them, as a loader does."""
    with transaction.atomic(), in_its_stead(LEDGER) as last:
        cause = count_to(many)
        for at, one in enumerate(Entry.objects.filter(cause=cause).order_by("serial")[:given], last + 1):
            leaf = leaf_hash(one.payload.encode())
            run("INSERT INTO ledger_position (position, entry_id, leaf) VALUES (%s, %s, %s)", [at, one.pk, leaf])


def test_a_loader_places_what_it_records_and_what_comes_later_is_placed_behind(db: Any) -> None:
    first = count(1)
    place()
    load(3)
    assert place() == 0
    last = count(4)
    assert place() == 1
    assert [entry_at(p).data["number"] for p in range(2, 5)] == [1, 2, 3]
    assert [placed()[at] for at in (0, 4)] == [(1, first), (5, last)]


def test_while_somebody_records_a_loader_is_refused_and_nothing_is_lost(
    db: Any, session: Callable[[], Session]
) -> None:
    late = session().begin()
    early_serial = late(lambda: record(Counted(9), subject=a_subject(), by=BY, at=AT))
    with pytest.raises(NotAlone, match="somebody else records"):
        load(3)
    late.commit()
    with pytest.raises(NotAlone, match="wait for their position"):
        load(3)
    assert place() == 1
    load(3)
    assert [placed()[0], len(placed())] == [(1, early_serial), 4]


def test_a_loader_waits_for_another_and_the_sequencer_does_nothing_meanwhile(
    db: Any, session: Callable[[], Session]
) -> None:
    first, second = session().begin(), session()
    first(lambda: load(2))
    waits = second.later(lambda: load(2))
    assert place() == 0
    first.commit()
    waits.result(timeout=30)
    assert [p for p, _ in placed()] == [1, 2, 3, 4]
    assert place() == 0


def test_a_loader_that_is_not_alone_or_counts_wrong_is_refused(db: Any) -> None:
    with pytest.raises(RuntimeError, match="3 entries were recorded, 2 positions given"):
        load(3, given=2)
    assert placed() == []
    count(1)
    with pytest.raises(NotAlone, match="wait for their position"):
        load(3)
    assert place() == 1


class Crowd:
    """Threads that run until the test ends; what any of them raises fails the test."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.done = Event()

    def start(self, *works: Callable[[], None]) -> list[Thread]:
        threads = [Thread(target=self._run, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        return threads

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.failures.append(error)
        finally:
            connection.close()

    def place_until_done(self) -> None:
        while not self.done.is_set():
            place()


def test_many_writers_lose_nothing_and_every_subject_keeps_its_order(
    db: Any, things: Callable[[], tuple[str, Any]]
) -> None:
    subjects = [things() for _ in range(4)]
    committed: list[tuple[Any, int]] = []

    def write(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(25):
            subject = dice.choice(subjects)
            with transaction.atomic():
                run("SELECT pg_current_xact_id()")
                time.sleep(dice.random() * 0.004)  # so that transaction ids and locks come in other orders
                ((number,),) = run(
                    "UPDATE thing SET counted = counted + 1 WHERE id = %s RETURNING counted", [subject[1]]
                )
                record(Counted(number), subject=subject, by=BY, at=AT)
                time.sleep(dice.random() * 0.002)
                if dice.random() < 0.2:
                    transaction.set_rollback(True)
                else:
                    committed.append((subject[1], number))

    crowd = Crowd()
    sequencers = crowd.start(crowd.place_until_done, crowd.place_until_done)
    for thread in crowd.start(*(partial(write, seed) for seed in range(8))):
        thread.join()
    crowd.done.set()
    for thread in sequencers:
        thread.join()
    while place():
        pass

    assert crowd.failures == []
    positions = [p for p, _ in placed()]
    assert positions == list(range(1, len(committed) + 1))
    order = defaultdict(list)
    for position in positions:
        entry = entry_at(position)
        order[entry.subject_id].append(entry.data["number"])
    assert sorted((s, n) for s, numbers in order.items() for n in numbers) == sorted(committed)
    assert all(numbers == sorted(numbers) for numbers in order.values())
