"""What the counter holds of a person: pages of papers being digitised into their dossiers, and for whom they acted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.accounts import copies
from tinhso.core.accounts.holdings import Held, Holding, register
from tinhso.core.accounts.models import Person
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor
from tinhso.systems.dossiers.models import Component, Dossier

from .models import Representative, Scan


def _of(person: Person) -> QuerySet[Scan]:
    dossiers = Dossier.objects.filter(Q(applicant=person) | Q(account__person=person), business=None).values("pk")
    made = Component.objects.filter(dossier__in=dossiers).values("file")
    return Scan.objects.filter(Q(dossier__in=dossiers) | Q(file__in=made)).order_by("begun_at")


def _acting(person: Person) -> QuerySet[Representative]:
    return Representative.objects.filter(person=person).select_related("dossier").order_by("at")


def _items(person: Person) -> Iterable[Held]:
    scans = [Held(scan.name, _("being digitised"), scan.begun_at) for scan in _of(person).filter(signed_at=None)]
    return scans + [Held(_("You acted for another"), one.dossier.code, one.at) for one in _acting(person)]


def _export(person: Person) -> Any:
    scans = _of(person)
    return {
        "scans": [{"name": one.name, "pages": len(one.pages), "begun": one.begun_at.isoformat()} for one in scans],
        "acted_for": [
            {"dossier": one.dossier.code, "as": one.relation, "authorisation": one.authorisation}
            for one in _acting(person)
        ],
    }


def _erase(person: Person, by: Actor, at: datetime) -> None:
    """The separate pages; the files they became go with the dossiers, right after."""
    scans = list(_of(person))
    pages = FileLink.objects.filter(owner_kind="counter.scan", owner_id__in=[scan.pk for scan in scans])
    files.release(pages, by=by, at=at)
    Scan.objects.filter(pk__in=[scan.pk for scan in scans]).delete()
    Representative.objects.filter(person=person).delete()


register(Holding("counter", gettext_lazy("Papers at the counter"), _items, _export, _erase))

copies.empty("counter.scan")  # a copy has no files
copies.whole("counter.paperfile", "counter.handover", "counter.item", "counter.tally")
copies.treat("counter.day", plain="day", note=copies.words)
copies.treat("counter.representative", plain="until", authorisation=copies.words)
