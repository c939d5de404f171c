"""`tinhso upgrade` and `tinhso rollback`: to the code that runs this command, and back to what was before it.

An upgrade checks, backs up, migrates and checks again; where a check fails nothing more is done and it says
how to go back. A rollback restores the data as the upgrade found them; the operator puts the former code back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tinhso.config.config import Config

from . import safety
from .backup import backup, remembered
from .backup_folder import BackupSet, put
from .install import Stop

Say = Callable[[str], None]
_ALIVE = 15  # seconds since the heartbeat of a worker that is not taken for dead


@dataclass(frozen=True)
class Upgrade:
    """One upgrade, as `DATA_DIR/upgrades.jsonl` keeps it."""

    at: str
    set: str  # folder of the backup taken before it
    to: str  # version
    migrations: list[str]


def upgrade(config: Config, to: Path | None, say: Say, *, own: bool) -> list[str]:
    """Bring the install's data to this code; returns what is wrong afterwards. Raises `Stop` before anything changed.

    Django is started, as the application; `own` as in `backup`.
    """
    from tinhso.core.ledger.verify import verify

    folder = to or (Path(remembered(config).read_text()) if remembered(config).exists() else None)
    if folder is None:
        raise Stop("An upgrade needs a backup to go back to: tinhso upgrade --backup DIR.")
    waiting = _waiting()
    if not waiting:
        say("This version changes nothing in the database.")
    if running := _workers():
        raise Stop(f"{running} workers of this install are running. Stop all its processes first.")
    say("Verifying the ledger …")
    if findings := verify():
        raise Stop("The ledger is not whole; find out why first:\n" + "\n".join(f"  - {one}" for one in findings))
    before = _extent()
    done = BackupSet(backup(config, folder, 4, say, own=own))
    _note(config, Upgrade(datetime.now(UTC).isoformat(), str(done.folder), _version(), waiting))
    say(f"Applying {len(waiting)} migrations …")
    if run_apart("migrate", own=own) != 0:
        return ["The migrations failed; see above. Run `tinhso rollback`, then put the former version back."]
    wrong = list(safety.database_faults(config))
    if (after := _extent()) != before:
        wrong.append(f"The ledger ended at {before} before and ends at {after} now.")
    return wrong + [str(finding) for finding in verify()]


def run_apart(*command: str, own: bool) -> int:
    """A `tinhso` command in a process of its own, which finds the install as an operator's would: this process has
    been told the application's database (`install.publish`), and neither migrations nor a restore may use that."""
    environment = {name: value for name, value in os.environ.items() if own or name != "DATABASE_URL"}
    return subprocess.run([sys.executable, "-m", "tinhso.cli", *command], env=environment, check=False).returncode


def last_upgrade(config: Config) -> Upgrade:
    """The newest upgrade. Raises `Stop` where there was none."""
    path = config.data_dir / "upgrades.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    if not lines:
        raise Stop("No upgrade was made here by `tinhso upgrade`, so there is nothing to go back to.")
    return Upgrade(**json.loads(lines[-1]))


def lost_by_rollback(one: Upgrade) -> int:
    """How many entries came since that upgrade, placed or not: what people did, and a rollback undoes. Needs Django."""
    from tinhso.core.ledger.models import Entry

    return Entry.objects.filter(recorded_at__gt=BackupSet(Path(one.set)).finished).count()


def _note(config: Config, one: Upgrade) -> None:
    path = config.data_dir / "upgrades.jsonl"
    put(path, (path.read_bytes() if path.exists() else b"") + json.dumps(asdict(one)).encode() + b"\n")


def _waiting() -> list[str]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _workers() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [_ALIVE],
        )
        return int(cursor.fetchone()[0])


def _extent() -> tuple[int, dict[str, int]]:
    from tinhso.core.ledger.consumers import last_position
    from tinhso.core.ledger.seals import newest_seals

    return last_position(), newest_seals()


def _version() -> str:
    from importlib.metadata import version

    return version("tinhso")
