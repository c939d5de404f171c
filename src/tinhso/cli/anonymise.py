"""`tinhso anonymise FOLDER`: a copy of the install without personal data, for training, tests and repairs.

Values are replaced on their way, so that nothing personal is ever written to the copy's disk. What is replaced by what
is declared by each package (`core/accounts/copies.py`); what nobody declared stops the copy.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tinhso.config.config import Config
from tinhso.config.database import parse_url

from .embedded_postgres import SUPERUSER, embedded
from .install import Stop, install, start_django
from .safety import ANONYMISED

BATCH = 2000  # rows fetched at once
_OTHERS = {"django_migrations", "ledger_horizon", ANONYMISED}  # tables without a model
_COLUMNS = """
SELECT attname, atttypid IN ('json'::regtype, 'jsonb'::regtype) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND atttypid <> 'xid8'::regtype
ORDER BY attnum
"""
_SEQUENCES = """
SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
FROM information_schema.columns WHERE table_schema = 'public'
  AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    command.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder: DATA_DIR of the copy")


def anonymise(arguments: argparse.Namespace) -> int:
    """Make the copy as a demo install of its own; one that was broken off is begun anew."""
    target: Path = arguments.folder.resolve()
    with install() as config:
        if config.data_dir.is_relative_to(target) or target.is_relative_to(config.data_dir):
            raise Stop("That is the install itself. Name a new folder outside it: the copy is another install.")
        _claim(target)
        start_django(config)
        copy = config.model_copy(update={"data_dir": target})
        (target / "tinhso.env").write_text(f"TINHSO_MODE=demo\nPROVINCE={config.province}\n")
        _command(target, "migrate")
        with embedded(target).hold() as cluster:
            url = config.database_owner_url or config.database_url
            server = psycopg.connect(url, host=parse_url(url)["HOST"] or None, autocommit=True)
            with server as source, cluster.connect(SUPERUSER) as into:
                password = make_copy(source, into, config, copy, lambda line: print(line, flush=True))
    _mark(target, done=True)
    print(f"The copy is whole. Start it by: DATA_DIR={target} tinhso up")
    print(f"Every account signs in with its new username and this password: {password}")
    return 0


def _claim(target: Path) -> None:
    """A new folder, or one in which an earlier run was broken off."""
    mark = target / f"{ANONYMISED}.json"
    if target.exists() and any(target.iterdir()):
        if not mark.exists() or json.loads(mark.read_text())["done"]:
            raise Stop(f"{target} is not empty. Name a new folder.")
        if embedded(target).folder.exists() and not embedded(target).delete():
            raise Stop(f"The copy in {target} is running or being made. Stop it first.")
        shutil.rmtree(target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    _mark(target, done=False)


def _mark(target: Path, *, done: bool) -> None:
    said = {"anonymised": True, "done": done, "at": datetime.now(UTC).isoformat()}
    (target / f"{ANONYMISED}.json").write_text(json.dumps(said))


def _command(target: Path, *arguments: str) -> None:
    """Run another command of ours on the copy."""
    away = ("DATABASE_URL", "DATABASE_OWNER_URL", "TINHSO_MODE", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in away}
    result = subprocess.run(
        [sys.executable, "-m", "tinhso.cli", *arguments], env={**environment, "DATA_DIR": str(target)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode:
        raise Stop(f"tinhso {' '.join(arguments)} failed for the copy:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")


def make_copy(
    source: psycopg.Connection[Any],
    into: psycopg.Connection[Any],
    config: Config,
    copy: Config,
    say: Callable[[str], None],
) -> str:
    """Copy every table and file, replaced as declared; returns the one password of the copy.

    `into` is a superuser's connection to a migrated database. Raises `Stop` for what nobody declared.
    """
    from tinhso.core.accounts.copies import Disguise, undeclared

    if missing := [*undeclared(), *_unknown(source)]:
        raise Stop("Nobody declared what these hold (core/accounts/copies.py):\n  " + "\n  ".join(missing))
    password, by = _disguise(copy, Disguise)
    for name in ("transaction_timeout", "idle_in_transaction_session_timeout", "statement_timeout"):
        if source.execute("SELECT current_setting(%s, true)", [name]).fetchone() != (None,):
            source.execute(sql.SQL("SET {} = 0").format(sql.Identifier(name)))
    into.execute("SET session_replication_role = replica")  # no triggers: the record comes as it is
    with source.transaction():
        source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if _migrations(source) != _migrations(into):
            raise Stop("The database is not at the version of this code. Run `tinhso migrate` first.")
        with into.transaction():
            _tables(source, into, by, say)
            _finish(source, into)
        _files(source, config, copy, by, say)
    _seals(config, copy)
    return password


def _disguise(copy: Config, make: Callable[..., Any]) -> tuple[str, Any]:
    from django.contrib.auth.hashers import make_password

    from tinhso.core.agencies import units
    from tinhso.core.forms.models import FormVersion

    password = secrets.token_urlsafe(15)
    provinces = [one.code for one in units.provinces()]
    kept = {*provinces, *(one.code for province in provinces for one in units.communes(province))}
    for definition in FormVersion.objects.values_list("definition", flat=True):
        kept |= set(_choices(definition))
    return password, make(secrets.token_bytes(32), copy.key, make_password(password), frozenset(kept))


def _choices(definition: Any) -> Iterator[str]:
    """Every word of a form's definition that can be chosen as an answer."""
    if isinstance(definition, dict):
        yield from (one for one in definition.get("enum", ()) if isinstance(one, str))
        for inner in definition.values():
            yield from _choices(inner)
    elif isinstance(definition, list):
        for inner in definition:
            yield from _choices(inner)


def _unknown(source: psycopg.Connection[Any]) -> list[str]:
    from django.apps import apps

    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | _OTHERS
    found = source.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in found if name not in known]


def _migrations(database: psycopg.Connection[Any]) -> set[tuple[str, str]]:
    return set(database.execute("SELECT app, name FROM django_migrations").fetchall())


def _tables(
    source: psycopg.Connection[Any], into: psycopg.Connection[Any], by: Any, say: Callable[[str], None]
) -> None:
    from django.apps import apps

    from tinhso.core.accounts.copies import treatment_of

    models = sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.db_table)
    tables = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in models)
    into.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
    for model in models:
        treatment, name = treatment_of(model._meta.label_lower), model._meta.db_table
        if not treatment.empty:
            count = _table(source, into, name, treatment.replaced, by)
            say(f"{name}: {count} rows{', replaced: ' + ', '.join(treatment.replaced) if treatment.replaced else ''}")


def _table(source: psycopg.Connection[Any], into: psycopg.Connection[Any], name: str, replaced: Any, by: Any) -> int:
    found = source.execute(_COLUMNS, [name]).fetchall()
    names, jsons = [column for column, _json in found], {column for column, is_json in found if is_json}
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    table = sql.Identifier(name)
    with into.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, listed)) as write:
        if not replaced:
            with source.cursor().copy(sql.SQL("COPY {} ({}) TO STDOUT").format(table, listed)) as read:
                for block in read:
                    write.write(block)
        else:
            with source.cursor(name="anonymise") as rows:
                rows.itersize = BATCH
                rows.execute(sql.SQL("SELECT {} FROM {}").format(listed, table))
                for values in rows:
                    row = dict(zip(names, values, strict=True))
                    # Columns follow their row: an ID number agrees with the year of birth that stands there now.
                    for column in sorted(replaced, key=lambda one: one in ("id_hash", "id_cipher")):
                        row[column] = replaced[column](row[column], row, by)
                    for column in jsons:
                        row[column] = None if row[column] is None else Jsonb(row[column])
                    write.write_row([row[column] for column in names])
    return int((into.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone() or (0,))[0])


def _finish(source: psycopg.Connection[Any], into: psycopg.Connection[Any]) -> None:
    """Sequences, the sequencer's horizon, the index that is made anew, and the mark."""
    for table, column, sequence in into.execute(_SEQUENCES).fetchall():
        newest = sql.SQL("SELECT setval({}, coalesce(max({}), 0) + 1, false) FROM {}")
        into.execute(newest.format(sequence, sql.Identifier(column), sql.Identifier(table)))
    for log, serial in source.execute("SELECT log, serial FROM ledger_horizon").fetchall():
        into.execute("UPDATE ledger_horizon SET serial = %s, xid = '0' WHERE log = %s", [serial, log])
    into.execute("UPDATE ledger_cursor SET position = 0 WHERE consumer LIKE '%.search'")
    into.execute(sql.SQL("CREATE TABLE {} AS SELECT now() AS made_at").format(sql.Identifier(ANONYMISED)))
    into.execute(sql.SQL("GRANT SELECT ON {} TO PUBLIC").format(sql.Identifier(ANONYMISED)))


def _files(source: psycopg.Connection[Any], config: Config, copy: Config, by: Any, say: Callable[[str], None]) -> None:
    """A constructed page in place of every stored file."""
    from hashlib import sha256

    count = 0
    with source.cursor(name="files") as rows:
        for (original,) in rows.execute("SELECT sha256 FROM files_storedfile"):
            data = by.file(original)
            name = sha256(data).hexdigest()
            place = copy.data_dir / "files" / name[:2] / name[2:4] / name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            place.write_bytes(data)
            count += 1
    say(f"files: {count}, each replaced by a page that says so")


def _seals(config: Config, copy: Config) -> None:
    """Seals made before still verify: by the public key they were made with, which the copy may not sign with."""
    from tinhso.core.ledger.seals import FORMER_KEYS, public_keys

    (copy.data_dir / FORMER_KEYS).write_text("".join(f"{key.public_bytes_raw().hex()}\n" for key in public_keys()))
    if (roots := config.data_dir / "ledger-roots.jsonl").exists():
        shutil.copyfile(roots, copy.data_dir / roots.name)
