"""Tables laid bare while much is loaded: foreign keys and secondary indexes go, and come back made by the set.

Checked row by row and kept up row by row they cost more than the rows. Coming back, a foreign key that does not
hold or a value that is not unique is refused as ever. What goes is written down before it goes, so after a kill
it comes back just the same. Only the owner of the tables may do this.
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
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2
"""
_INDEXES = """
SELECT indrelid::regclass::text, relname, format('DROP INDEX %%I', relname), pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1, 2
"""
_THERE = (
    "SELECT conname FROM pg_constraint WHERE contype = 'f' UNION ALL SELECT relname FROM pg_class WHERE relkind = 'i'"
)


class Taken(NamedTuple):
    """A foreign key or an index: of which table, its name, how it goes, how it comes back."""

    table: str
    name: str
    away: str
    back: str

    @property
    def is_key(self) -> bool:
        return self.away.startswith("ALTER")


def owner() -> Any:
    """A connection of the role that owns the tables, to the same database."""
    mine = connection.copy()
    address = urlsplit(settings.TINHSO.database_owner_url or settings.TINHSO.database_url)
    mine.settings_dict |= {"USER": unquote(address.username or ""), "PASSWORD": unquote(address.password or "")}
    return closing(mine)


def found(tables: Iterable[str]) -> list[Taken]:
    """What these tables have that can be taken away: foreign keys first, which need indexes of others."""
    with owner() as mine, mine.cursor() as cursor:
        names = list(tables)
        cursor.execute(_KEYS, [names])
        keys = cursor.fetchall()
        cursor.execute(_INDEXES, [names])
        return [Taken(*row) for row in (*keys, *cursor.fetchall())]


def take(them: Iterable[Taken]) -> None:
    """Take away what is still there."""
    _each(them, lambda one: one.away, present=True)


def bring_back(them: Iterable[Taken]) -> None:
    """Make what is missing again: indexes, then foreign keys. Raises `IntegrityError` where one does not hold."""
    _each(sorted(them, key=lambda one: one.is_key), lambda one: one.back, present=False)


def _each(them: Iterable[Taken], statement: Callable[[Taken], str], *, present: bool) -> None:
    with owner() as mine, mine.cursor() as cursor:
        for name, value in WIDE.items():
            cursor.execute("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", [value, name])
        cursor.execute(_THERE)
        there = {name for (name,) in cursor.fetchall()}
        for one in them:
            if (one.name in there) is present:
                cursor.execute(statement(one))
