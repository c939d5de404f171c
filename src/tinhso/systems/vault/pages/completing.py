"""Answering what an agency asks for more with papers that are here already: by the applicant, or with their consent at
the counter that received the dossier."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.models import Dossier, State
from tinhso.systems.dossiers.pages.adding import add
from tinhso.systems.dossiers.pages.citizen import own
from tinhso.systems.dossiers.pages.desk import find
from tinhso.systems.dossiers.verbs import at_its_counter

from .. import actions, queries
from ..models import Consent, Paper
from ..words import note
from .citizen import held


@may("account")
@require_http_methods(["GET", "POST"])
@never_cache
def complete(request: Request, dossier_id: UUID) -> HttpResponse:
    """Tick papers, add files and words, send all of it at once. Ticking one is the consent, as in an application."""
    dossier = own(request, dossier_id)
    if dossier.state != State.SUPPLEMENT:
        return redirect("dossiers:one", dossier.pk)
    return _completed(request, dossier, _of_reader(request, dossier), None, "dossiers:one")


def _of_reader(request: Request, dossier: Dossier) -> QuerySet[Paper]:
    """The applicant's, as far as they are also the reader's own or those of a business they act for."""
    mine = held(request).order_by("-added_at", "-id")
    if dossier.business_id:
        return mine.filter(business=dossier.business_id)
    return mine.filter(person=request.user.person_id, business=None)


@may(Role.RECEPTIONIST)
@require_http_methods(["GET", "POST"])
@never_cache
def at_counter(request: Request, dossier_id: UUID) -> HttpResponse:
    """First the applicant, who stands here, agrees; then their papers can be ticked, for an hour."""
    dossier, now = find(request, dossier_id), timezone.now()
    assert request.staff is not None
    if not at_its_counter(dossier, request.staff):
        raise Http404
    if dossier.state != State.SUPPLEMENT or dossier.applicant is None:
        return redirect("dossiers:work", dossier.pk)
    given = queries.consent_for(dossier.pk, request.user.pk, now)
    if given is not None:
        return _completed(request, dossier, queries.of_owner(dossier.applicant), given, "dossiers:work")
    status = 200
    if request.method == "POST":
        if request.POST.get("vault_consent"):
            actions.consent(dossier.applicant, None, dossier, official=request.user, by=request.actor, at=now)
            return redirect("vault:complete_at_counter", dossier.pk)
        messages.error(request, _("First ask the applicant, and tick that they agree."))
        status = 422
    return render(request, "vault/completing_consent.html", {"dossier": dossier}, status=status)


def _completed(
    request: Request, dossier: Dossier, found: QuerySet[Paper], consent: Consent | None, back: str
) -> HttpResponse:
    now = timezone.now()
    papers = [paper for paper in found[: queries.MOST] if not paper.ended(queries.today(now))]
    chosen = set(request.POST.getlist("paper"))
    refusal, status = None, 200
    if request.method == "POST":
        ticked = [paper for paper in papers if str(paper.pk) in chosen]

        def taken() -> Sequence[tuple[str, UUID]]:
            used = [(paper, actions.use(paper, dossier, consent=consent, by=request.actor, at=now)) for paper in ticked]
            return [(paper.name, link.pk) for paper, link in used]

        try:
            add(request, dossier, taken)
        except Refused as wrong:
            refusal, status = wrong, wrong.status
        else:
            messages.success(request, _("Thank you. The dossier is complete again and the clock runs."))
            return redirect(back, dossier.pk)
    context = {
        "dossier": dossier,
        "asked": dossier.requests.filter(received_at=None).select_related("letter").first(),
        "papers": [(paper, note(paper), str(paper.pk) in chosen) for paper in papers],
        "back": back,
        "consent": consent,
        "refusal": refusal,
        "typed": request.POST,
    }
    template = "vault/completing_counter.html" if consent else "vault/completing.html"
    return render(request, template, context, status=status)
