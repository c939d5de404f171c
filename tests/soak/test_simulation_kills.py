"""kill -9 at any moment of a simulated year: the same command again completes it, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from tests.house.databases import Database
from tests.house.site import Site
from tests.simulation.test_year import UNTIL
from tests.soak.test_kills import until
from tinhso.core.api.models import IdempotencyKey
from tinhso.simulation.check import check
from tinhso.systems.dossiers.models import Dossier

pytestmark = pytest.mark.soak


class Year:
    """A `tinhso simulate` that is killed and started again, always the same one."""

    def __init__(self, province: Database, data: Path, mode: str, dossiers: int) -> None:
        self.environment = Site(province, data).environment
        self.said = data / "said.txt"
        self.command = [
            *(sys.executable, "-m", "tinhso.cli", "simulate", "--mode", mode, "--dossiers", str(dossiers)),
            *("--days", "60", "--until", f"{UNTIL:%Y-%m-%d}", "--communes", "4", "--processes", "2", "--seed", "5"),
        ]

    def start(self) -> subprocess.Popen[bytes]:
        connection.close()  # volume mode works alone
        with self.said.open("wb") as said:
            return subprocess.Popen(
                self.command, env=self.environment, stdout=said, stderr=said, start_new_session=True
            )

    def killed_when(self, what: str, condition: Callable[[], bool]) -> None:
        running = self.start()
        until(f"{what}; it said {self.said.read_text()[-500:]}", condition, 90)
        assert running.poll() is None, self.said.read_text()
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()

    def says(self, line: str) -> Callable[[], bool]:
        return lambda: line in self.said.read_text()

    def completes(self) -> None:
        assert self.start().wait(180) == 0, self.said.read_text()


def there() -> int:
    """Dossiers now; the connection is given back."""
    count = Dossier.objects.count()
    connection.close()
    return count


def test_actions_killed_again_and_again_complete_and_everything_holds(province: Database, tmp_path: Path) -> None:
    year = Year(province, tmp_path / "data", "actions", 90)
    for many in (1, 15, 40):
        year.killed_when(f"{many} dossiers", lambda many=many: there() >= many)  # type: ignore[misc]
    one_of_its_processes_is_killed(year)
    year.completes()
    assert there() == IdempotencyKey.objects.count() == 90
    assert list(check(UNTIL)) == []


def one_of_its_processes_is_killed(year: Year) -> None:
    before, running = there(), year.start()
    until("it goes on", lambda: there() > before, 90)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    assert running.wait(60) == 2
    assert "Start the same again" in year.said.read_text()


def test_volume_killed_in_each_of_its_parts_completes_and_everything_holds(province: Database, tmp_path: Path) -> None:
    year = Year(province, tmp_path / "data", "volume", 800)  # a sample of 200, three copies
    year.killed_when("the sample is half there", lambda: there() >= 100)
    for part in ("as patterns", "loading"):
        year.killed_when(part, year.says(part))
    year.killed_when("copies are half there", lambda: there() >= 400)
    for part in ("sealing the last", "figures"):
        year.killed_when(part, year.says(part))
    year.completes()
    assert there() == Dossier.objects.values("code").distinct().count() == 800
    assert list(check(UNTIL)) == []
    year.completes()
    assert there() == 800
