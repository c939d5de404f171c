"""What complaints hold of a person: their words, the answers, and the letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts import copies
from tinhso.core.accounts.holdings import Held, Holding, register
from tinhso.core.accounts.models import Person
from tinhso.core.ledger.actions import Actor
from tinhso.systems.dossiers import holdings as dossiers

from . import actions
from .models import Complaint


def _of(person: Person) -> QuerySet[Complaint]:
    """Filed by them, also for a business, and those about dossiers of their own."""
    own = Q(dossier__applicant=person) | Q(dossier__account__person=person)
    mine = Q(account__person=person) | Q(own, dossier__business=None)
    return Complaint.objects.filter(mine).select_related("dossier").order_by("filed_at")


def _items(person: Person) -> Iterable[Held]:
    return [
        Held(c.dossier.code, c.get_state_display(), c.filed_at, reverse("complaints:mine", args=[c.dossier_id]))
        for c in _of(person)
    ]


def _export(person: Person) -> Any:
    return [
        {"code": c.dossier.code, "kind": c.kind, "words": c.words, "answer": c.answer, "at": c.filed_at.isoformat()}
        for c in _of(person)
    ]


def _erase(person: Person, by: Actor, at: datetime) -> None:
    """Words and letters go; rows about their own dossiers go with those, right after."""
    actions.forget(list(_of(person)), by=by, at=at)


assert dossiers  # declared before ours, so that ours are erased before the dossiers they belong to
register(Holding("complaints", _("Complaints"), _items, _export, _erase))

copies.treat("complaints.complaint", plain="involved", words=copies.words, answer=copies.words)
