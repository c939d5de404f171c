"""Beside a dossier, fetched when its page is there: likely duplicates and what officials told each other; and the
reasons an agency writes often."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused, record_access
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..actions.notes import PHRASED
from ..events import DossierSeen
from ..models import Dossier, Phrase
from ..words import PHRASE_FOR
from .desk import find, uuid_of
from .typed import keeping

KEEPERS = (Role.UNIT_HEAD, Role.LEADER)


@may("staff")
@require_http_methods(["GET", "POST"])
@keeping
def notes(request: Request, dossier_id: UUID) -> HttpResponse:
    """GET: what stands beside a dossier, a part of its page or alone. POST: add a note."""
    one, now = find(request, dossier_id), timezone.now()
    if request.method == "GET":
        if request.headers.get("HX-Request") != "true":  # else it belongs to the page that was recorded
            record_access(DossierSeen(one.code, "notes"), subject=one.applicant or one, by=request.actor, at=now)
        return _beside(request, one)
    told = [uuid_of(value) for value in request.POST.getlist("told")]
    try:
        text = request.POST.get("text", "")
        actions.note(one, text=text, mentioned=told, author=request.user, by=request.actor, at=now)
    except Refused as refusal:
        return _beside(request, one, refusal=refusal, typed=request.POST, told=set(told))
    if request.headers.get("HX-Request") == "true":
        return _beside(request, one)
    messages.success(request, _("The note is kept."))
    return HttpResponseRedirect(reverse("dossiers:work", args=[one.pk]))


def _beside(request: Request, one: Dossier, **more: Any) -> HttpResponse:
    assert request.staff is not None
    part = request.headers.get("HX-Request") == "true"
    context = {
        "dossier": one,
        "duplicates": queries.duplicates(one, request.staff),
        "notes": queries.notes_of(one),
        "colleagues": queries.may_be_told(one, request.staff, timezone.now()),
        **more,
    }
    status = more["refusal"].status if "refusal" in more else 200
    return render(request, "dossiers/notes.html" if part else "dossiers/notes_page.html", context, status=status)


@may("staff")
@require_GET
def phrases_for(request: Request, asking: str) -> HttpResponse:
    """The choice above a reason's field: what the agency writes often there."""
    assert request.staff is not None
    if asking not in PHRASED:
        raise Http404
    rows = Phrase.objects.filter(agency=request.staff.agency_id, verb=asking).order_by("name")
    return render(request, "dossiers/phrases_for.html", {"verb": asking, "phrases": rows, "staff": request.staff})


@may(*KEEPERS)
@require_http_methods(["GET", "POST"])
def phrases(request: Request) -> HttpResponse:
    """The agency's own reasons: read, added, changed."""
    assert request.staff is not None
    context: dict[str, Any] = {"verbs": [(verb, PHRASE_FOR[verb]) for verb in PHRASED], "typed": request.POST}
    status = 200
    if request.method == "POST":
        words = {name: request.POST.get(name, "") for name in ("verb", "name", "text")}
        try:
            actions.keep_phrase(request.staff.agency, **words, by=request.actor, at=timezone.now())
        except Refused as refusal:
            context["refusal"], status = refusal, refusal.status
        else:
            messages.success(request, _("The reason is kept."))
            return HttpResponseRedirect(reverse("dossiers:phrases"))
    rows = Phrase.objects.filter(agency=request.staff.agency_id).order_by("verb", "name")
    context["phrases"] = [(row, PHRASE_FOR[row.verb]) for row in rows]
    return render(request, "dossiers/phrases.html", context, status=status)


@may(*KEEPERS)
@require_POST
def drop_phrase(request: Request, phrase_id: UUID) -> HttpResponse:
    """Forget one."""
    assert request.staff is not None
    row = Phrase.objects.filter(pk=phrase_id, agency=request.staff.agency_id).first()
    if row is None:
        raise Http404
    actions.drop_phrase(row, staff=request.staff, by=request.actor, at=timezone.now())
    messages.success(request, _("The reason is gone."))
    return HttpResponseRedirect(reverse("dossiers:phrases"))
