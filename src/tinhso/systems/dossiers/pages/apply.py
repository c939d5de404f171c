"""The application, one thing a page: begin, the task list, each page, the letter to check, submit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.accounts.models import Authority, Business
from tinhso.core.accounts.queries import authorities_of, authority_of
from tinhso.core.forms import actions as forms
from tinhso.core.forms import flow
from tinhso.core.forms.definition import FormDefinition, FormErrors
from tinhso.core.forms.models import Draft
from tinhso.core.forms.prefill import business_source, earlier_source, person_source
from tinhso.core.forms.shelves import offers
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.procedures.fees import compute_fee
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import variant_in_force

from .. import queries
from ..intake import submit_draft, submitted_from
from ..models import Channel
from .citizen import own


def today(at: datetime) -> Any:
    return timezone.localtime(at).date()


def context_of(code: str, variant: str, authority: Authority | None) -> str:
    """What a draft is for, and for which business if for one: begun for it, it is never submitted for oneself."""
    return f"business/{authority.business_id}/{code}/{variant}" if authority else f"online/{code}/{variant}"


def own_draft(request: Request, draft_id: UUID) -> tuple[Draft, Variant, FormDefinition, Business | None]:
    """One's own draft with what it is for; 404 for anyone else's, and for a business one no longer acts for."""
    draft = Draft.objects.select_related("form_version").filter(pk=draft_id, account=request.user).first()
    if draft is None:
        raise Http404
    *who, code, key = draft.context.split("/", 3 if draft.context.startswith("business/") else 2)
    authority = authority_of(request.user.person_id, UUID(who[1]), timezone.now()) if who[0] == "business" else None
    if who[0] == "business" and authority is None:
        raise Http404
    variant = variant_in_force(code, key)
    if variant is None:
        raise Refused(
            "procedure_withdrawn", _("This procedure is no longer offered. Please look for the one in force.")
        )
    return draft, variant, FormDefinition.load(draft.form_version), authority.business if authority else None


@may("account")
@require_http_methods(["GET", "POST"])
def begin(request: Request, code: str, variant: str) -> HttpResponse:
    """Before the first page: what will be asked, and consent to fill in what the state knows."""
    one = variant_in_force(code, variant)
    if one is None or not one.online:
        raise Http404
    now = timezone.now()
    authorities = list(authorities_of(request.user.person_id, now))
    if request.method == "GET":
        return render(
            request,
            "dossiers/begin.html",
            {
                "variant": one,
                "person": request.user.person,
                "authorities": authorities,
                "draft": Draft.objects.filter(account=request.user, context=f"online/{code}/{variant}").first(),
            },
        )
    chosen = request.POST.get("for", "")
    authority = next((each for each in authorities if str(each.business_id) == chosen), None)
    if chosen and authority is None:
        raise Refused("no_authority", _("You do not act for this business, or no longer."), field="for", status=403)
    business = authority.business if authority else None
    draft = forms.open_draft(request.user, one.form, context_of(code, variant, authority), at=now)
    if request.POST.get("consent") and request.user.person:
        before = queries.of_account(request.user, now).filter(variant__form__key=one.form.key, business=business)
        earlier = before.first()
        sources = [person_source(request.user.person), *([business_source(business)] if business else [])]
        if earlier:
            sources.append(earlier_source(earlier.answers, earlier.code))
        forms.prefill_draft(draft, sources, at=now)
    return redirect("dossiers:draft", draft.pk)


@may("account")
def tasks(request: Request, draft_id: UUID) -> HttpResponse:
    """The task list with its ticks."""
    draft, variant, definition, business = own_draft(request, draft_id)
    steps = flow.steps(definition, draft.answers, on=today(timezone.now()), seen=draft.seen)
    return render(
        request,
        "dossiers/tasks.html",
        {
            "draft": draft,
            "variant": variant,
            "business": business,
            "definition": definition,
            "steps": steps,
            "next": next((s for s in steps if s.status != flow.Status.DONE), None),
            "begun": bool(draft.seen),
        },
    )


@may("account")
@require_http_methods(["GET", "POST"])
def page(request: Request, draft_id: UUID, page: str) -> HttpResponse:
    """One page of the form. What is typed is kept, valid or not."""
    draft, variant, definition, _business = own_draft(request, draft_id)
    if page not in definition.pages:
        raise Http404
    now = timezone.now()
    status = 200
    asks_again = "HX-Request" in request.headers  # while somebody types: keeping that could undo what is sent after it
    if request.method == "POST" and not asks_again:
        form = forms.save_page(
            draft,
            page,
            request.POST,
            request.FILES,
            by=request.actor,
            at=now,
            on=today(now),
        )
        draft.refresh_from_db()
        if form.is_valid() and not form.refreshing:
            following = flow.next_page(definition, draft.answers, page, on=today(now))
            if following:
                return redirect("dossiers:page", draft.pk, following)
            return redirect("dossiers:review", draft.pk)
        status = 200 if form.refreshing else 422
    else:
        form = flow.bind(
            definition,
            page,
            request.POST or None,
            answers=draft.answers,
            on=today(now),
            file_names=draft.files,
            origins=draft.origins,
            now_only=asks_again,
        )
        form.offers = offers(draft, form.questions(), at=now)
    steps = flow.steps(definition, draft.answers, on=today(now), seen=draft.seen)
    return render(
        request,
        "dossiers/page.html",
        {
            "draft": draft,
            "variant": variant,
            "form": form,
            "step": next((s for s in steps if s.key == page), None),
            "steps": steps,
        },
        status=status,
    )


@may("account")
@require_http_methods(["GET", "POST"])
def review(request: Request, draft_id: UUID) -> HttpResponse:
    """The last page, which reads like a letter; the same page submits."""
    now = timezone.now()
    try:
        draft, variant, definition, business = own_draft(request, draft_id)
    except Http404:
        # A double click, or the way back after submitting: the draft is gone, the dossier is there.
        done = submitted_from(draft_id, request.actor)
        if done is None:
            raise
        return redirect("dossiers:submitted", done)
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            answers = definition.validate(draft.answers, on=today(now))
            made = submit_draft(
                draft,
                variant,
                answers,
                channel=Channel.ONLINE,
                account=request.user,
                counter=None,
                business=business,
                by=request.actor,
                at=now,
            )
            return redirect("dossiers:submitted", made)
        except FormErrors as wrong:
            errors, status = wrong.errors, 422
    return render(
        request,
        "dossiers/review.html",
        {
            "draft": draft,
            "variant": variant,
            "business": business,
            "sections": flow.summary(
                definition, draft.answers, on=today(now), file_names=draft.files, origins=draft.origins
            ),
            "fee": compute_fee(variant.fee_rule, draft.answers),
            "steps": flow.steps(definition, draft.answers, on=today(now), seen=draft.seen),
            "errors": errors,
        },
        status=status,
    )


@may("account")
@require_POST
def discard(request: Request, draft_id: UUID) -> HttpResponse:
    """Give a draft up, with its uploads."""
    draft, variant, _definition, _business = own_draft(request, draft_id)
    forms.discard(draft, by=request.actor, at=timezone.now())
    return redirect("procedures:procedure", variant.version.procedure.code)


@may("account")
def submitted(request: Request, dossier_id: UUID) -> HttpResponse:
    """After submitting: the code, what happens next and by when, the receipt to keep."""
    one = own(request, dossier_id)
    return render(request, "dossiers/submitted.html", {"dossier": one, "where": queries.whereabouts(one)})
