"""Lists in pages by key: stable while rows come and go, and as fast on the last page as on the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Refused

M = TypeVar("M", bound=Model)
R = TypeVar("R")  # what is read of each: the model, or some of its columns by name
SALT = "tinhso.cursor"
LARGEST = 200


@dataclass(frozen=True)
class Slice(Generic[R]):
    """One page of rows. `after` is the cursor of the next page, empty on the last."""

    items: list[R]
    after: str


def page(queryset: QuerySet[M, R], order: Sequence[str], *, after: str = "", limit: int = 50) -> Slice[R]:
    """The rows that follow cursor `after` (empty: the first), at most `limit` (1–200).

    `order` names columns that are never null, `-` for descending, the last one unique; an index
    should follow it. Raises `Refused("cursor_invalid")` for a cursor of another list or forged.
    """
    limit = max(1, min(limit, LARGEST))
    if after:
        queryset = queryset.filter(_following(order, _read(after, order)))
    rows = list(queryset.order_by(*order)[: limit + 1])
    more = len(rows) > limit
    return Slice(rows[:limit], write(rows[limit - 1], order) if more else "")


def write(row: Any, order: Sequence[str]) -> str:
    """An opaque, signed cursor of a row's place in this order."""
    values = []
    for name in order:
        value: Any = row
        for step in name.lstrip("-").split("__"):
            value = getattr(value, step)
        values.append(value.isoformat() if isinstance(value, date | datetime) else _plain(value))
    return signing.dumps([",".join(order), *values], salt=SALT)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _read(cursor: str, order: Sequence[str]) -> list[Any]:
    values: list[Any]
    try:
        named, *values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        named, values = "", []
    if named != ",".join(order):
        raise Refused(
            "cursor_invalid", _("This cursor does not belong to this list. Start at the first page."), status=400
        )
    return values


def _following(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after the given place: (a, b) > (x, y) written so that an index on (a, b) serves it."""
    name, *rest = order
    compare = "lt" if name.startswith("-") else "gt"
    name = name.lstrip("-")
    beyond = Q(**{f"{name}__{compare}": values[0]})
    if not rest:
        return beyond
    return Q(**{f"{name}__{compare}e": values[0]}) & (beyond | Q(**{name: values[0]}) & _following(rest, values[1:]))
