"""What the vault holds of a person: their papers, who was let see them, and links to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts import copies
from tinhso.core.accounts.holdings import Held, Holding, register
from tinhso.core.accounts.models import Person
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.models import Remark

from . import actions
from .models import Consent, Paper
from .queries import of_owner
from .words import note


def _of(person: Person) -> QuerySet[Paper]:
    """Their own; a business's papers are the business's."""
    return of_owner(person)


def _items(person: Person) -> Iterable[Held]:
    return [Held(p.name, note(p), p.added_at, reverse("vault:paper", args=[p.pk])) for p in _of(person)]


def _export(person: Person) -> Any:
    return {
        "papers": [
            {
                "name": p.name,
                "number": p.number,
                "agency": p.agency_name,
                "issued_on": p.issued_on and p.issued_on.isoformat(),
                "valid_until": p.valid_until and p.valid_until.isoformat(),
                "trust": p.trust,
                "file": p.link.name,
                "added_at": p.added_at.isoformat(),
                "shares": [
                    {"made": s.made_at.isoformat(), "until": s.until.isoformat(), "ended": bool(s.ended_at)}
                    for s in p.shares.all()
                ],
            }
            for p in _of(person).prefetch_related("shares")
        ],
        "consents": [{"until": c.until.isoformat()} for c in Consent.objects.filter(person=person)],
    }


def _erase(person: Person, by: Actor, at: datetime) -> None:
    """Rows, links and added bytes go; those of dossiers go with the dossiers, right after."""
    papers = list(_of(person))
    Remark.objects.filter(subject_id__in=[paper.pk for paper in papers]).delete()
    actions.take_out(papers, by=by, at=at)
    Consent.objects.filter(person=person).delete()


register(Holding("vault", _("Vault of papers"), _items, _export, _erase, subjects=_of))

copies.treat("vault.paper", plain="agency_name issued_on valid_until", name=copies.words, number=copies.gone)
copies.whole("vault.consent")
copies.empty("vault.share")  # a link opens nothing in a copy
