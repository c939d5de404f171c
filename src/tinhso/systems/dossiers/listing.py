"""A person's dossiers as their lists show them: newest first, and beneath a joint one what belongs to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tinhso.core.accounts.models import Account
from tinhso.core.process.models import Task

from .models import Dossier
from .queries import PAGE, Whereabouts, moves, of_account, whereabouts


@dataclass(frozen=True)
class Beneath:
    """What belongs to a dossier of a list: one of its parts, opened or not. `sentence` says where it is, where its own
    steps do not."""

    title: str
    dossier: Dossier | None = None
    sentence: str = ""


Parts = Callable[[QuerySet[Dossier]], "QuerySet[Any, Any]"]
Under = Callable[[Collection[Dossier]], Mapping[UUID, list[Beneath]]]
_JOINED: list[tuple[Parts, Under]] = []


def joined_by(parts: Parts, beneath: Under) -> None:
    """Another system joins dossiers: `parts` gives the keys of all that belong to some dossiers, and `beneath` what
    stands beneath each of some."""
    _JOINED.append((parts, beneath))


@dataclass(frozen=True)
class Line:
    """One dossier, or one part beneath it; `where` is None before a part is opened."""

    title: str
    dossier: Dossier | None
    where: Whereabouts | None
    sentence: str
    beneath: tuple[Line, ...] = ()


def listed(
    account: Account, at: datetime, most: int = PAGE, *, before: UUID | None = None
) -> tuple[list[Line], UUID | None]:
    """The newest dossiers a person follows, or those older than `before`; parts of joint ones only beneath them. And
    the last of them, if there are older ones.

    Asks the database once for dossiers, once for parts where there are any, once for open steps.
    """
    followed = of_account(account, at)
    shown = followed.select_related("agency")
    if last := followed.filter(pk=before).first() if before else None:
        shown = shown.filter(Q(submitted_at__lt=last.submitted_at) | Q(submitted_at=last.submitted_at, pk__lt=last.pk))
    for parts, _beneath in _JOINED:
        shown = shown.exclude(pk__in=parts(followed.order_by()))
    found = list(shown[: most + 1])
    rows = found[:most]
    under: dict[UUID, list[Beneath]] = {}
    for _parts, beneath in _JOINED:
        under |= beneath(rows)
    every = [*rows, *(one.dossier for parts_ in under.values() for one in parts_ if one.dossier)]
    moving = [one.pk for one in every if moves(one)]
    steps: dict[UUID, list[Task]] = defaultdict(list)
    tasks = Task.objects.filter(subject_id__in=moving, closed_at=None).order_by("opened_at", "id")
    for task in tasks if moving else ():
        steps[task.subject_id].append(task)

    def line(dossier: Dossier, title: str, sentence: str = "", beneath: tuple[Line, ...] = ()) -> Line:
        where = whereabouts(dossier, steps[dossier.pk])
        return Line(title, dossier, where, sentence or where.sentence, beneath)

    def part(one: Beneath) -> Line:
        if one.dossier:
            return line(one.dossier, one.title, one.sentence)
        return Line(one.title, None, None, one.sentence)

    lines = [line(one, one.procedure_name, "", tuple(map(part, under.get(one.pk, ())))) for one in rows]
    return lines, rows[-1].pk if len(found) > most else None
