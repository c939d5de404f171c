"""Tables laid bare while much is loaded: all but primary keys go, and come back made by the set.

Foreign keys, indexes and what must be unique cost more than the rows, kept up row by row; and what the server
vacuums meanwhile it would have to vacuum again. Coming back, what does not hold is refused as ever. What goes is
written down before it goes, so after a kill it comes back just the same. Only the owner of the tables may do this.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection

WIDE = {"maintenance_work_mem": "512MB", "work_mem": "256MB", "transaction_timeout": "0"}
# Checking the rows is apart from the key itself: it locks the table that is pointed at only as a reader does.
_CHECKS = """
SELECT conrelid::regclass::text, 'check of ' || conname, '',
  format('ALTER TABLE %%s VALIDATE CONSTRAINT %%I', conrelid::regclass, conname)
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f' ORDER BY 2
"""
_KEYS = """
SELECT conrelid::regclass::text, conname,
  format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
  format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s NOT VALID', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f' ORDER BY 1, 2
"""
_UNIQUE = """
SELECT conrelid::regclass::text, conname,
  format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
  format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint c WHERE conrelid = ANY(%s::regclass[]) AND contype = 'u' AND NOT EXISTS
  (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid) ORDER BY 1, 2
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
SELECT conname FROM pg_constraint UNION ALL SELECT 'check of ' || conname FROM pg_constraint WHERE convalidated
UNION ALL SELECT relname FROM pg_class WHERE relkind = 'i'
UNION ALL SELECT 'vacuum of ' || oid::regclass FROM pg_class
WHERE relkind = 'r' AND NOT coalesce('autovacuum_enabled=false' = ANY(reloptions), false)
"""
# How things go, stage by stage, and by how many connections each stage comes back, the last first: indexes, what must
# be unique, the keys, their checks, vacuums. Keys lock two tables each, so two at once could wait for each other.
STAGES = ((_VACUUM, 1), (_CHECKS, 2), (_KEYS, 1), (_UNIQUE, 2), (_INDEXES, 2))


class Taken(NamedTuple):
    """What a table lacks for a while (a constraint, an index, its vacuum), how it goes, how it comes back, and in which
    of the stages."""

    table: str
    name: str
    away: str
    back: str
    stage: int


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
        for stage, (question, _abreast) in enumerate(STAGES):
            cursor.execute(f"SELECT *, {stage} FROM ({question}) AS one", [names])  # noqa: S608  # no value
            found += (Taken(*row) for row in cursor.fetchall())
    return found


def take(them: Iterable[Taken]) -> None:
    """Take away what is still there."""
    _each((one for one in them if one.away), lambda one: one.away, present=True)


def bring_back(them: Iterable[Taken]) -> None:
    """Make what is missing again, the last taken first. Raises `IntegrityError` where a constraint does not hold."""
    stages = defaultdict[int, deque[Taken]](deque)
    for one in them:
        stages[one.stage].appendleft(one)
    for stage, waiting in sorted(stages.items(), reverse=True):
        with ThreadPoolExecutor(STAGES[stage][1]) as pool:
            back = [pool.submit(_bring_back, waiting) for _ in range(STAGES[stage][1])]
            for each in back:
                each.result()


def _bring_back(waiting: deque[Taken]) -> None:
    """The next that waits, until none does."""
    try:
        _each(_taking(waiting), lambda one: one.back, present=False)
    except BaseException:
        waiting.clear()  # what others have begun is finished, and nothing else begun
        raise


def _taking(waiting: deque[Taken]) -> Iterator[Taken]:
    with suppress(IndexError):
        while True:
            yield waiting.popleft()


def _each(them: Iterable[Taken], statement: Callable[[Taken], str], *, present: bool) -> None:
    with owner() as mine, mine.cursor() as cursor:
        for name, value in WIDE.items():
            cursor.execute("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", [value, name])
        cursor.execute(_THERE)
        there = {name for (name,) in cursor.fetchall()}
        for one in them:
            if (one.name in there) is present:
                cursor.execute(statement(one))
