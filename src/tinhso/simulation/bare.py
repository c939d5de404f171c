"""Tables laid bare while much is loaded: all but primary keys go, and come back made by the set.

Foreign keys, indexes and what must be unique cost more than the rows, kept up row by row; and what the server
vacuums meanwhile it would have to vacuum again. Coming back, what does not hold is refused as ever. What goes is
written down before it goes, so after a kill it comes back just the same. Only the owner of the tables may do this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection

WIDE = {"maintenance_work_mem": "512MB", "work_mem": "256MB", "transaction_timeout": "0"}
_KEYS = """
SELECT conrelid::regclass::text, conname,
  format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
  format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint c WHERE conrelid = ANY(%s::regclass[]) AND (contype = 'f' OR contype = 'u' AND NOT EXISTS
  (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid)) ORDER BY contype, 1, 2
"""
_INDEXES = """
SELECT indrelid::regclass::text, relname, format('DROP INDEX %%I', relname), pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1, 2
"""
_VACUUM = """
SELECT name, 'vacuum of ' || name, format('ALTER TABLE %%s SET (autovacuum_enabled = false)', name),
  format('ALTER TABLE %%s RESET (autovacuum_enabled)', name)
FROM (SELECT unnest(%s::regclass[])::text) AS named (name) ORDER BY 1
"""
_THERE = """
SELECT conname FROM pg_constraint UNION ALL SELECT relname FROM pg_class WHERE relkind = 'i'
UNION ALL SELECT 'vacuum of ' || oid::regclass FROM pg_class
WHERE relkind = 'r' AND NOT coalesce('autovacuum_enabled=false' = ANY(reloptions), false)
"""


class Taken(NamedTuple):
    """What a table lacks for a while (a constraint, an index, its vacuum), how it goes, how it comes back."""

    table: str
    name: str
    away: str
    back: str


def owner() -> Any:
    """A connection of the role that owns the tables, to the same database."""
    mine = connection.copy()
    address = urlsplit(settings.TINHSO.database_owner_url or settings.TINHSO.database_url)
    mine.settings_dict |= {"USER": unquote(address.username or ""), "PASSWORD": unquote(address.password or "")}
    return closing(mine)


def found(tables: Iterable[str]) -> list[Taken]:
    """What these tables have that can be taken away, in that order: foreign keys need indexes of others."""
    found, names = list[Taken](), list(tables)
    with owner() as mine, mine.cursor() as cursor:
        for question in (_VACUUM, _KEYS, _INDEXES):
            cursor.execute(question, [names])
            found += (Taken(*row) for row in cursor.fetchall())
    return found


def take(them: Iterable[Taken]) -> None:
    """Take away what is still there."""
    _each(them, lambda one: one.away, present=True)


def bring_back(them: Iterable[Taken]) -> None:
    """Make what is missing again, the last taken first. Raises `IntegrityError` where a constraint does not hold."""
    _each(reversed(list(them)), lambda one: one.back, present=False)


def _each(them: Iterable[Taken], statement: Callable[[Taken], str], *, present: bool) -> None:
    with owner() as mine, mine.cursor() as cursor:
        for name, value in WIDE.items():
            cursor.execute("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", [value, name])
        cursor.execute(_THERE)
        there = {name for (name,) in cursor.fetchall()}
        for one in them:
            if (one.name in there) is present:
                cursor.execute(statement(one))
