"""A database for each test: a copy of a migrated template, with real commits.

The sequencer cannot see uncommitted rows and the ledger refuses TRUNCATE, so neither a
rolled-back nor a flushed test serves (design §5). All test processes share one embedded
server, which stops with the last of them. Templates are named by what made them, so only
changed migrations are run again. A copy takes 40 ms (by FILE_COPY; WAL_LOG takes ten times
that), and a thread keeps the next ones ready.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tinhso.cli.embedded_postgres import APP, OWNER, SUPERUSER, Cluster

from .places import BUILD, ROOT

NONE = "this_test_must_ask_for_the_fixture_db"
READY = 2  # copies made ahead

# A test's database need not survive a power cut, and its transactions outlast a machine that stands still for a while.
# Everything else is as in an install.
CLUSTER = Cluster(
    BUILD / "postgres",
    {"fsync": "off", "full_page_writes": "off", "max_connections": "200", "autovacuum": "off", "wal_level": "minimal",
     "max_wal_senders": "0", "archive_mode": "off"},
)  # fmt: skip


@dataclass(frozen=True)
class Database:
    """A test's own database."""

    name: str

    def url(self, role: str = APP) -> str:
        return CLUSTER.url(role, self.name)

    def connect(self, role: str = SUPERUSER) -> psycopg.Connection[Any]:
        """An autocommit connection outside Django; as the superuser it can do what the application cannot."""
        return CLUSTER.connect(role, self.name)


class Copies:
    """Makes and drops copies of templates, ahead of the tests and behind them."""

    def __init__(self) -> None:
        self.holder = CLUSTER.acquire()
        self.admin = CLUSTER.connect(SUPERUSER, "postgres")
        self.ready: dict[str, queue.Queue[str | BaseException]] = {}
        self.used: queue.Queue[str] = queue.Queue()
        self.wanted: queue.Queue[str] = queue.Queue()  # names of templates
        self.closed = threading.Event()
        self.template = make_template(self.admin)
        self.offer(self.template)
        self.thread = threading.Thread(target=self._work, name="database copies", daemon=True)
        self.thread.start()

    def offer(self, template: str) -> None:
        """From now on copies of this database are kept ready. Nobody may be connected to it any more."""
        self.ready[template] = queue.Queue()
        for _ in range(READY):
            self.wanted.put(template)

    def take(self, template: str = "") -> Database:
        """A copy of one's own, of the migrated template or of another that is on offer."""
        template = template or self.template
        self.wanted.put(template)
        name = self.ready[template].get(timeout=120)
        if isinstance(name, BaseException):
            raise name
        return Database(name)

    def _work(self) -> None:
        number = 0
        while not self.closed.is_set():
            with contextlib.suppress(queue.Empty):
                while True:
                    self._drop(self.used.get_nowait())
            try:
                template = self.wanted.get(timeout=0.2)
            except queue.Empty:
                continue
            number += 1
            name = f"test_{os.getpid()}_{number}"
            try:
                self.copy(template, name)
                self.ready[template].put(name)
            except BaseException as error:
                self.ready[template].put(error)

    def copy(self, template: str, name: str) -> None:
        self.admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)
            )
        )

    def _drop(self, name: str) -> None:
        self.admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        self.closed.set()
        self.thread.join()
        for waiting in (self.used, *self.ready.values()):
            while not waiting.empty():
                if isinstance(name := waiting.get(), str):
                    self._drop(name)
        self.admin.close()
        CLUSTER.release(self.holder)


def make_template(admin: psycopg.Connection[Any]) -> str:
    """Name of a migrated template, made where no process has made it yet; one process at a time."""
    name = f"template_{_content()}"
    with (BUILD / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for setting in ("idle_in_transaction_session_timeout", "transaction_timeout"):
            admin.execute(sql.SQL("ALTER ROLE {} SET {} = '60s'").format(sql.Identifier(APP), sql.SQL(setting)))
        _drop_unused(admin, name)
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        fresh = f"{name}_new"
        for statement in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {} OWNER " + OWNER):
            admin.execute(sql.SQL(statement).format(sql.Identifier(fresh)))
        result = subprocess.run(
            [sys.executable, "-m", "tinhso.cli", "migrate"], capture_output=True, text=True, check=False,
            env={**os.environ, "DATABASE_URL": CLUSTER.url(APP, fresh), "DATABASE_OWNER_URL": CLUSTER.url(OWNER, fresh),
                 "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        if result.returncode != 0:
            pytest.exit(f"the template database could not be migrated:\n{result.stdout}{result.stderr}", 3)
        admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(name)))
    return name


def _content() -> str:
    """Digest of everything a migrated database is made from."""
    digest = hashlib.sha256()
    source = ROOT / "src" / "tinhso"
    made_from = [*source.rglob("migrations/*"), source / "core/ledger/tables.py", source / "cli/migration.py"]
    for path in sorted(path for path in made_from if path.is_file() and path.suffix != ".pyc"):
        digest.update(f"{path.relative_to(source)}\0".encode() + path.read_bytes())
    digest.update((ROOT / "lock.txt").read_bytes())  # migrations of libraries
    return digest.hexdigest()[:16]


def _drop_unused(admin: psycopg.Connection[Any], template: str) -> None:
    """Older templates, and copies whose process is gone, also where this one has been given its number."""
    for (name,) in admin.execute("SELECT datname FROM pg_database WHERE datname ~ '^(template|test)_'").fetchall():
        pid = name.split("_")[1]
        if (name.startswith("template_") and name != template) or (
            pid.isdigit() and (pid == str(os.getpid()) or not Path(f"/proc/{pid}").exists())
        ):
            with contextlib.suppress(psycopg.errors.ObjectInUse, psycopg.errors.InvalidCatalogName):
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def copies() -> Iterator[Copies]:
    made = Copies()
    yield made
    made.close()


@pytest.fixture
def db(copies: Copies, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[Database]:
    """A fresh database and data folder for this test. Django uses them as an install would.

    Threads of a test close their own connection (`django.db.connection.close()`).
    """
    from django.db import connections

    database = copies.take()
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    keys = settings.TINHSO.keys_dir  # of the whole run: processes that a test starts find the same
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / "keys").symlink_to(keys)  # keys are slow to make and no test's own
    settings.TINHSO = settings.TINHSO.model_copy(
        update={"data_dir": data, "database_url": database.url(), "database_owner_url": database.url(OWNER)}
    )
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = database.name
    try:
        with django_db_blocker.unblock():
            yield database
    finally:
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = NONE
        copies.used.put(database.name)


@pytest.fixture
def _django_db_helper(db: Database) -> None:
    """pytest-django's own way to a database, the mark `django_db` included, leads here too."""
