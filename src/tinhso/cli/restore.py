"""`tinhso restore DIR --to TIME`: the install as it was at a minute, with its gap declared and its erasures repeated.

Three steps, noted in `DATA_DIR/restoring.json`; a kill at any point is mended by the same command again:

1. *unpack*: checksums, then the newest set before TIME beside the old cluster, which is moved aside and kept;
2. *recover*: PostgreSQL replays its log up to TIME;
3. *finish*: stored files, `LedgerRestored`, erasures, numbers, verification against the roots kept elsewhere.

Until it is through, every other command refuses the install.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from tinhso.config.config import Config, load

from . import postgres_settings
from .backup_folder import BackupFolder, BackupSet, copy, digest, opened, put, stamp
from .embedded_postgres import APP, OWNER, SUPERUSER, Cluster, embedded
from .install import RESTORING, Stop, configured, start_django
from .postgres_host import Unavailable
from .safety import missing_files

Say = Callable[[str], None]
_DAY = 86_400  # seconds that replaying the log may take
_TARGET = ("recovery_target", "recovery_target_time", "recovery_target_timeline", "recovery_target_action")
_RECOVERY = ("restore_command", "hot_standby", *_TARGET)


@dataclass(frozen=True)
class Restoring:
    """A restore that is under way."""

    id: str
    source: str
    set: str
    to: str  # the moment asked for; empty: as far as the log goes
    step: str = "unpack"

    def save(self, config: Config) -> Restoring:
        put(config.data_dir / RESTORING, json.dumps(asdict(self)).encode())
        return self


def restore(source: Path, to: datetime | None, roots: Path | None, pgdata: Path | None, say: Say) -> list[str]:
    """Restore; returns what a person must still look at. Raises `Stop` where it cannot go on, saying why.

    `roots` are roots of the ledger carried away by other means than the backup. `pgdata` is the
    empty data folder of a PostgreSQL of one's own; where it is needed, its start is left to the operator.
    """
    config, folder = configured(), BackupFolder(source.resolve())
    state = _state(config, folder, to)
    cluster = embedded(config.data_dir)
    own = bool(load().database_url)
    if state.step == "unpack":
        if own and pgdata is None:
            raise Stop("DATABASE_URL names a server of your own: stop it and give --pgdata its new, empty data folder.")
        backup_set = BackupSet(folder.path / "sets" / state.set)
        say(f"Checking the set of {backup_set.finished:%d/%m/%Y %H:%M:%S} UTC …")
        if faults := list(backup_set.faults()):
            raise Stop("This set cannot be restored:\n" + "\n".join(f"  - {fault}" for fault in faults))
        _bring_back_small(config, folder, roots, say)
        if pgdata is not None:
            _unpack(backup_set, pgdata)
            _tell_recovery(folder, backup_set, state, pgdata)
        else:
            _unpack_embedded(cluster, backup_set, folder, state, config, say)
        state = replace(state, step="recover").save(config)
        if own:
            raise Stop(f"{pgdata} is ready. Start PostgreSQL on it, wait until it is up, then run this command again.")
    if own:
        start_django(config)
        return _finish(config, folder, state, say)
    say("PostgreSQL replays its log …")
    patient = Cluster(cluster.folder, patience=_DAY)
    try:
        with patient.hold():
            _recovered(patient)
            with_urls = {"database_url": patient.url(APP), "database_owner_url": patient.url(OWNER)}
            config = config.model_copy(update=with_urls)
            start_django(config)
            return _finish(config, folder, state, say)
    except Unavailable as error:
        raise Stop(_why(cluster, state) or str(error)) from error


def _state(config: Config, folder: BackupFolder, to: datetime | None) -> Restoring:
    """The restore to go on with, or a new one."""
    asked = to.astimezone(UTC).isoformat() if to else ""
    note = config.data_dir / RESTORING
    if note.exists():
        state = Restoring(**json.loads(note.read_text()))
        if (state.source, state.to) == (str(folder.path), asked):
            return state
        if state.step == "finish":  # the application may have been told of it
            raise Stop(f"A restore from {state.source} to {state.to or 'the end'} is nearly through: finish it first.")
    possible = [one for one in folder.sets() if to is None or one.finished <= to]
    if not possible:
        known = ", ".join(f"{one.finished:%d/%m/%Y %H:%M:%S} UTC" for one in folder.sets()) or "none"
        raise Stop(f"{folder.path} has no complete set from before that moment. It has: {known}.")
    return Restoring(str(uuid4()), str(folder.path), possible[-1].folder.name, asked).save(config)


def _bring_back_small(config: Config, folder: BackupFolder, roots: Path | None, say: Say) -> None:
    """Keys, configuration, roots and erasures: what is here and not there stays, what differs is moved aside."""
    for path in sorted(p for p in folder.kept.rglob("*") if p.is_file() and not p.name.startswith(".")):
        target = config.data_dir / path.relative_to(folder.kept)
        if target.suffix == ".jsonl":
            _unite(path, target)
        elif not target.exists():
            copy(path, target)
        elif target.read_bytes() != path.read_bytes():
            aside = target.with_name(f"{target.name}.replaced-{stamp(datetime.now(UTC))}")
            target.rename(aside)
            say(f"{target} was another one; it is kept as {aside.name}.")
            copy(path, target)
    if roots:
        _unite(roots, config.data_dir / "ledger-roots.jsonl")


def _unite(other: Path, here: Path) -> None:
    """Lines of both files: those of the longer first, as they stand, then what only the shorter has."""
    one, two = ((p.read_bytes().splitlines() if p.exists() else []) for p in (here, other))
    long, short = (one, two) if len(one) >= len(two) else (two, one)
    known = set(long)
    put(here, b"".join(line + b"\n" for line in [*long, *(line for line in short if line not in known)]))


def _unpack_embedded(
    cluster: Cluster, backup_set: BackupSet, folder: BackupFolder, state: Restoring, config: Config, say: Say
) -> None:
    if cluster.folder.exists() and not (cluster.folder / "restored-by").exists():
        aside = config.data_dir / f"replaced-{stamp(datetime.now(UTC))}"
        if not cluster.set_aside(aside):
            raise Stop(f"The install in {config.data_dir} is running. Stop it first.")
        say(f"The database that was here is kept in {aside}; delete it when you are sure.")
    cluster.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    put(cluster.folder / "restored-by", state.id.encode())
    copy(backup_set.folder / "passwords.json", cluster.folder / "passwords.json")
    for part in ("data.new", "data"):  # of a try that was cut short
        shutil.rmtree(cluster.folder / part, ignore_errors=True)
    fresh = cluster.folder / "data.new"
    _unpack(backup_set, fresh)
    _tell_recovery(folder, backup_set, state, fresh)
    fresh.rename(cluster.data)


def _unpack(backup_set: BackupSet, target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise Stop(f"{target} is not empty. Give the new, empty data folder of the server.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, into in (("base.tar.gz", target), ("pg_wal.tar.gz", target / "pg_wal")):
        with opened(backup_set.folder / name) as tar:
            tar.extractall(into, filter="data")
    target.chmod(0o700)


def _tell_recovery(folder: BackupFolder, backup_set: BackupSet, state: Restoring, data: Path) -> None:
    """Replay to the moment, then open; not before, so that nobody reads or signs what is half there."""
    settings = {
        "restore_command": postgres_settings.restore_command(folder.wal),
        "recovery_target_timeline": "'current'",  # of the set: a rehearsal elsewhere must not lead astray
        "recovery_target_action": "'promote'",
        "hot_standby": "off",
    }
    if state.to and datetime.fromisoformat(state.to) == backup_set.finished:
        settings["recovery_target"] = "'immediate'"  # the set's own moment, needing nothing of the log after it
    elif state.to:
        settings["recovery_target_time"] = f"'{state.to}'"
    with (data / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in settings.items())
    (data / "recovery.signal").touch(mode=0o600)
    descriptor = os.open(data, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _recovered(cluster: Cluster) -> None:
    """Once the server is open (a killed run may have left it replaying) it forgets how it came here."""
    cluster.await_open()
    with cluster.connect(SUPERUSER, "postgres") as connection:
        for name in _RECOVERY:
            connection.execute(f"ALTER SYSTEM RESET {name}")
    (cluster.folder / "restored-by").unlink(missing_ok=True)


def _why(cluster: Cluster, state: Restoring) -> str:
    """The server's own reason, in our words where it is the usual one."""
    logs = sorted((cluster.folder / "log").glob("postgresql-*.log"), key=lambda path: path.stat().st_mtime)
    lines = logs[-1].read_text(errors="replace").splitlines()[-200:] if logs else []
    if any("before configured recovery target" in line for line in lines):
        done = [line.partition("log time ")[2] for line in lines if "last completed transaction" in line]
        return (
            f"The kept log ends before {state.to}; the last change in it is of {(done or ['an earlier time'])[-1]}. "
            "Restore to that or an earlier moment, or leave out --to to go as far as the log goes."
        )
    return "\n".join(line for line in lines if "FATAL" in line or "PANIC" in line)


def _finish(config: Config, folder: BackupFolder, state: Restoring, say: Say) -> list[str]:
    from tinhso.core.accounts import erasures
    from tinhso.core.ledger import restored
    from tinhso.core.ledger.actions import Actor
    from tinhso.core.ledger.seals import roots_file
    from tinhso.core.ledger.verify import verify
    from tinhso.core.numbering.given import hold

    state = replace(state, step="finish").save(config)
    by, at = Actor.system("restore"), datetime.now(UTC)
    if config.s3_bucket:
        open_ends = list(missing_files())
    else:
        open_ends = [f"This stored file is in no backup: {sha256}" for sha256 in _bring_back_files(config, folder)]
    to = datetime.fromisoformat(state.to) if state.to else _newest_change()
    restored.declare(UUID(state.id), to=to, by=by, at=at)
    for gap in restored.gaps()[-2:]:
        say(f"Declared: {gap}.")
    back = erasures.returned()
    unfinished = bool(back and _not_migrated())
    if unfinished:
        open_ends.append(f"{len(back)} erased persons are back. Run `tinhso migrate`, then this command again.")
    elif back:
        refused = erasures.repeat(by=by, at=at)
        say(f"{len(back) - len(refused)} persons who had been erased were erased again.")
        open_ends += [f"Person {person} could not be erased again: {why}" for person, why in refused]
    if (known := folder.numbers()) is not None:
        voided, strangers = hold(known, restore=UUID(state.id), by=by, at=at)
        if voided:
            say(f"{voided} numbers that were given after that moment stay voided in their books.")
        if strangers:
            open_ends.append(
                f"{strangers} books belong to agencies made after that moment: see their last numbers on paper."
            )
    else:
        open_ends.append("The backup does not say which numbers were given last: compare the books with the papers.")
    say("Verifying the ledger …")
    open_ends += [str(finding) for finding in verify(roots_file())]
    if not unfinished:
        (config.data_dir / RESTORING).unlink()
    return open_ends


def _bring_back_files(config: Config, folder: BackupFolder) -> Iterator[str]:
    """Copy the files that the database names; yields the hash of each that is nowhere whole."""
    from django.db import connection

    after = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sha256 FROM files_storedfile WHERE sha256 > %s ORDER BY sha256 LIMIT 5000", [after])
            hashes = [sha256 for (sha256,) in cursor.fetchall()]
        if not hashes:
            return
        for sha256 in hashes:
            place = Path(sha256[:2], sha256[2:4], sha256)
            here, kept = config.data_dir / "files" / place, folder.files / place
            if here.exists() and digest(here) == sha256:
                continue
            if kept.exists() and digest(kept) == sha256:
                copy(kept, here)
            else:
                yield sha256
        after = hashes[-1]


def _newest_change() -> datetime:
    from tinhso.core.ledger.models import Entry

    newest = Entry.objects.order_by("-serial").values_list("recorded_at", flat=True).first()
    return newest or datetime.now(UTC)


def _not_migrated() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
