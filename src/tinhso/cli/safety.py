"""What production refuses, each named so that an operator can mend it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg

from tinhso.config.config import Config

ANONYMISED = "anonymised_copy"  # the table, and with .json the file in DATA_DIR, that mark a copy by `tinhso anonymise`
_OTHERS = 12  # connections of the job pool, the ledger, live pages, the commands and those kept for superusers


def unsafe_settings(config: Config) -> list[str]:
    """Settings that a production install may not have."""
    checks = [
        (
            (config.data_dir / f"{ANONYMISED}.json").exists(),
            "DATA_DIR holds an anonymised copy. It is for training, tests and repairs, never for people's dossiers.",
        ),
        (config.debug, "DEBUG is on: error pages would show the inside of the system. Remove it."),
        (not config.database_url, "DATABASE_URL is not set: the embedded PostgreSQL is for demo and development."),
        (
            bool(config.database_url) and config.database_owner_url in ("", config.database_url),
            "DATABASE_OWNER_URL is not set to a role of its own: the role of DATABASE_URL must not own the ledger.",
        ),
        (os.geteuid() == 0, "The process runs as root. Run it as a user of its own."),
        (not config.public_url.startswith("https://"), "PUBLIC_URL is not an https:// address."),
        (not config.allowed_hosts, "ALLOWED_HOSTS is not set: name the hosts that are served."),
        ("*" in config.allowed_hosts, "ALLOWED_HOSTS holds *: name the hosts that are served."),
        (not config.email_url, "EMAIL_URL is not set: people would not be told what happens to their dossiers."),
        (
            config.email_from.endswith(".invalid"),
            "EMAIL_FROM is not set: mail needs a sender's address that exists.",
        ),
        (
            0 < len(config.secret_key) < 50,
            "SECRET_KEY is shorter than 50 characters. Remove it to have one made in DATA_DIR/keys.",
        ),
        (not config.metrics_token, "METRICS_TOKEN is not set: behind a proxy everybody comes from loopback."),
        (
            config.data_dir.exists() and bool(config.data_dir.stat().st_mode & 0o007),
            f"DATA_DIR ({config.data_dir}) can be read by every user of this machine. chmod it to 0700.",
        ),
    ]
    return [message for unsafe, message in checks if unsafe]


def missing_files() -> Iterator[str]:
    """Stored files that the database names and the store (disk or bucket) has not. Needs Django."""
    from tinhso.core.files.queries import missing
    from tinhso.core.files.storage import StorageAwayError

    try:
        for sha256 in missing():
            yield f"file: {sha256} is in the database and not in the store"
    except StorageAwayError as away:
        yield f"file: the bucket cannot be read: {away}"


def is_copy(database_url: str) -> bool:
    """Whether a database is marked as an anonymised copy; one that cannot be reached is said by whoever needs it."""
    try:
        with psycopg.connect(database_url, connect_timeout=3) as connection:
            return connection.execute("SELECT to_regclass(%s) IS NOT NULL", [ANONYMISED]).fetchone() == (True,)
    except psycopg.OperationalError:
        return False


def database_faults(config: Config) -> Iterator[str]:
    """What is wrong with the database as the application's role sees it. Needs Django."""
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    from tinhso.core.ledger.tables import APPEND_ONLY

    try:
        connection.ensure_connection()
    except OperationalError as error:
        yield f"It cannot be reached: {error}"
        return
    missing = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    if missing:
        yield f"{len(missing)} migrations are not applied, the first is {missing[0][0]}. Run `tinhso migrate`."
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [ANONYMISED])
        if not config.demo and cursor.fetchone()[0]:
            yield "It is an anonymised copy. It is for training, tests and repairs, never for people's dossiers."
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('fsync')")
        version, fsync = cursor.fetchone()
        if version < 150000:
            yield f"PostgreSQL {version // 10000} is too old: 15 or newer is needed."
        if fsync != "on":
            yield "fsync is off in PostgreSQL: a power cut would lose what people were told is safe."
        needed = config.web_workers * config.web_threads + config.worker_threads + _OTHERS
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'max_connections'")
        if needed > (most := cursor.fetchone()[0]):
            yield f"max_connections is {most}; WEB_WORKERS × WEB_THREADS and the worker need {needed}."
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            yield "The role of DATABASE_URL is a superuser. Use an ordinary role."
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind IN ('r', 'p') AND ("
            " pg_has_role(relowner, 'USAGE') OR has_table_privilege(oid, 'UPDATE')"
            " OR has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE'))",
            [list(APPEND_ONLY)],
        )
        for (table,) in cursor.fetchall():
            yield f"The role of DATABASE_URL can alter {table}; it may only add to it. Run `tinhso migrate`."
        names = ["idle_in_transaction_session_timeout", *(["transaction_timeout"] if version >= 170000 else [])]
        for name in names:
            cursor.execute("SELECT current_setting(%s)", [name])
            if cursor.fetchone()[0] == "0":
                yield f"{name} is not set; a forgotten transaction stops the ledger. ALTER ROLE … SET {name} = '5s'."
