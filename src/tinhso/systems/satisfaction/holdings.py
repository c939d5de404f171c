"""What satisfaction holds of a person: the words of their replies, and to which dossier each belongs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.accounts import copies
from tinhso.core.accounts.holdings import Held, Holding, register
from tinhso.core.accounts.models import Person
from tinhso.core.ledger.actions import Actor

from . import actions
from .models import Reply


def _of(person: Person) -> QuerySet[Reply]:
    """Given by them, also for a business; and those by the slip to dossiers of their own."""
    own = Q(dossier__applicant=person) | Q(dossier__account__person=person)
    mine = Q(person=person) | Q(own, dossier__business=None)
    return Reply.objects.filter(mine).select_related("dossier", "answer").order_by("at")


def _items(person: Person) -> Iterable[Held]:
    return [
        Held(r.dossier.code, r.words or _("Marks alone"), r.at, reverse("satisfaction:answer", args=[r.dossier_id]))
        for r in _of(person)
    ]


def _export(person: Person) -> Any:
    return [
        {"code": r.dossier.code, "marks": r.answer.marks, "words": r.words, "at": r.at.isoformat()} for r in _of(person)
    ]


def _erase(person: Person, by: Actor, at: datetime) -> None:
    """Replies to a dossier that is erased go with it; of one that is a business's, words and name go."""
    actions.forget(_of(person), by=by, at=at)


register(Holding("satisfaction", gettext_lazy("What you said about dossiers"), _items, _export, _erase))

copies.whole("satisfaction.answer")
copies.treat("satisfaction.reply", words=copies.words)
