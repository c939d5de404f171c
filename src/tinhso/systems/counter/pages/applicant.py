"""Who stands at the counter, found and put into the form."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import applicants, card
from ..applicants import Found
from .common import draft_of, form_url, kept, to_form


@may(Role.RECEPTIONIST)
@require_POST
@never_cache
def find(request: Request, draft_id: UUID) -> HttpResponse:
    """By what was scanned or typed. Empty, it only keeps what was typed in the form (Enter in a field of it)."""
    draft, now = kept(request, draft_id), timezone.now()
    who = request.POST.get("counter_who", "")[: card.LONGEST]
    assert request.staff is not None
    if not who.strip():
        return to_form(draft)
    try:
        found = applicants.find(who, staff=request.staff, by=request.actor, at=now)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return to_form(draft)
    if found.several:
        context = {"draft": draft, "persons": found.several, "back": form_url(draft.context)}
        return render(request, "counter/found.html", context)
    return _filled(request, draft, found)


@may(Role.RECEPTIONIST)
@require_POST
def choose(request: Request, draft_id: UUID) -> HttpResponse:
    """One of several of the same name."""
    draft = draft_of(request, draft_id)
    assert request.staff is not None
    try:
        asked = UUID(request.POST.get("person", ""))
    except ValueError:
        return to_form(draft)
    person = applicants.chosen(asked, staff=request.staff)
    if person is None:
        raise Http404
    return _filled(request, draft, Found(person=person))


def _filled(request: Request, draft: Draft, found: Found) -> HttpResponse:
    applicants.fill(draft, found, by=request.actor, at=timezone.now())
    if found.card is None:
        messages.success(request, _("Filled in from what is known here. Compare it with the ID card."))
    elif card.place_of(found.card.address).commune:
        messages.success(request, _("Filled in from the ID card."))
    else:
        words = _("Filled in from the ID card. Choose today's commune; the card says: %(address)s.")
        messages.warning(request, words % {"address": found.card.address})
    return to_form(draft)
