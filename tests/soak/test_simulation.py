"""A simulated year that is killed again and again is whole in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from tests.house.databases import Database
from tests.house.site import Site
from tinhso.core.worktime.calendar import ZONE
from tinhso.simulation.check import check
from tinhso.systems.dossiers.models import Dossier

UNTIL = "2026-11-20"
# Killed so many seconds after it has said this: while officials are made, lives lived, cases read, copies loaded,
# figures folded, entries placed and sealed.
KILLS = (("officials", 1.0), ("officials", 4.0), ("reading", 0.3), ("loading", 0.5), ("loading", 1.5), ("figures", 0.2),
         ("placing", 0.3))  # fmt: skip


@pytest.mark.soak
def test_a_year_in_volume_survives_kills(province: Database, tmp_path: Path) -> None:
    connection.close()  # it refuses to work beside others
    site = Site(province, tmp_path / "data")
    command = [sys.executable, "-m", "tinhso.cli", "simulate", "--mode", "volume", "--dossiers", "4000"]
    command += ["--communes", "4", "--days", "60", "--until", UNTIL, "--processes", "2"]

    def start() -> subprocess.Popen[bytes]:
        with (site.logs / "simulate.log").open("ab") as log:
            return subprocess.Popen(command, env=site.environment, stdout=log, stderr=log, start_new_session=True)

    killed = []
    for marker, seconds in KILLS:
        said, process = len(site.log("simulate") if (site.logs / "simulate.log").exists() else ""), start()
        while process.poll() is None and marker not in site.log("simulate")[said:]:
            time.sleep(0.05)
            if marker == "officials" and "reading" in site.log("simulate")[said:]:
                break  # they are there already
        time.sleep(seconds)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed.append(marker)
        process.wait()
        time.sleep(1)  # the server notices that its clients are gone
    assert {"reading", "loading"} <= set(killed), killed
    assert start().wait(600) == 0, site.log("simulate")[-3000:]
    assert Dossier.objects.count() == 4000
    assert list(check(datetime.fromisoformat(UNTIL).replace(tzinfo=ZONE))) == []
