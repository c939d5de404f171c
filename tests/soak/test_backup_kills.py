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
    backup = ("backup", str(install.backups))
    kills = sum(killed(install, 12, *backup) for _ in range(6))
    install(*backup)
    assert not list(install.backups.glob("sets/.*"))
    elsewhere = shutil.copy(install.data / "ledger-roots.jsonl", tmp_path / "roots.jsonl")

    shutil.rmtree(install.data)
    install.data.mkdir()
    restore = ("restore", str(install.backups), "--to", moment)
    kills += sum(killed(install, 15, *restore) for _ in range(6) if not through(install))
    if not through(install):
        install(*restore)
    assert kills >= 4
    assert install.does("look") == "['Người Ở Lại'] 2 files ['ledger.restored', 'ledger.restored', 'person.erased']"
    assert "The ledger is whole." in install("ledger", "verify", "--against", str(elsewhere))


def through(install: Install) -> bool:
    """Whether the restore is done: the data are there and nothing waits for it any more."""
    return (install.data / "postgres").exists() and not (install.data / "restoring.json").exists()
