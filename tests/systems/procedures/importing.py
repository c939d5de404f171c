"""The real command `tinhso procedures import` as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.house.databases import Database
from tests.house.places import ROOT

from tinhso.cli.embedded_postgres import APP, OWNER


def importing(db: Database, file: Path) -> subprocess.Popen[str]:
    """Started, in a process group of its own."""
    known = {
        "DATABASE_URL": db.url(APP),
        "DATABASE_OWNER_URL": db.url(OWNER),
        "DATA_DIR": str(file.parent),
        "TINHSO_MODE": "test",
        "PYTHONPATH": str(ROOT / "src"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tinhso.cli", "procedures", "import", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env={**os.environ, **known},
        start_new_session=True,
    )


def imported(db: Database, file: Path) -> tuple[int, str]:
    """Exit code and what it printed."""
    process = importing(db, file)
    said, _nothing = process.communicate(timeout=300)
    return process.returncode, said


def killed(db: Database, file: Path, when: Callable[[], bool]) -> bool:
    """Killed with kill -9 as soon as `when` says so; False: it was through before."""
    process = importing(db, file)
    while process.poll() is None:
        if when():
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return True
        time.sleep(0.02)
    process.communicate()
    return False
