"""A whole install under its supervisor: any part may be killed, it mends itself, and it ends without a trace."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.places import ROOT
from tests.house.site import free_ports
from tinhso.cli import postgres_host
from tinhso.cli.embedded_postgres import OWNER, embedded

pytestmark = pytest.mark.soak


class Install:
    """`tinhso up` as a person starts it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.port, self.log = data_dir, free_ports(), data_dir.parent / "up.log"
        self.cluster = embedded(data_dir)
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tinhso.cli", "up"], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/",
                env={**environment, "PYTHONPATH": str(ROOT / "src"), "DATA_DIR": str(self.data_dir),
                     "TINHSO_MODE": "demo", "PORT": str(self.port)},
            )  # fmt: skip

    def health(self) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def until(self, condition: Callable[[], object], what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what}: {self.health()}\n{self.log.read_text()[-4000:]}"
            time.sleep(0.1)

    def until_well(self, seconds: float = 60) -> None:
        self.until(lambda: self.health()[0] == 200, "it is not well", seconds)

    def parts(self) -> dict[int, str]:
        """Every process of this install and what it is."""
        found = {}
        for pid in postgres_host.processes():
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                continue
            ours = f"DATA_DIR={self.data_dir}".encode() in environment.split(b"\0")
            if pid != os.getpid() and (ours or postgres_host.works_in(pid, self.cluster.data)):
                found[pid] = command
        return found

    def part(self, name: str) -> int:
        """The process that the supervisor started as `name`."""
        return min(pid for pid, command in self.parts().items() if command.rstrip().endswith(f"tinhso.cli {name}"))


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    made = Install(tmp_path / "data")
    yield made
    made.process.kill()
    made.process.wait()
    made.until(lambda: not made.parts(), "processes are left")


def test_an_install_mends_itself_and_ends_without_a_trace(install: Install) -> None:
    install.start()
    install.until_well(300)

    for name in ("web", "live", "worker"):
        killed = install.part(name)
        os.kill(killed, signal.SIGKILL)
        install.until(lambda name=name, killed=killed: _other(install, name, killed), f"{name} is not back")
        install.until_well()

    with install.cluster.connect(OWNER) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server = int((install.cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(server, signal.SIGKILL)
    install.until(lambda: install.health()[1].get("database") == {"status": "down"}, "nobody says that it is down")
    install.until_well()
    with install.cluster.connect(OWNER) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)

    # Server and guardian at once: the supervisor is the last who knows.
    for pid, command in install.parts().items():
        if "embedded_postgres" in command or " -D " in command:
            with contextlib.suppress(ProcessLookupError):  # it may have gone with the one before it
                os.kill(pid, signal.SIGKILL)
    install.until(lambda: install.health()[0] != 200, "nobody says that it is down")
    install.until_well()

    install.process.send_signal(signal.SIGINT)
    assert install.process.wait(60) == 0
    install.until(lambda: not install.parts(), "processes are left", 5)
    assert install.log.read_text().rstrip().endswith("Stopped.")


def test_a_second_start_is_quick_and_a_killed_supervisor_takes_everything_with_it(install: Install) -> None:
    install.start()
    install.until_well(300)
    install.process.send_signal(signal.SIGTERM)
    assert install.process.wait(60) == 0
    started = time.monotonic()
    install.start()
    install.until_well()
    assert time.monotonic() - started < 60  # 20 s by issue 2 on a machine of its own; see tests/faults/clean_clone.sh
    install.process.kill()
    install.process.wait()
    install.until(lambda: not install.parts(), "processes are left")


def _other(install: Install, name: str, killed: int) -> bool:
    try:
        return install.part(name) != killed
    except ValueError:
        return False
