"""The work of a unit: its head sees who has how much and what will be late, and moves steps by keys, drag, buttons."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import many
from ..load import SOON, loads, movable
from .desk import uuid_of
from .many import countable, pressed


@may(Role.UNIT_HEAD, Role.LEADER)
@require_http_methods(["GET", "POST"])
def load(request: Request) -> HttpResponse:
    """GET: everybody's open steps. POST: give those that are ticked to one person, each by itself."""
    assert request.staff is not None
    if request.method == "POST":
        return _give(request)
    now = timezone.now()
    everyone = loads(request.staff, now)
    soon = [
        (row.task.due_at, row, one)
        for one in everyone
        for row in one.rows
        if row.task.due_at and now <= row.task.due_at < now + SOON
    ]
    context = {
        "loads": [(one, [(row, movable(row.task)) for row in one.rows]) for one in everyone],
        "soon": [(row, one) for _due, row, one in sorted(soon, key=lambda each: each[0])],
        "most": max([one.open for one in everyone], default=0),
        "staff": request.staff,
    }
    return render(request, "dossiers/load.html", context)


def _give(request: Request) -> HttpResponse:
    chosen = list(dict.fromkeys(uuid_of(value) for value in request.POST.getlist("task")))
    verb = many.VERBS["give"]
    try:
        countable(chosen)
        press = pressed(request, verb)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("dossiers:load"))
    _tell(request, list(many.do_all(verb, chosen, press)), str(press.to))
    return HttpResponseRedirect(reverse("dossiers:load"))


def _tell(request: Request, outcomes: Sequence[many.Outcome], name: str) -> None:
    refused = [one for one in outcomes if one.refusal]
    if given := len(outcomes) - len(refused):
        words = ngettext("%(count)d step given to %(who)s.", "%(count)d steps given to %(who)s.", given)
        messages.success(request, words % {"count": given, "who": name})
    for one in refused:
        words = _("%(code)s was not given: %(reason)s")
        messages.error(request, words % {"code": one.task.code if one.task else "–", "reason": one.refusal})
