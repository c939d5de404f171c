"""Brings the tables up to date as their owner, then gives the application its rights on them."""

from __future__ import annotations

from psycopg import sql


def migrate(app_role: str) -> None:
    """Apply migrations and grants. This process is the owner and Django is started."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:  # between two statements Django may think longer than an application may
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    call_command("migrate", interactive=False, verbosity=1)
    owner = connection.settings_dict["USER"]
    if owner == app_role:
        print(f"No grants: {owner} is both owner and application.")
        return
    grant(app_role)


def grant(app_role: str) -> None:
    """Full use of ordinary tables; only INSERT and SELECT on the ledger; nothing on the migrations.

    Repeated after every migration, because a new table belongs to its owner alone.
    """
    from django.db import connection, transaction

    from tinhso.core.ledger.tables import APPEND_ONLY

    role = sql.Identifier(app_role)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO {}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}",
        ):
            cursor.execute(sql.SQL(statement).format(role))
        cursor.execute(
            "SELECT DISTINCT t.relid::regclass::text FROM unnest(%s::text[]) AS name,"
            " pg_partition_tree(to_regclass(name)) AS t WHERE to_regclass(name) IS NOT NULL"
            " UNION SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL",
            [list(APPEND_ONLY), list(APPEND_ONLY)],
        )
        for (table,) in cursor.fetchall():  # partitions too: their own rights count when they are named directly
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {} FROM {}").format(
                    sql.SQL(table), role
                )
            )
