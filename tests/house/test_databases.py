"""The ground the other tests stand on must hold too."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import OperationalError, connection

from tests.house.databases import Database
from tinhso.core.ledger.tables import APPEND_ONLY


@pytest.mark.parametrize("run", [1, 2])
def test_each_test_has_an_empty_database_of_its_own(db: Database, run: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, (SELECT count(*) FROM django_session)")
        assert cursor.fetchone() == ("tinhso_app", 0)
        cursor.execute("INSERT INTO django_session VALUES ('once', '', now())")


def test_commits_are_real_and_threads_see_them(db: Database) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('key', '', now())")
    seen: list[int] = []

    def count() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_session")
            seen.append(cursor.fetchone()[0])
        connection.close()

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
    assert seen == [1]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_may_only_add_to_the_ledger(db: Database, table: str) -> None:
    with db.connect("tinhso_app") as app:
        rights = "has_table_privilege(%(t)s, 'INSERT'), has_table_privilege(%(t)s, 'SELECT')"
        assert app.execute(f"SELECT {rights}", {"t": table}).fetchone() == (True, True)
        for forbidden in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"):
            assert app.execute("SELECT has_table_privilege(%s, %s)", [table, forbidden]).fetchone() == (False,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"DELETE FROM {table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


def test_a_test_that_did_not_ask_has_no_database() -> None:
    with pytest.raises((RuntimeError, OperationalError)):
        connection.ensure_connection()
