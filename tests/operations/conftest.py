"""An install of its own, with the embedded database: what backups are made of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.house.databases import _content
from tests.house.places import BUILD, ROOT


@dataclass(frozen=True)
class Install:
    """A data folder, and the commands an operator types."""

    data: Path
    backups: Path
    more: Mapping[str, str] = field(default_factory=dict)  # environment

    @property
    def environment(self) -> dict[str, str]:
        without = ("DATABASE_URL", "DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE")
        kept = {name: value for name, value in os.environ.items() if name not in without}
        own = {"DATA_DIR": str(self.data), "TINHSO_MODE": "test", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        return {**kept, **own, **self.more}

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *command], env=self.environment, text=True, cwd=self.data.parent,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run a `tinhso` command; returns what it said."""
        process = self.start("tinhso.cli", *arguments)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == code, said
        return said

    def does(self, what: str, *arguments: str) -> str:
        """Something of `tests.operations.work`, in a process of its own; returns its last line."""
        process = self.start("tests.operations.work", what, *arguments)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return said.strip().splitlines()[-1]


@pytest.fixture(scope="session")
def migrated() -> Path:
    """The data folder of a migrated, empty install, made once for each state of the migrations."""
    folder = BUILD / f"install-{_content()}"
    if not folder.exists():
        for old in BUILD.glob("install-*"):
            shutil.rmtree(old)
        fresh = BUILD / f"install-new-{os.getpid()}"
        Install(fresh, fresh)("migrate")
        (fresh / "postgres" / "holders.lock").unlink()
        fresh.rename(folder)
    return folder


@pytest.fixture
def install(migrated: Path, tmp_path: Path) -> Iterator[Install]:
    """A fresh install under `tmp_path`, not running."""
    data = tmp_path / "data"
    shutil.copytree(migrated, data, symlinks=True)
    yield Install(data, tmp_path / "backups")
    shutil.rmtree(data)
