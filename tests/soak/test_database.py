"""Issue 2, must show 6: the database is killed under the running site. The site says so, recovers
by itself when the server is back, and nothing that was acknowledged is lost."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils.translation import gettext, override

from tests.house.site import Site
from tinhso.cli.embedded_postgres import SUPERUSER, Cluster

from .clients import Crowd, Sender, application, bearer

pytestmark = pytest.mark.soak

OUTAGE = float(os.environ.get("SOAK_OUTAGE", "20"))  # seconds; 120 shows the same over two minutes
COMMUNE = SimpleNamespace(code="H15.24133", unit_code="24133")

FILL = """
import django; django.setup()
from tinhso.core.accounts import demo as accounts
from tinhso.core.agencies import demo as agencies
from tinhso.core.signing import demo as signing
from tinhso.systems.procedures import demo as procedures
for room in (agencies, accounts, signing, procedures):
    room.load(lambda line: None)
from tests.soak.clients import token
print(token(agencies.home()[0]))
"""


class Install:
    """A durable install of this module's own, with the site and worker as processes."""

    def __init__(self, cluster: Cluster, site: Site, token: str) -> None:
        self.cluster, self.site, self.headers = cluster, site, bearer(token)
        self.acknowledged: list[str] = []
        self.numbers, self.run = itertools.count(), uuid4().hex

    @contextlib.contextmanager
    def senders(self) -> Iterator[None]:
        """Two clients hand in dossiers, one after the other, for as long as the block."""
        stop = threading.Event()

        def work(seed: int) -> None:
            with Sender(self.site.port, seed, self.headers) as sender:
                while not stop.wait(0.02):
                    number = next(self.numbers)
                    answer = sender.submit(application(number, COMMUNE), f"{self.run}-{number}")  # type: ignore[arg-type]
                    assert answer.status == 201, answer
                    self.acknowledged.append(answer.json["code"])

        crowd = Crowd(lambda: work(1), lambda: work(2))
        try:
            yield
        finally:
            stop.set()
            crowd.join(180)

    def more(self, count: int = 10, seconds: float = 120) -> None:
        """Wait until so many more have been acknowledged."""
        wanted = len(self.acknowledged) + count
        self.until(lambda: len(self.acknowledged) >= wanted, seconds)

    def kill_database(self) -> None:
        server = self.cluster._server()
        assert server is not None
        os.kill(server, signal.SIGKILL)

    def get(self, path: str) -> Any:
        with Sender(self.site.port, 0, {"Host": "127.0.0.1"}) as visitor:
            return visitor.once("GET", path)

    def until(self, condition: Any, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s\n{self.site.log('web')[-3000:]}"
            time.sleep(0.1)

    def healthy(self) -> bool:
        answer = self.get("/health")
        return answer is not None and answer.status == 200

    def query(self, statement: str) -> list[Any]:
        with self.cluster.connect(SUPERUSER) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type]

    def nothing_is_lost(self) -> None:
        """Each acknowledged dossier, and no other, with its entry, its task and its notice."""
        codes = sorted(self.acknowledged)
        assert [code for (code,) in self.query("SELECT code FROM dossiers_dossier ORDER BY code")] == codes
        self.until(lambda: self.count("notify_notice WHERE kind = 'dossiers.submitted'") >= len(codes), 60)
        for followed in (
            "ledger_entry WHERE event = 'dossiers.submitted'",
            "process_task WHERE kind = 'receive'",
            "notify_notice WHERE kind = 'dossiers.submitted'",
        ):
            assert self.count(followed) == len(codes), followed
            column = "subject_id"
            assert self.query(f"SELECT count(DISTINCT {column}) FROM {followed}") == [(len(codes),)], followed

    def count(self, rows: str) -> int:
        return int(self.query(f"SELECT count(*) FROM {rows}")[0][0])


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Install]:
    data = tmp_path_factory.mktemp("install") / "data"
    data.mkdir(mode=0o700)
    with Cluster(data / "postgres").hold() as cluster:
        site = Site(cluster, data, WEB_WORKERS="2", DJANGO_SETTINGS_MODULE="tinhso.config.settings")  # type: ignore[arg-type]
        paths = os.pathsep.join(["src", "."])
        for command in (["-m", "tinhso.cli", "migrate"], ["-c", FILL]):
            made = subprocess.run(
                [sys.executable, *command],
                env={**site.environment, "PYTHONPATH": paths},
                capture_output=True,
                text=True,
                check=False,
            )
            assert made.returncode == 0, made.stderr[-3000:]
        site.start("web")
        site.start("worker")
        try:
            site.ready(180)
            yield Install(cluster, site, made.stdout.split()[-1])
        finally:
            site.stop()


def test_a_killed_database_comes_back_and_the_site_with_it(install: Install) -> None:
    with install.senders():
        install.more()
        install.kill_database()  # its guardian starts it again
        install.more()
    install.until(install.healthy, 120)
    install.nothing_is_lost()


def test_while_the_database_is_away_the_site_says_so_and_afterwards_goes_on_by_itself(install: Install) -> None:
    parts = dict(install.site.running)
    with install.senders():
        install.more()
        with install.cluster._lock("start"):  # nobody may start it
            install.kill_database()
            install.until(lambda: (answer := install.get("/health")) and answer.status == 503, 10)
            before, ends = len(install.acknowledged), time.monotonic() + OUTAGE
            while time.monotonic() < ends:
                says_so(install)
                time.sleep(1)
            assert len(install.acknowledged) - before <= 2  # what had been answered just then
        install.cluster.ensure()
        install.more()
    install.until(install.healthy, 120)
    assert install.get("/").status == 200
    assert all(part.poll() is None for part in parts.values())  # neither web nor worker was started again
    install.nothing_is_lost()
    verified = subprocess.run(
        [sys.executable, "-m", "tinhso.cli", "ledger", "verify"], env=install.site.environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout


def says_so(install: Install) -> None:
    """A person gets a page in Vietnamese with a code to tell, a machine a problem, a balancer the state."""
    page = install.get("/")
    assert page.status == 503
    assert page.headers["content-type"].startswith("text/html")
    text = page.body.decode()
    with override("vi"):
        assert gettext("We are back in a moment") in text
    assert 'lang="vi"' in text
    assert page.headers["x-request-id"] in text
    problem = install.get("/api/v1/agencies")
    assert (problem.status, problem.headers["content-type"]) == (503, "application/problem+json")
    assert problem.json["code"] == "unavailable"
    assert problem.json["request_id"] == problem.headers["x-request-id"]
    health = install.get("/health")
    assert health.status == 503
    assert json.loads(health.body)["database"] == {"status": "down"}
