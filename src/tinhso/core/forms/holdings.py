"""What forms hold of a person: drafts not submitted yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..accounts.copies import answers, treat, whole
from ..accounts.holdings import Held, Holding, register
from ..accounts.models import Person
from ..ledger.actions import Actor
from .actions import discard
from .definition import FormDefinition
from .models import Draft


def _of(person: Person) -> QuerySet[Draft]:
    return Draft.objects.filter(account__person=person).select_related("form_version").order_by("updated_at")


def _items(person: Person) -> Iterable[Held]:
    return [
        Held(FormDefinition.load(d.form_version).title, gettext("not submitted yet"), d.updated_at) for d in _of(person)
    ]


def _export(person: Person) -> Any:
    return [
        {"form": str(draft.form_version), "updated_at": draft.updated_at.isoformat(), "answers": draft.answers}
        for draft in _of(person)
    ]


def _erase(person: Person, by: Actor, at: datetime) -> None:
    """Delete the drafts with their uploads."""
    for draft in _of(person):
        discard(draft, by=by, at=at)


HOLDING = register(Holding("forms", _("Drafts"), _items, _export, _erase))

whole("forms.formversion")
treat("forms.draft", plain="context origins seen", answers=answers, files=answers)
