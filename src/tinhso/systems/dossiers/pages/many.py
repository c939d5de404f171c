"""Many at once: what is ticked in the queue, one button, and a page that grows by a line for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.growing import growing_page
from tinhso.core.ui.request import Request

from .. import many, queries
from .desk import QUEUE, queue_context, uuid_of


@may("staff")
@require_POST
def many_at_once(request: Request) -> HttpResponseBase:
    """Do one verb for all that is ticked. What it needs for all is asked for before the first is touched."""
    assert request.staff is not None
    chosen = list(dict.fromkeys(uuid_of(value) for value in request.POST.getlist("task")))
    name = request.POST.get("verb", "")
    try:
        countable(chosen)
        if name == many.SIGN:
            return _to_signing(request, chosen)
        if (verb := many.VERBS.get(name)) is None:
            raise Refused("no_such_verb", _("Choose what to do with them."), status=422)
    except Refused as refusal:
        context = queue_context(request, request.staff, timezone.now(), QUEUE)
        context |= {"refusal": refusal, "chosen": set(chosen)}
        return render(request, "dossiers/desk.html", context, status=refusal.status)
    try:
        press = pressed(request, verb)
    except Refused as refusal:
        return _ask(request, verb, chosen, refusal if "asked" in request.POST else None)
    context = {"label": verb.label, "total": len(chosen)}
    return growing_page(request, "dossiers/many.html", context, _lines(verb, chosen, press))


def countable(chosen: Sequence[UUID]) -> None:
    """Raises `Refused` for none and for more than can be done at once."""
    if not chosen:
        raise Refused("nothing_chosen", _("Tick at least one dossier."), status=422)
    if len(chosen) > many.AT_ONCE:
        words = _("At most %(most)d at once; %(count)d are ticked.")
        raise Refused("too_many", words % {"most": many.AT_ONCE, "count": len(chosen)}, status=422)


def pressed(request: Request, verb: many.Many) -> many.Press:
    """With what the verb asks for all. Raises `Refused` where it was not chosen."""
    assert request.staff is not None
    staff, at = request.staff, timezone.now()
    asked = uuid_of(request.POST.get(verb.asks, ""))
    to, signer = None, None
    if verb.asks == "to":
        to = next((one for one, _load in queries.colleagues(staff, at) if one.pk == asked), None)
        if to is None:
            raise Refused("officer_missing", _("Choose who will work on it."), field="to", status=422)
    elif verb.asks == "signer":
        signer = queries.signers(staff, at).filter(pk=asked).first()
        if signer is None:
            raise Refused("signer_missing", _("Choose who signs."), field="signer", status=422)
    return many.Press(staff, request.actor, at, to, signer)


def _ask(request: Request, verb: many.Many, chosen: Sequence[UUID], refusal: Refused | None) -> HttpResponse:
    """Who gets them, or who signs: chosen once for all."""
    assert request.staff is not None
    staff, at = request.staff, timezone.now()
    if verb.asks == "signer":
        people = [(one.pk, one.account.display_name, one.title) for one in queries.signers(staff, at)]
    else:
        words = _("%(count)d open tasks")
        people = [(one.pk, one.display_name, words % {"count": load}) for one, load in queries.colleagues(staff, at)]
    tasks = many.shown(chosen, staff)
    context = {"verb": verb, "chosen": chosen, "tasks": tasks, "people": people, "refusal": refusal}
    return render(request, "dossiers/many_ask.html", context, status=refusal.status if refusal else 200)


def _to_signing(request: Request, chosen: Sequence[UUID]) -> HttpResponse:
    """Where one PIN signs them all; they are ticked there."""
    assert request.staff is not None
    results = [("chon", str(pk)) for pk in many.to_sign(chosen, request.staff)]
    if not results or not request.staff.has_role(Role.LEADER):
        words = _("None of them waits for your own signature. One drafted in another's name is opened first.")
        raise Refused("nothing_to_sign", words)
    return HttpResponseRedirect(f"{reverse('ui:signing')}?{urlencode(results)}")


def _lines(verb: many.Many, chosen: Sequence[UUID], press: many.Press) -> Iterator[str]:
    """A line for each, and how it ended."""
    done = 0
    for place, outcome in enumerate(many.do_all(verb, chosen, press), 1):
        done += outcome.refusal is None
        context = {"outcome": outcome, "place": place, "total": len(chosen)}
        yield render_to_string("dossiers/many_line.html", context)
    yield render_to_string("dossiers/many_end.html", {"done": done, "left": len(chosen) - done})
