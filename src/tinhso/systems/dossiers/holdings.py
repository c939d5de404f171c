"""What dossiers hold of a person: the dossiers in their name, with papers, letters and results."""

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
from tinhso.core.files import actions as files
from tinhso.core.ledger.actions import Actor, Fact, record_all
from tinhso.core.ledger.events import Event
from tinhso.core.ledger.models import Remark
from tinhso.core.process.actions import close_all
from tinhso.core.process.holdings import forget

from .events import DossierErased, DossierWithdrawn
from .models import Dossier, TakenOver


def _of(person: Person) -> QuerySet[Dossier]:
    """Their own; what they submitted for a business is the business's."""
    mine = Q(applicant=person) | Q(account__person=person)
    return Dossier.objects.filter(mine, business=None).order_by("submitted_at")


def _items(person: Person) -> Iterable[Held]:
    return [
        Held(
            d.procedure_name,
            f"{d.code} · {d.get_state_display()}",
            d.submitted_at,
            reverse("dossiers:one", args=[d.pk]),
        )
        for d in _of(person)
    ]


def _export(person: Person) -> Any:
    return [
        {
            "code": d.code,
            "procedure": d.procedure_code,
            "state": d.state,
            "submitted_at": d.submitted_at.isoformat(),
            "applicant_name": d.applicant_name,
            "phone": d.phone,
            "email": d.email,
            "answers": d.answers,
            "papers": [c.name for c in d.components.all()],
            "opinions": [
                {"agency": c.task.agency.name, "question": c.question, "answer": c.task.outcome, "opinion": c.opinion}
                for c in d.consultations.select_related("task__agency")
            ],
            "added": [{"note": s.note, "at": s.received_at.isoformat()} for s in d.requests.all() if s.received_at],
            "earlier": [{"at": e.at.isoformat(), "what": e.what, "words": e.words} for e in d.earlier.all()],
        }
        for d in _of(person).prefetch_related("components", "earlier")
    ]


def _erase(person: Person, by: Actor, at: datetime) -> None:
    """Delete the rows and the bytes; the ledger keeps codes and digests that nobody can match any more.

    A dossier still open ends here as one withdrawn: its tasks are closed, figures count it out.
    """
    dossiers = list(_of(person))
    ids = [d.pk for d in dossiers]
    forget(ids)
    Remark.objects.filter(subject_id__in=ids).delete()
    for dossier in dossiers:
        ends: list[Event] = [DossierErased()]
        if dossier.finished_at is None:
            ends.insert(0, DossierWithdrawn(procedure=dossier.procedure_code, channel=dossier.channel))
        close_all(dossier, "erased", by=by, at=at)
        record_all([Fact(event, dossier, dossier.agency_id) for event in ends], by=by, at=at)
    TakenOver.objects.filter(dossier__in=ids).update(old_id="")
    Dossier.objects.filter(pk__in=ids).delete()
    for dossier in dossiers:
        files.release_of(dossier, by=by, at=at)  # also drafts that a newer one has replaced


register(Holding("dossiers", _("Dossiers"), _items, _export, _erase, subjects=_of))

# For an anonymised copy. Salts go, so that no digest in the ledger leads back to what it was made of.
copies.treat(
    "dossiers.dossier",
    plain="code procedure_code procedure_name",
    applicant_name=copies.name,
    phone=copies.phone,
    email=copies.email,
    answers=copies.answers,
    salt=copies.secret,
)
copies.treat("dossiers.component", plain="key name")
copies.treat("dossiers.letter", reason=copies.words)
copies.treat("dossiers.supplement", note=copies.words)
copies.treat("dossiers.extension", reason=copies.words)
copies.treat("dossiers.result", plain="code", content=copies.answers)
copies.whole("dossiers.feereceipt")
copies.treat("dossiers.takenover", plain="system", key=copies.secret, old_id=copies.gone)
copies.treat("dossiers.consultation", plain="papers", question=copies.words, opinion=copies.words)
copies.treat("dossiers.note", plain="mentioned", text=copies.words)
copies.treat("dossiers.filter", plain="name default_of", look=copies.words)
copies.treat("dossiers.phrase", plain="verb name text")
copies.treat("dossiers.earlier", what=copies.words, who=copies.name, words=copies.words)
copies.empty("dossiers.takeover")
