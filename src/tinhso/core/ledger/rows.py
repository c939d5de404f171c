"""Rows that verbs read and write each time: the statement is made once a process, and prepared by the database.

The ORM builds such a statement anew in 0.5 to 1 ms of CPU, and PostgreSQL plans it anew in 0.2; half of what an action
cost was that. Conditions are written out, `%s` for each value. What a page asks once in a while stays with the ORM.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

M = TypeVar("M", bound=models.Model)


class _Prepared(psycopg.Cursor[Any]):
    """Values go apart from the statement, which each connection has the database plan once."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> _Prepared:
        return super().execute(query, params, prepare=True, **options)


def prepared() -> CursorWrapper:
    """A cursor for statements that are the same every time. Their values need a type: that of a column, or a cast."""
    here = _here()
    here.close_if_health_check_failed()
    here.ensure_connection()
    cursor: Any = _Prepared(here.connection)
    return here.make_debug_cursor(cursor) if here.queries_logged else here.make_cursor(cursor)


def _here() -> BaseDatabaseWrapper:
    """This thread's connection itself: the name `connection` looks it up anew for each of its attributes."""
    return connections[DEFAULT_DB_ALIAS]


def find(
    model: type[M], where: str, params: Sequence[Any], *, lock: bool = False, related: tuple[str, ...] = ()
) -> list[M]:
    """Rows for which a condition holds, which may end in ORDER BY; with `lock` they stay ours until the commit.

    `related` names foreign keys to read along, each after those it is reached by (`a`, `a__b`); the order is then open.
    """
    here = _here()
    with prepared() as cursor:
        cursor.execute(_joined(model, where, related) if related else _select(model, where, lock), params)
        found = cursor.fetchall()
    rows = []
    for values in found:
        row = _made(model, values, here)
        at, reached = len(_reading(model)[0]), dict[str, Any]({"": row})
        for path, key, other in _others(model, related):
            end = at + len(_reading(other)[0])
            parent, _, name = path.rpartition("__")
            reached[path] = one = _made(other, values[at:end], here) if values[at + key] is not None else None
            if reached[parent] is not None:
                setattr(reached[parent], name, one)
            at = end
        rows.append(row)
    return rows


def _made(model: type[M], values: Sequence[Any], here: BaseDatabaseWrapper) -> M:
    """A row of the first of these values."""
    names, readers = _reading(model)
    if readers:
        values = list(values)
        for at, reader in readers:
            values[at] = reader(values[at], None, here)
    return model.from_db(here.alias, names, values[: len(names)])


def get(model: type[M], where: str, params: Sequence[Any], *, lock: bool = False) -> M:
    """The one row; raises the model's DoesNotExist. Meant for unique columns."""
    for row in find(model, where, params, lock=lock):
        return row
    raise model.DoesNotExist(f"no {model._meta.label_lower} where {where}")  # type: ignore[attr-defined]


def exists(model: type[models.Model], where: str, params: Sequence[Any]) -> bool:
    """Whether the condition holds for any row."""
    with prepared() as cursor:
        cursor.execute(_exists(model, where), params)
        return cursor.fetchone() is not None


def insert(row: models.Model, *, unless_there: bool = False) -> bool:
    """Store a new row; says whether it was stored, which with `unless_there` it is not where a unique one is there."""
    here = _here()
    values = [field.get_db_prep_save(field.pre_save(row, True), here) for field in _written(type(row))]
    with prepared() as cursor:
        cursor.execute(_insert(type(row), unless_there), values)
        stored: bool = cursor.rowcount == 1
    if stored:
        row._state.adding, row._state.db = False, here.alias
    return stored


def update(row: models.Model, *names: str) -> None:
    """Store these fields of a row that is there."""
    change(type(row), {name: getattr(row, _field(type(row), name).attname) for name in names}, "id = %s", [row.pk])


def change(model: type[models.Model], changes: dict[str, Any], where: str, params: Sequence[Any]) -> int:
    """Set fields (of a foreign key its id) of every row for which the condition holds; returns how many."""
    here = _here()
    values = [_field(model, name).get_db_prep_save(value, here) for name, value in changes.items()]
    with prepared() as cursor:
        cursor.execute(_update(model, tuple(changes), where), [*values, *params])
        changed: int = cursor.rowcount
    return changed


@cache
def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


@cache
def _reading(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    fields: Sequence[Any] = model._meta.concrete_fields
    readers = [(at, field.from_db_value) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return [field.attname for field in fields], readers


@cache
def _written(model: type[models.Model]) -> Sequence[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]


@cache
def _select(model: type[models.Model], where: str, lock: bool) -> str:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return f"SELECT {columns} FROM {model._meta.db_table} WHERE {where}{' FOR UPDATE' * lock}"  # noqa: S608  # no value


@cache
def _others(model: type[models.Model], related: tuple[str, ...]) -> list[tuple[str, int, type[models.Model]]]:
    """What is read along: its path, where its key stands among its columns, its model."""
    reached, found = {"": model}, []
    for path in related:
        parent, _, name = path.rpartition("__")
        reached[path] = other = _field(reached[parent], name).related_model
        found.append((path, [field.primary_key for field in other._meta.concrete_fields].index(True), other))
    return found


@cache
def _joined(model: type[models.Model], where: str, related: tuple[str, ...]) -> str:
    reached, columns, joins = {"": (model, "m")}, [f'm."{field.column}"' for field in model._meta.concrete_fields], ""
    for number, (path, _key, other) in enumerate(_others(model, related)):
        parent, _, name = path.rpartition("__")
        (above, by), here = reached[parent], f"r{number}"
        reached[path] = other, here
        columns += [f'{here}."{field.column}"' for field in other._meta.concrete_fields]
        key = f'{here}."{other._meta.pk.column}" = {by}."{_field(above, name).column}"'
        joins += f" LEFT JOIN {other._meta.db_table} {here} ON {key}"
    rows = f"SELECT * FROM {model._meta.db_table} WHERE {where}"  # noqa: S608  # no value
    return f"SELECT {', '.join(columns)} FROM ({rows}) m{joins}"  # noqa: S608  # no value


@cache
def _exists(model: type[models.Model], where: str) -> str:
    return f"SELECT 1 FROM {model._meta.db_table} WHERE {where} LIMIT 1"  # noqa: S608  # no value


@cache
def _insert(model: type[models.Model], unless_there: bool) -> str:
    fields = _written(model)
    columns, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    there = " ON CONFLICT DO NOTHING" * unless_there
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks}){there}"  # noqa: S608  # no value


@cache
def _update(model: type[models.Model], names: tuple[str, ...], where: str) -> str:
    changes = ", ".join(f'"{_field(model, name).column}" = %s' for name in names)
    return f"UPDATE {model._meta.db_table} SET {changes} WHERE {where}"  # noqa: S608  # no value
