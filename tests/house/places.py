"""Where tests keep things: in the checkout, under `.build/test`."""

from __future__ import annotations

import atexit
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / ".build" / "test"
TEMPORARY = BUILD / "tmp"
SESSION = BUILD / f"session-{os.getpid()}"


def prepare() -> None:
    """Make this process's own folder and remove those of processes that are gone."""
    TEMPORARY.mkdir(parents=True, exist_ok=True)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(TEMPORARY)  # where pytest makes `tmp_path`
    for old in BUILD.glob("session-*"):
        if not Path(f"/proc/{old.name.removeprefix('session-')}").exists():
            shutil.rmtree(old, ignore_errors=True)
    SESSION.mkdir(mode=0o700, exist_ok=True)
    atexit.register(shutil.rmtree, SESSION, ignore_errors=True)
