"""What linked procedures hold of a person: what other agencies decided. It goes with the dossier it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from tinhso.core.accounts import copies
from tinhso.core.accounts.holdings import Held, Holding, register
from tinhso.core.accounts.models import Person
from tinhso.core.ledger.actions import Actor
from tinhso.core.worktime.calendar import ZONE

from .models import Decision


def _of(person: Person) -> QuerySet[Decision]:
    mine = Q(dossier__applicant=person) | Q(dossier__account__person=person)
    found = Decision.objects.filter(mine, dossier__business=None)
    return found.select_related("dossier").order_by("day", "pk")


def _items(person: Person) -> Iterable[Held]:
    return [
        Held(
            d.dossier.procedure_name,
            f"{d.agency} · {d.number}",
            datetime.combine(d.day, time(), ZONE),
            reverse("dossiers:one", args=[d.dossier_id]),
        )
        for d in _of(person)
    ]


def _export(person: Person) -> Any:
    return [
        {"code": d.dossier.code, "agency": d.agency, "number": d.number, "day": d.day.isoformat(), "words": d.words}
        for d in _of(person)
    ]


def _erase(person: Person, by: Actor, at: datetime) -> None:
    """Rows and files are erased with their dossiers."""


register(Holding("linked", gettext_lazy("What other agencies decided"), _items, _export, _erase))

copies.treat("linked.decision", plain="agency day", number=copies.gone, words=copies.words)
copies.whole("linked.part")
