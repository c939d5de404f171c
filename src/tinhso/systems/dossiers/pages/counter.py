"""The counter: someone stands there with papers; the receptionist fills in the form for them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tinhso.core.accounts.queries import find_business
from tinhso.core.agencies.models import Role
from tinhso.core.forms import actions as forms
from tinhso.core.forms import flow
from tinhso.core.forms.definition import FormDefinition, FormErrors
from tinhso.core.forms.models import Draft
from tinhso.core.forms.shelves import offers
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import PAGE, variant_in_force, variants_by_channel

from ..intake import submit_draft
from ..models import Channel
from .apply import today

MOST = 50  # pages; who looks further needs words


@may(Role.RECEPTIONIST)
def choose(request: Request) -> HttpResponse:
    """Which procedure: a page of those that may be handed in at a counter, or of those with the words typed."""
    words = request.GET.get("q", "").strip()[:200]
    page = min(int(request.GET["trang"]), MOST) if request.GET.get("trang", "").isdecimal() else 0
    found = variants_by_channel("counter", words, skip=page * PAGE, limit=PAGE + 1)
    more = urlencode({"q": words, "trang": page + 1}) if len(found) > PAGE and page < MOST else ""
    context = {"variants": found[:PAGE], "words": words, "more": more, "drafts": _begun(request) if not page else []}
    return render(request, "dossiers/counter.html", context)


@dataclass(frozen=True)
class Begun:
    """A form begun at the counter and not submitted: what for, where it goes on, when it was last saved."""

    title: str
    url: str
    at: datetime


def _begun(request: Request) -> list[Begun]:
    """One's own, latest first; those of a procedure no longer in force are left out."""
    found = []
    for draft in Draft.objects.filter(account=request.user, context__startswith="counter/").order_by("-updated_at"):
        _counter, code, key, token = draft.context.split("/", 3)
        token, _sep, business = token.partition("/")
        if variant := variant_in_force(code, key):
            asked = {"ho-so": token, **({"doanh-nghiep": business} if business else {})}
            address = f"{reverse('dossiers:counter_begin', args=[code, key])}?{urlencode(asked)}"
            found.append(Begun(_title(variant), address, draft.updated_at))
    return found


def _title(variant: Variant) -> str:
    title = variant.version.procedure.title
    return f"{title} · {variant.title}" if variant.title else title


@may(Role.RECEPTIONIST)
@require_http_methods(["GET", "POST"])
def begin(request: Request, code: str, variant: str) -> HttpResponse:
    """The whole form on one page, with scans; kept as a draft until it can be submitted.

    `?ho-so=` names the draft, so that two windows serve two people side by side; `?doanh-nghiep=` the business
    that the person in front hands it in for.
    """
    one = variant_in_force(code, variant)
    if one is None or "counter" not in one.channels:
        raise Http404
    assert request.staff is not None
    now = timezone.now()
    token = request.GET.get("ho-so", "")
    if not token.isalnum() or len(token) > 16:
        return redirect(f"{request.path}?ho-so={secrets.token_hex(4)}")
    asked = request.GET.get("doanh-nghiep", "").strip()
    business = find_business(asked) if asked else None
    of_whom = f"{token}/{business.code}" if business else token
    draft = forms.open_draft(request.user, one.form, f"counter/{code}/{variant}/{of_whom}", at=now)
    definition = FormDefinition.load(draft.form_version)
    context: dict[str, Any] = {"variant": one, "draft": draft, "token": token, "asked": asked, "business": business}
    if business:
        context["authorities"] = business.authorities.open_at(now).select_related("person").order_by("pk")
    status = 200
    asks_again = "HX-Request" in request.headers  # while somebody types: keeping that could undo what is sent after it
    if request.method == "POST" and not asks_again:
        form = forms.save_page(
            draft,
            None,
            request.POST,
            request.FILES,
            by=request.actor,
            at=now,
            on=today(now),
        )
        draft.refresh_from_db()
        if asked and business is None and not form.refreshing:
            context["refusal"], status = _("Choose a business that is registered, or leave its code empty."), 422
        elif form.is_valid() and not form.refreshing:
            try:
                made = submit_draft(
                    draft,
                    one,
                    definition.validate(draft.answers, on=today(now)),
                    channel=Channel.COUNTER,
                    account=None,
                    counter=request.staff.agency,
                    business=business,
                    by=request.actor,
                    at=now,
                )
                return redirect("dossiers:work", made)
            except (Refused, FormErrors) as refusal:
                context["refusal"], status = refusal, 422
        elif not form.refreshing:
            status = 422
    else:
        form = flow.bind(
            definition,
            None,
            request.POST or None,
            answers=draft.answers,
            on=today(now),
            file_names=draft.files,
            origins=draft.origins,
            now_only=asks_again,
        )
        form.offers = offers(draft, form.questions(), at=now)
    return render(request, "dossiers/counter_form.html", {**context, "form": form}, status=status)
