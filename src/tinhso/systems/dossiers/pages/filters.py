"""Filters of the queue: a page on which they are made, shared, begun with, forgotten. No script needed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.agencies.models import Staff
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions
from ..filters.look import DUE, Look, default_of, filters_of, kept, read, steps
from ..models import Filter

DESK = "desk"  # in the session: whose, and what it begins with


@may("staff")
@require_http_methods(["GET", "POST"])
def filters(request: Request) -> HttpResponse:
    """What one may look for; kept under a name, or used at once. Comes filled in with what the desk looks for now."""
    assert request.staff is not None
    given, refusal, status = request.POST if request.method == "POST" else request.GET, None, 200
    look = read(given)
    if request.method == "POST":
        if given.get("verb") == "use":
            return HttpResponseRedirect(f"{reverse('dossiers:desk')}?{look.query or 'tat_ca=1'}")
        try:
            name, shared = given.get("name", ""), "shared" in given
            actions.keep_filter(request.staff, name=name, look=look, shared=shared, by=request.actor, at=timezone.now())
        except Refused as wrong:
            refusal, status = wrong, wrong.status
        else:
            messages.success(request, _("The filter is kept."))
            return HttpResponseRedirect(reverse("dossiers:filters"))
    labels = {**steps()}
    context = {
        "rows": [(one, look, labels.get(look.step, ""), DUE.get(look.due, "")) for one, look in _rows(request)],
        "look": look,
        "steps": labels.items(),
        "dues": DUE.items(),
        "typed": given,
        "refusal": refusal,
    }
    return render(request, "dossiers/filters.html", context, status=status)


def begins_with(request: Request, staff: Staff) -> str:
    """What the desk looks for at first, as its address has it. Asked once a session: a change on another device
    is seen from the next sign-in."""
    known = request.session.get(DESK)
    if known is None or known[0] != str(staff.pk):
        mine = default_of(staff)
        known = request.session[DESK] = [str(staff.pk), mine.look if mine else ""]
    return str(known[1])


def _rows(request: Request) -> list[tuple[Filter, Look]]:
    assert request.staff is not None
    return [(one, kept(one)) for one in filters_of(request.staff)]


def _found(request: Request, filter_id: UUID) -> Filter:
    assert request.staff is not None
    one = filters_of(request.staff).filter(pk=filter_id).first()
    if one is None:
        raise Http404
    return one


@may("staff")
@require_POST
def prefer(request: Request, filter_id: UUID) -> HttpResponse:
    """Begin the desk with it, or no longer."""
    assert request.staff is not None
    on = request.POST.get("on") == "1"
    actions.prefer_filter(_found(request, filter_id), staff=request.staff, on=on, by=request.actor, at=timezone.now())
    request.session.pop(DESK, None)
    messages.success(request, _("Your desk begins with it.") if on else _("Your desk begins with everything."))
    return HttpResponseRedirect(reverse("dossiers:filters"))


@may("staff")
@require_POST
def drop(request: Request, filter_id: UUID) -> HttpResponse:
    """Forget one's own."""
    assert request.staff is not None
    actions.drop_filter(_found(request, filter_id), staff=request.staff, by=request.actor, at=timezone.now())
    request.session.pop(DESK, None)
    messages.success(request, _("The filter is gone."))
    return HttpResponseRedirect(reverse("dossiers:filters"))
