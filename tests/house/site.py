"""The served site: the real web server, and worker where asked, on a test's database."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .databases import Copies, Database
from .places import ROOT
from .province import _using


class Site:
    """Parts of an install as processes of their own, on loopback, against one database."""

    def __init__(self, database: Database, data_dir: Path, **environment: str) -> None:
        from tinhso.cli.embedded_postgres import OWNER

        self.database = database
        self.port = free_ports()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "TINHSO_MODE": "test",
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": database.url(),
            "DATABASE_OWNER_URL": database.url(OWNER),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            **environment,
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.logs = data_dir / "logs"
        self.logs.mkdir(exist_ok=True)

    def start(self, part: str) -> subprocess.Popen[bytes]:
        """Start `web`, `live` or `worker`; it dies with this process."""
        with (self.logs / f"{part}.log").open("ab") as log:
            self.running[part] = subprocess.Popen(
                [sys.executable, "-m", "tinhso.cli", part],
                env={**self.environment, "TINHSO_PARENT": str(os.getpid())},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self.running[part]

    def ready(self, seconds: float = 60) -> None:
        """Wait until pages are served."""
        deadline = time.monotonic() + seconds
        while not self._answers():
            if time.monotonic() > deadline or self.running["web"].poll() is not None:
                pytest.fail(f"the site did not start:\n{self.log('web')}")
            time.sleep(0.05)

    def log(self, part: str) -> str:
        """What a part has said so far."""
        return (self.logs / f"{part}.log").read_text(errors="replace")

    def kill(self, part: str) -> None:
        """kill -9 a part with everything it started."""
        process = self.running.pop(part)
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for part in list(self.running):
            try:
                self.running[part].wait(20)
            finally:
                self.kill(part)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status in (200, 503)  # 503: up, though no worker runs
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def free_ports() -> int:
    """A port that is free and whose next one is free too (live pages use it)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


@pytest.fixture
def site(db: Database, settings: object, tmp_path: Path) -> Iterator[Site]:
    """The web server on the test's database; `site.start("worker")` adds a worker."""
    with serving(db, tmp_path / "data") as served:
        yield served


@contextlib.contextmanager
def serving(database: Database, data: Path, **environment: str) -> Iterator[Site]:
    """The web server, ready, on this database."""
    served = Site(database, data, **environment)
    served.start("web")
    try:
        served.ready()
        yield served
    finally:
        served.stop()


@pytest.fixture(scope="module")
def shared(
    copies: Copies, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Path]]:
    """One empty database with its data folder for all tests of a module, which do not mind each other."""
    from django.conf import settings

    database, data = copies.take(), tmp_path_factory.mktemp("shared") / "data"
    data.mkdir(mode=0o700)
    settings.TINHSO.keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / "keys").symlink_to(settings.TINHSO.keys_dir)
    with _using(database.name, data, django_db_blocker):
        yield database, data
    copies.used.put(database.name)


@pytest.fixture(scope="module")
def shared_site(shared: tuple[Database, Path]) -> Iterator[Site]:
    """The web server on it: starting one takes as long as many a test."""
    with serving(*shared) as served:
        yield served
