"""Live pages are told that something changed at their agencies, and nothing else."""

from __future__ import annotations

import http.client
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.core import signing
from django.db import transaction
from tests.house.databases import Database
from tests.house.site import Site

from tinhso.core.ledger import loop
from tinhso.core.ledger.actions import Actor, new_id, record
from tinhso.core.ledger.events import Event
from tinhso.core.ui.live import ALL, key_for

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HERE, ELSEWHERE = new_id(), new_id()


@dataclass(frozen=True)
class Stirred(Event, name="tests.stirred", version=1):
    """For these tests alone."""

    number: int


def something_happens(agency: UUID, number: int = 975_531) -> None:
    with transaction.atomic():
        record(Stirred(number), subject=("tests.thing", new_id()), by=Actor.system("tests"), at=AT, agency=agency)
    loop.seal_now()


def reach(site: Site, timeout: int) -> http.client.HTTPConnection:
    """From another address: who asks a port of their own range before anyone serves it may reach themselves."""
    return http.client.HTTPConnection("127.0.0.1", site.port + 1, timeout=timeout, source_address=("127.0.0.2", 0))


@pytest.fixture
def live(db: Database, tmp_path: Path) -> Iterator[Site]:
    """The live process alone."""
    site = Site(db, tmp_path / "data")
    site.start("live")
    deadline = time.monotonic() + 60
    try:
        while not _answers(site):
            assert time.monotonic() < deadline, site.log("live")
            time.sleep(0.05)
        yield site
    finally:
        site.stop()


def _answers(site: Site) -> bool:
    connection = reach(site, 5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def listening(site: Site, key: str) -> Iterator[http.client.HTTPResponse]:
    connection = reach(site, 30)
    try:
        connection.request("GET", f"/live?key={key}")
        yield connection.getresponse()
    finally:
        connection.close()


def lines(response: http.client.HTTPResponse, count: int) -> list[str]:
    return [response.readline().decode().rstrip("\n") for _ in range(count)]


def test_a_page_is_told_that_something_changed_at_its_agencies_and_nothing_else(live: Site) -> None:
    something_happens(HERE)  # before anyone listens: no news
    with (
        listening(live, key_for([HERE])) as here,
        listening(live, key_for(ALL)) as everywhere,
        listening(live, key_for([ELSEWHERE])) as elsewhere,
    ):
        assert here.headers["Content-Type"] == "text/event-stream"
        for page in (here, everywhere, elsewhere):
            assert lines(page, 2) == ["retry: 3000", ""]
        until_it_polls(live)
        something_happens(HERE)
        for page in (here, everywhere):
            assert lines(page, 3) == ["event: changed", "data: {}", ""]
        assert select.select([elsewhere], [], [], 1)[0] == []
        something_happens(ELSEWHERE)
        assert lines(elsewhere, 3) == ["event: changed", "data: {}", ""]


def test_nobody_listens_without_a_key_of_ours(live: Site) -> None:
    for key in ("", "forged", signing.dumps(ALL, salt="another")):
        with listening(live, key) as response:
            assert response.status == 403
            assert response.read() == b"{}"


def until_it_polls(site: Site) -> None:
    """Until the process has its connection to the database and so knows where the ledger ends."""
    deadline = time.monotonic() + 20
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND query LIKE '%%FROM ledger_position p JOIN%%'"
    with site.database.connect() as raw:
        mine = "AND pid <> pg_backend_pid()"
        while raw.execute(f"{asked} {mine}", [site.database.name]).fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_live_server_starts_without_models(tmp_path: Path) -> None:
    look = (
        "import sys, tinhso.config.asgi; print([m for m in sys.modules if m.startswith('tinhso.') and 'models' in m])"
    )
    env = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@localhost/none"}
    said = subprocess.run([sys.executable, "-c", look], env=env, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
