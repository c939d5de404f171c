"""The paper of one dossier: who holds it, what of it is digitised and signed, and labels for its cover."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.actions import Refused, record_access
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.events import DossierSeen
from tinhso.systems.dossiers.models import Dossier

from .. import card, hand_overs, labels, representatives
from ..models import Relation, Representative, Scan
from .common import dossier_of, printed


@may("staff")
@require_GET
@never_cache
def paper(request: Request, dossier_id: UUID) -> HttpResponse:
    """A page; the dossier's own page loads its middle when somebody opens that part."""
    one = dossier_of(request, dossier_id)
    questions = FormDefinition.of(one.form_id).questions.values()
    parts = list(one.components.select_related("file__scan").order_by("pk"))
    assert request.staff is not None
    context = {
        "dossier": one,
        "whereabouts": hand_overs.whereabouts(one.pk),
        "parts": [(part, getattr(part.file, "scan", None)) for part in parts],
        "begun": Scan.objects.filter(dossier=one, official=request.user, made_at=None).order_by("begun_at"),
        "names": [question.words for question in questions if question.kind.input == "file"],
        "may_digitise": request.staff.has_role(Role.RECEPTIONIST) and one.finished_at is None,
        "sizes": labels.SIZES,
        "acting": Representative.objects.filter(dossier=one).select_related("person").first(),
        "relations": Relation.choices,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "counter/paper.html" if part else "counter/paper_page.html", context)


@may("staff")
@require_GET
def label(request: Request, dossier_id: UUID) -> HttpResponse:
    """The label of one dossier, `?kho=` names its size."""
    one, now = dossier_of(request, dossier_id), timezone.now()
    record_access(DossierSeen(one.code, "label"), subject=one.applicant or one, by=request.actor, at=now)
    return print_labels([one], request.GET.get("kho", ""))


@may(Role.RECEPTIONIST)
@require_POST
def represent(request: Request, dossier_id: UUID) -> HttpResponse:
    """Who stands there for the applicant."""
    one, given = dossier_of(request, dossier_id), request.POST
    try:
        representatives.name(
            one,
            given.get("who", "")[: card.LONGEST],
            given.get("full_name", ""),
            relation=given.get("relation", ""),
            authorisation=given.get("authorisation", ""),
            until=parse_date(given.get("until", "")),
            by=request.actor,
            at=timezone.now(),
        )
    except (Refused, ValueError) as refusal:  # a day that no calendar has
        messages.error(request, str(refusal) if isinstance(refusal, Refused) else _("This day does not exist."))
    else:
        messages.success(request, _("Written down who acts for the applicant."))
    return redirect("counter:paper", one.pk)


def print_labels(dossiers: list[Dossier], size: str) -> HttpResponse:
    """One label a page, in the size of the printer's roll."""
    return printed("label", labels.data(dossiers, size), name="nhan-ho-so", at=timezone.now())
