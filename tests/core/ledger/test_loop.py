"""The ledger's own work goes on by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from tinhso.core.ledger import loop, seals
from tinhso.core.ledger.consumers import Placed

from .builders import count


def test_the_loop_places_hands_out_and_seals_and_outlives_the_loss_of_its_connections(
    db: Any, consumers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "PAUSE", 0.01)
    monkeypatch.setattr(seals, "WAIT", timedelta(microseconds=1))
    monkeypatch.setattr(loop, "autodiscover_modules", lambda name: None)
    arrived: dict[int, Event] = {number: Event() for number in range(6)}

    @consumers.consumer("tests.arrived")
    def tell(batch: Sequence[Placed]) -> None:
        for one in batch:
            arrived[one.data["number"]].set()

    stop = Event()
    thread = Thread(target=loop.run, args=[stop])
    thread.start()
    try:
        for number in arrived:
            with db.connect() as other:  # the database goes away: every connection of the application ends
                other.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = 'tinhso_app'"
                )
            from django.db import connection

            connection.close()
            count(number)
            assert arrived[number].wait(30), f"entry {number} was never handed out"
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    loop.seal_now()
    assert seals.lag() == timedelta(0)


def test_the_loop_waits_for_a_database_that_is_away(
    db: Any, consumers: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import OperationalError

    monkeypatch.setattr(loop, "PAUSE", 0.001)
    monkeypatch.setattr(loop, "autodiscover_modules", lambda name: None)
    stop, tries = Event(), []

    def away() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("connection refused")
        stop.set()
        return 0

    monkeypatch.setattr(loop, "round_once", away)
    loop.run(stop)
    assert len(tries) == 3
    assert "tried again in 0.0 s: connection refused" in caplog.text
