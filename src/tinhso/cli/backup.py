"""`tinhso backup DIR`: the database, its log from then on, files and keys; and what keeps DIR current between."""

from __future__ import annotations

import gzip
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import Error, close_old_connections

from tinhso.config.config import Config
from tinhso.config.database import parse_url

from . import postgres_host, postgres_settings
from .backup_folder import BackupFolder, digest, opened, put, stamp
from .embedded_postgres import SUPERUSER, embedded
from .install import Stop

log = logging.getLogger(__name__)
EVERY = 10.0  # seconds between two looks for new files, keys, roots and erasures
_OVERLAP = 5.0  # seconds that a look reaches back over the last one: clocks of file systems are coarse

_NEEDS = """DATABASE_URL names a server of your own, so this is needed once:
  - DATABASE_BACKUP_URL: a role with REPLICATION, and for it a line `replication` in pg_hba.conf;
  - in postgresql.conf: archive_mode = on, archive_timeout = 60s and, as the user of the server may write there,
    archive_command = {command}
  - pg_basebackup of the server's version on the PATH of this command (Debian: postgresql-client)."""


def backup(config: Config, to: Path, keep: int, say: Callable[[str], None], *, own: bool) -> Path:
    """Take a whole backup and go on carrying away what is new; returns the set's folder.

    Django is started; `own` says that the database is a server of the operator's own, not the embedded
    one. Raises `Stop` with what is missing. A kill leaves a partial set that the next run removes.
    """
    from tinhso.core.ledger.seals import copy_roots, public_key
    from tinhso.core.numbering.given import given

    folder = BackupFolder(to.resolve())
    if folder.path.is_relative_to(config.data_dir):
        raise Stop("A backup inside DATA_DIR would be lost with it. Choose another disk or machine.")
    folder.claim(public_key().public_bytes_raw().hex())
    server = _server(config, folder, own=own)
    with folder.lock():
        put(remembered(config), str(folder.path).encode())
        for partial in folder.path.glob("sets/.*"):
            shutil.rmtree(partial)
        copy_roots()
        folder.keep_small(config.data_dir)
        say(f"{folder.keep_files(config.data_dir / 'files')} stored files carried away.")
        began = datetime.now(UTC)
        partial = folder.path / "sets" / f".{stamp(began)}.partial"
        _copy_database(server, partial)
        if not own:
            put(partial / "passwords.json", (embedded(config.data_dir).folder / "passwords.json").read_bytes())
        folder.keep_files(config.data_dir / "files")  # what came meanwhile
        folder.keep_small(config.data_dir)
        _keep_history(server, folder)
        put(partial / "manifest.json", json.dumps(_manifest(partial, began), indent=1).encode())
        done = partial.with_name(stamp(began))
        partial.rename(done)
        folder.tidy_numbers(given(datetime.now(UTC)))
        folder.prune(config.data_dir / "files", keep, datetime.now(UTC))
    return done


def remembered(config: Config) -> Path:
    """The file that says where this install is backed up to."""
    return config.data_dir / "backup-to"


def keep_up(config: Config, stop: threading.Event) -> None:
    """`carry` every few seconds, until told to stop; beside the jobs in every worker. What fails is tried again."""
    last = 0.0
    while not stop.wait(EVERY):
        try:
            last = carry(config, last)
        except (OSError, Stop, psycopg.Error, Error) as error:
            log.warning("backup: %s", error)


def carry(config: Config, last: float) -> float:
    """Carry away what is new since `last` (seconds of the epoch); returns from when to look the next time.

    Without a first `tinhso backup DIR` there is nothing to do. Raises OSError, or `Stop` where another is at it.
    """
    from tinhso.core.numbering.given import given

    began = time.time()
    if remembered(config).exists():
        folder = BackupFolder(Path(remembered(config).read_text()))
        close_old_connections()
        numbers = given(datetime.now(UTC))
        with folder.lock():
            folder.keep_numbers(numbers)
            folder.keep_small(config.data_dir)
            folder.keep_files(config.data_dir / "files", last)
    return began - _OVERLAP


def _server(config: Config, folder: BackupFolder, *, own: bool) -> dict[str, Any]:
    """How to reach the server for a backup; its log is archived from now on."""
    needs = _NEEDS.format(command=postgres_settings.archive_command(folder.wal))
    if not own:
        cluster = embedded(config.data_dir)
        if cluster.archived_to != folder.wal:
            cluster.archive_to(folder.wal)
        server = parse_url(cluster.url(SUPERUSER, "postgres"))
        server["BIN"] = postgres_host.binaries((cluster.data / "PG_VERSION").read_text().strip()) / "pg_basebackup"
    else:
        program = shutil.which("pg_basebackup")
        if not config.database_backup_url or program is None:
            raise Stop(needs)
        server = {**parse_url(config.database_backup_url), "BIN": program}
    with _connect(server) as connection:
        mode = connection.execute("SHOW archive_mode").fetchone()
        if mode == ("off",):
            raise Stop(
                needs
                if own
                else "The database was started by an earlier version. "
                "Stop the install, start it again, and take the backup then."
            )
    return server


def _connect(server: dict[str, Any]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=server["HOST"] or None, port=server["PORT"] or None, user=server["USER"], password=server["PASSWORD"],
        dbname=server["NAME"] or "postgres", autocommit=True,
    )  # fmt: skip


def _copy_database(server: dict[str, Any], target: Path) -> None:
    """pg_basebackup into two compressed files; a password never stands in a command line."""
    target.mkdir(mode=0o700)
    inherited = [int(server["HOST"].rpartition("/")[2])] if server["HOST"].startswith("/proc/self/fd/") else []
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    environment |= {name: server[key] for name, key in names.items() if server[key]}
    result = subprocess.run(
        [str(server["BIN"]), "-D", str(target), "-Ft", "-z", "-X", "stream", "--checkpoint=fast", "--no-manifest",
         "--no-password", *(["--progress"] if sys.stderr.isatty() else [])],
        env=environment, pass_fds=inherited, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise Stop("pg_basebackup did not finish; what it said stands above. Run the command again.")


def _keep_history(server: dict[str, Any], folder: BackupFolder) -> None:
    """Histories of timelines, also of one that began while nothing was archived: a later restore must not reuse it."""
    with _connect(server) as connection:
        found = connection.execute(
            "SELECT name, pg_read_file('pg_wal/' || name) FROM pg_ls_waldir() WHERE name LIKE '%.history'"
        ).fetchall()
    for name, text in found:
        if not (target := folder.wal / f"{name}.gz").exists():
            put(target, gzip.compress(text.encode(), mtime=0))


def _manifest(partial: Path, began: datetime) -> dict[str, Any]:
    from importlib.metadata import version

    from tinhso.core.ledger.consumers import last_position
    from tinhso.core.ledger.seals import newest_seals

    return {
        "format": 1,
        "version": version("tinhso"),
        "began": began.isoformat(),
        "finished": datetime.now(UTC).isoformat(),
        "first_wal": _first_wal(partial / "base.tar.gz"),
        "position": last_position(),
        "seals": newest_seals(),
        "files": {
            path.name: {"size": path.stat().st_size, "sha256": digest(path)} for path in sorted(partial.iterdir())
        },
    }


def _first_wal(base: Path) -> str:
    """Name of the first segment of the log that the set needs, as its `backup_label` says."""
    with opened(base) as tar:
        for member in tar:
            if member.name == "backup_label" and (file := tar.extractfile(member)):
                return file.readline().decode().partition("(file ")[2].rstrip(")\n")
    raise Stop(f"{base} holds no backup_label: it is no backup.")
