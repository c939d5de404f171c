"""kill -9 at any moment of a backup or a restore: the same command again completes it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.operations.conftest import Install, install, migrated

__all__ = ["install", "migrated"]  # the fixtures of tests/operations
pytestmark = pytest.mark.soak
SEEDED = random.Random(20261122)


def killed(install: Install, longest: float, *command: str) -> bool:
    """Start a command and kill it with all it started, but for PostgreSQL; False where it was through before."""
    process = install.start("tinhso.cli", *command)
    try:
        said, _ = process.communicate(timeout=SEEDED.uniform(0.5, longest))
        assert process.returncode == 0, said
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True


def test_killed_backups_and_restores_complete_when_run_again(install: Install, tmp_path: Path) -> None:
    moment = install.does("two_days", str(install.backups))
    backup = ("backup", str(install.backups), "--keep", "99")  # the set that the moment needs stays
    kill_in_the_middle(install, backup)
    install(*backup)
    assert not list(install.backups.glob("sets/.*"))
    elsewhere = shutil.copy(install.data / "ledger-roots.jsonl", tmp_path / "roots.jsonl")

    empty(install)
    restore = ("restore", str(install.backups), "--to", moment)
    kill_in_the_middle(install, restore)
    if not through(install):
        install(*restore)
    assert install.does("look") == "['Người Ở Lại'] 2 files ['ledger.restored', 'ledger.restored', 'person.erased']"
    assert "The ledger is whole." in install("ledger", "verify", "--against", str(elsewhere))


def kill_in_the_middle(install: Install, command: tuple[str, ...]) -> None:
    """Five times, sooner where it was through before: how long it takes depends on the machine."""
    kills, longest = 0, 12.0
    while kills < 5:
        if command[0] == "restore" and through(install):
            empty(install)
        if killed(install, longest, *command):
            kills += 1
        else:
            longest *= 0.7


def empty(install: Install) -> None:
    shutil.rmtree(install.data)
    install.data.mkdir()


def through(install: Install) -> bool:
    """Whether the restore is done: the data are there and nothing waits for it any more."""
    return (install.data / "postgres").exists() and not (install.data / "restoring.json").exists()
