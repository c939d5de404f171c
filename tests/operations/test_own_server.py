"""Backup and restore where PostgreSQL is a server of the operator's own, which no command starts or stops."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tinhso.cli.backup_folder import BackupFolder
from tinhso.cli.embedded_postgres import APP, OWNER, SUPERUSER, Cluster
from tinhso.cli.postgres_host import binaries

from .conftest import Install

pytestmark = pytest.mark.soak


def test_an_own_server_is_backed_up_and_comes_back_as_it_was_at_a_moment(install: Install, tmp_path: Path) -> None:
    server, data = Cluster(tmp_path / "server"), tmp_path / "own"
    data.mkdir()
    (install.data / "postgres").rename(server.folder)  # what an install of its own made is on that server now
    shutil.copytree(install.data / "keys", data / "keys")
    programs = f"{binaries(None)}:{os.environ['PATH']}"
    theirs = {"DATABASE_URL": server.url(APP), "DATABASE_OWNER_URL": server.url(OWNER), "PATH": programs}
    own = Install(data, install.backups, theirs)

    with server.hold():
        refused = own("backup", str(own.backups), code=2)
        assert "DATABASE_BACKUP_URL: a role with REPLICATION" in refused
        assert "archive_command = " in refused
        server.archive_to(BackupFolder(own.backups.resolve()).wal)  # what an operator writes into postgresql.conf
        own = Install(data, install.backups, {**theirs, "DATABASE_BACKUP_URL": server.url(SUPERUSER, "postgres")})
        moment = own.does("two_days", str(own.backups), "own")
        with server.connect(SUPERUSER, "postgres") as connection:
            connection.execute("SELECT pg_switch_wal()")

    shutil.rmtree(data)
    data.mkdir()
    back = Cluster(tmp_path / "new-server")
    back.folder.mkdir()
    shutil.copy(server.folder / "passwords.json", back.folder)  # the roles are in the backup, with their passwords
    restore = ("restore", str(own.backups), "--to", moment)
    assert "stop it and give --pgdata" in own(*restore, code=2)
    assert "Start PostgreSQL on it" in own(*restore, "--pgdata", str(back.data), code=2)
    there = {"DATABASE_URL": back.url(APP), "DATABASE_OWNER_URL": back.url(OWNER), "PATH": programs}
    new = Install(data, install.backups, there)
    with back.hold():
        back.await_open()
        said = new(*restore)
        assert "Declared: ledger: restored at" in said
        assert new.does("look") == ("['Người Ở Lại'] 2 files ['ledger.restored', 'ledger.restored', 'person.erased']")
        assert "2 numbers that were given after that moment stay voided" in said
        assert "The ledger is whole." in new("ledger", "verify")
