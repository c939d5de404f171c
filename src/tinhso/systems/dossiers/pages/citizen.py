"""The applicant's own dossiers: the list, one of them, withdrawing it, the receipt to keep."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tinhso.core.accounts.models import Account
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.flow import summary
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.proofs import proof
from tinhso.core.ledger.queries import timeline
from tinhso.core.process.graph import graph_of
from tinhso.core.process.queries import done_by
from tinhso.core.process.way import way
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..actions.submission import WITHDRAWABLE
from ..drafts import begun
from ..listing import listed
from ..models import Dossier, State
from ..words import lines
from .adding import add
from .typed import kept, words


def followed(request: HttpRequest) -> QuerySet[Dossier]:
    """The reader's own dossiers and those of the businesses they act for now."""
    return queries.of_account(cast(Account, request.user), timezone.now())


def own(request: Request, dossier_id: UUID) -> Dossier:
    """One of the reader's own dossiers; 404 for anyone else's."""
    one = followed(request).filter(pk=dossier_id).first()
    if one is None:
        raise Http404
    return one


@may("account")
def mine(request: Request) -> HttpResponse:
    """All one's dossiers, newest first; each row says where it is, a joint one with its parts beneath it."""
    try:
        before = UUID(request.GET.get("truoc", ""))
    except ValueError:
        before = None
    now = timezone.now()
    rows, older = listed(request.user, now, before=before)
    drafts = [] if before else begun(request.user, now)
    return render(request, "dossiers/mine.html", {"rows": rows, "older": older, "before": before, "drafts": drafts})


def shown(one: Dossier, **more: Any) -> dict[str, Any]:
    """What an applicant sees of a dossier. A result's file comes when it is returned; what one with a mistake was
    replaced by stands beside it."""
    results, tasks = queries.results_of(one), done_by(one)
    still_open = [task for task in tasks if task.closed_at is None]
    theirs = [each for each in results if each.returned_at or (each.version == 1 and one.state == State.RETURNED)]
    return {
        "dossier": one,
        "where": queries.whereabouts(one, still_open),
        "way": way(graph_of(tasks[-1].definition_id), tasks) if tasks else [],
        "timeline": lines(one, for_applicant=True),
        "letters": [letter for letter in queries.letters_of(one) if letter.file_id],
        "result": theirs[-1] if theirs else None,
        "earlier_results": theirs[:-1],
        "can_ask_correction": bool(theirs) and theirs[-1].cancelled_at is None and one.correct_by is None,
        "signed": any(each.signed_at for each in results),
        "receipt": queries.receipt_of(one),
        **more,
    }


@may("account")
def one(request: Request, dossier_id: UUID) -> HttpResponse:
    """Where the dossier is in one sentence, what happened, what must be done, papers and letters."""
    return _page(request, own(request, dossier_id))


def _again(request: Request, dossier_id: UUID, refusal: Refused, tried: str) -> HttpResponse:
    """After a refusal: what was typed stands in its form again, or is shown to be copied where that is gone."""
    return _page(request, own(request, dossier_id), refusal.status, refusal=refusal, typed=request.POST, tried=tried)


def _page(request: Request, dossier: Dossier, status: int = 200, **more: Any) -> HttpResponse:
    asked = dossier.requests.filter(received_at=None) if dossier.state == State.SUPPLEMENT else None
    on = timezone.localtime(dossier.submitted_at).date()
    context = shown(
        dossier,
        sections=summary(FormDefinition.of(dossier.form_id), dossier.answers, on=on),
        components=dossier.components.select_related("file"),
        asked=asked.select_related("letter").first() if asked else None,
        **more,
    )
    context["can_withdraw"] = dossier.state in WITHDRAWABLE and not context["signed"]
    forms = {"supplement": "asked", "ask_correction": "can_ask_correction", "withdraw": "can_withdraw"}
    if (tried := more.get("tried")) and not context[forms[tried]]:
        context |= {"gone": True, "kept": kept(request)}
    return render(request, "dossiers/one.html", context, status=status)


@may("account")
@require_POST
def supplement(request: Request, dossier_id: UUID) -> HttpResponse:
    """Add what the agency asked for. Where that is refused, nothing typed is lost."""
    dossier = own(request, dossier_id)
    try:
        add(request, dossier)
    except Refused as refusal:
        return _again(request, dossier_id, refusal, "supplement")
    messages.success(request, _("Thank you. Your dossier is complete again and the clock runs."))
    return redirect("dossiers:one", dossier.pk)


@may("account")
@require_POST
def ask_correction(request: Request, dossier_id: UUID) -> HttpResponse:
    """Say what is wrong in the result. Where that is refused, nothing typed is lost."""
    dossier = own(request, dossier_id)
    try:
        reason = words(request, "wrong")
        actions.ask_correction(dossier, reason=reason, by_applicant=True, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _again(request, dossier_id, refusal, "ask_correction")
    messages.success(request, _("Thank you. The agency looks at it and tells you."))
    return redirect("dossiers:one", dossier.pk)


@may("account")
@require_POST
def withdraw(request: Request, dossier_id: UUID) -> HttpResponse:
    """Take the application back, as long as the decision has not been signed."""
    dossier = own(request, dossier_id)
    try:
        actions.withdraw(dossier, reason=words(request), by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _again(request, dossier_id, refusal, "withdraw")
    messages.success(request, _("You have withdrawn the dossier."))
    return redirect("dossiers:one", dossier.pk)


@may("account")
def receipt(request: Request, dossier_id: UUID) -> HttpResponse:
    """The proof that the submission is in the sealed record, to keep for ever."""
    dossier = own(request, dossier_id)
    first = next(h for h in timeline(dossier) if h.event == "dossiers.submitted")
    proven = proof(first.id)
    if proven is None:
        raise Refused(
            "not_sealed_yet", _("The receipt is sealed within a minute of submitting. Please try again shortly.")
        )
    response = JsonResponse(proven, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{dossier.code}-bien-nhan.json"'
    return response
