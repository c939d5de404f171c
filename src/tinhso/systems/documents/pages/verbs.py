"""What people do with a document: one POST, one action, back to the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.process.queries import task_for
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..forms import OrderForm
from ..models import Assignment, Document
from ..offered import shown
from .reading import found

Verb = Callable[[Request, Document], str]


def verb(*kinds: str) -> Callable[[Verb], Callable[..., HttpResponse]]:
    """A POST by whoever may do the document's open step of one of these kinds. Refused, the page comes again with the
    reason and all that was typed."""

    def wrap(function: Verb) -> Callable[..., HttpResponse]:
        def view(request: Request, document_id: UUID) -> HttpResponse:
            one = found(request, document_id)
            assert request.staff is not None
            try:
                if kinds and not any(task_for(one, request.staff, kind) for kind in kinds):
                    raise Refused("already_done", _("This step is not yours, or it was done before."))
                said = function(request, one)
            except Refused as refusal:
                more = {"refusal": refusal, "typed": request.POST, "tried": function.__name__}
                context = shown(request, one, timezone.now(), **more)
                return render(request, "documents/one.html", context, status=refusal.status)
            messages.success(request, said)
            if queries.visible(request.staff).filter(pk=one.pk).exists():
                return redirect("documents:one", one.pk)
            return redirect("documents:work")

        return may(*queries.STAFF)(require_POST(view))

    return wrap


@verb()
def submit(request: Request, one: Document) -> str:
    assert request.staff is not None
    now = timezone.now()
    wanted = {str(post.pk): post for post in queries.signers(request.staff, now)}
    signer = wanted.get(request.POST.get("signer", ""))
    if signer is None:
        raise Refused("signer_missing", _("Choose who signs."), field="signer", status=422)
    actions.submit(one, signer=signer, staff=request.staff, by=request.actor, at=now)
    return _("Submitted.")


@verb("check_document")
def pass_on(request: Request, one: Document) -> str:
    actions.pass_on(one, by=request.actor, at=timezone.now())
    return _("Passed on to the signer.")


@verb("check_document", "sign_document")
def send_back(request: Request, one: Document) -> str:
    actions.send_back(one, reason=request.POST.get("reason", ""), by=request.actor, at=timezone.now())
    return _("Sent back with your words.")


@verb()
def drop(request: Request, one: Document) -> str:
    assert request.staff is not None
    actions.drop(one, staff=request.staff, by=request.actor, at=timezone.now())
    return _("Given up.")


@verb("number_document")
def number(request: Request, one: Document) -> str:
    now = timezone.now()
    done = actions.number(one, day=timezone.localtime(now).date(), by=request.actor, at=now)
    return _("Number %(number)s taken; it is being sealed and sent.") % {"number": done.printed}


@verb("register_document")
def register(request: Request, one: Document) -> str:
    done = actions.register(one, by=request.actor, at=timezone.now())
    assert done.number is not None
    return _("Registered, arrival number %(number)s.") % {"number": done.number.value}


@verb("register_document")
def refuse(request: Request, one: Document) -> str:
    actions.refuse(one, reason=request.POST.get("reason", ""), by=request.actor, at=timezone.now())
    return _("Sent back to its sender, who reads why.")


@verb("direct_document")
def direct(request: Request, one: Document) -> str:
    given = _order(request)
    actions.direct(one, **given, given_by=request.user, by=request.actor, at=timezone.now())
    return _("Directed: each finds it among their tasks.")


def _order(request: Request, *, alone: bool = False) -> dict[str, Any]:
    assert request.staff is not None
    form = OrderForm(request.POST, staff=request.staff, at=timezone.now(), alone=alone)
    if not form.is_valid():
        words = " ".join(str(words) for errors in form.errors.values() for words in errors)
        raise Refused("order_incomplete", words, field=next(iter(form.errors)), status=422)
    return form.given()


@verb("direct_document")
def file_away(request: Request, one: Document) -> str:
    words = request.POST.get("words", "")
    actions.file_away(one, words=words, by=request.actor, at=timezone.now())
    return _("Taken note of; nothing is to be done.")


def _mine(request: Request, one: Document) -> Assignment:
    assert request.staff is not None
    order = queries.mine(one, request.staff)
    if order is None:
        raise NotAllowed(_("You have no open order from this document."))
    return order


@verb()
def hand_down(request: Request, one: Document) -> str:
    order, given = _mine(request, one), _order(request, alone=True)
    actions.hand_down(order, **given, given_by=request.user, by=request.actor, at=timezone.now())
    return _("Handed down.")


@verb()
def report(request: Request, one: Document) -> str:
    actions.report(_mine(request, one), words=request.POST.get("words", ""), by=request.actor, at=timezone.now())
    return _("Told.")


@verb()
def finish(request: Request, one: Document) -> str:
    actions.finish(_mine(request, one), words=request.POST.get("words", ""), by=request.actor, at=timezone.now())
    return _("Done.")
