"""A province to test in: agencies, staff, citizens, keys and procedures of the demo, no dossiers yet."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tinhso.cli.embedded_postgres import APP, OWNER

from .databases import Copies, Database
from .places import SESSION


class Province:
    """One populated template a process, because its secrets are encrypted with this process's keys."""

    def __init__(self, copies: Copies, blocker: Any) -> None:
        self.template = f"test_{os.getpid()}_province"
        copies.copy(copies.template, self.template)
        with _using(self.template, SESSION / "data", blocker):
            self._fill()
        copies.offer(self.template)

    def _fill(self) -> None:
        from tinhso.core.accounts import demo as accounts
        from tinhso.core.agencies import demo as agencies
        from tinhso.core.signing import demo as signing
        from tinhso.systems.procedures import demo as procedures

        for part in (agencies, accounts, procedures):
            part.load(lambda line: None)
        with mock.patch("django.utils.timezone.now", return_value=datetime(2026, 1, 1, tzinfo=UTC)):
            signing.load(lambda line: None)  # valid at the moments that tests name, whenever they run


class _using:  # noqa: N801 - used as a verb
    """Django on another database and data folder for a while."""

    def __init__(self, name: str, data: Path, blocker: Any) -> None:
        self.name, self.data, self.blocker = name, data, blocker

    def __enter__(self) -> None:
        from django.conf import settings
        from django.db import connections

        self.before = settings.TINHSO, connections["default"].settings_dict["NAME"]
        database = Database(self.name)
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = self.name
        settings.TINHSO = settings.TINHSO.model_copy(
            update={"data_dir": self.data, "database_url": database.url(APP), "database_owner_url": database.url(OWNER)}
        )
        self.unblocked = self.blocker.unblock()
        self.unblocked.__enter__()

    def __exit__(self, *error: Any) -> None:
        from django.conf import settings
        from django.db import connections

        connections["default"].close()
        self.unblocked.__exit__(*error)
        settings.TINHSO, connections["default"].settings_dict["NAME"] = self.before


@pytest.fixture(scope="session")
def _province(copies: Copies, django_db_blocker: Any) -> Province:
    (SESSION / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    return Province(copies, django_db_blocker)


@contextlib.contextmanager
def province_in(folder: Path, province: Province, copies: Copies, blocker: Any) -> Iterator[Database]:
    """A fresh copy of the populated province, its files under `folder`; Django uses it as an install would."""
    database = copies.take(province.template)
    data = folder / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    keys = data / "keys"
    if not keys.exists():
        keys.symlink_to(SESSION / "data" / "keys")
    with _using(database.name, data, blocker):
        yield database
    copies.used.put(database.name)


@pytest.fixture
def province(_province: Province, copies: Copies, django_db_blocker: Any, tmp_path: Path) -> Iterator[Database]:
    """A province of the test's own."""
    with province_in(tmp_path, _province, copies, django_db_blocker) as database:
        yield database
