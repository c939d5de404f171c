"""The applicant says how it went: signed in, or with the slip's code and secret."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tinhso.core.api.limits import limit, sender
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers import queries as dossiers
from tinhso.systems.dossiers.models import Channel, Dossier

from .. import actions
from ..models import Reply, Way
from ..sheets import Sheet

TRIES = 20  # a minute, of one sender, as for the look-up


class AnswerForm(forms.Form):
    """A row of marks for each question, then words."""

    def __init__(self, asked: Sheet, *args: Any, online: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        marks = [(mark.mark, mark.label) for mark in asked.marks]
        for question in asked.questions:
            self.fields[question.key] = forms.TypedChoiceField(
                label=question.asked(online=online), choices=marks, coerce=int, empty_value=None,
                required=question.must, widget=forms.RadioSelect,
                error_messages={"required": _("Choose one of the marks.")},
            )  # fmt: skip
        self.fields["words"] = forms.CharField(
            label=gettext_lazy("What else would you like to say?"),
            help_text=gettext_lazy("The heads of the agency read it without your name. Do not write who you are."),
            required=False,
            max_length=actions.LONGEST,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [field for field in self if field.name != "words"]

    def given(self) -> dict[str, Any]:
        """Marks and words as the action takes them."""
        kept = dict(self.cleaned_data)
        said = kept.pop("words")
        return {"marks": {key: mark for key, mark in kept.items() if mark is not None}, "words": said}


@may("account")
@require_http_methods(["GET", "POST"])
@never_cache
def answer(request: Request, dossier_id: UUID) -> HttpResponse:
    """Answer for one's own dossier, or one of a business one acts for; or change what was answered."""
    account = request.user
    dossier = dossiers.of_account(account, timezone.now()).filter(pk=dossier_id).first()
    if dossier is None:
        raise Http404
    back = reverse("dossiers:one", args=[dossier.pk])
    reply = Reply.objects.select_related("answer").filter(dossier=dossier).first()
    before = {}
    if reply and reply.answer.way == Way.ACCOUNT:  # what came by the slip may be somebody else's
        before = {**reply.answer.marks, "words": reply.words}
    given: dict[str, Any] = {"way": Way.ACCOUNT, "person": account.person}
    try:
        form = _form(dossier, request.POST if request.method == "POST" else None, before)
        if request.method == "GET" or not _kept(form, dossier, given):
            context = {"dossier": dossier, "form": form, "back": back, "until": actions.open_until(dossier)}
            return render(request, "satisfaction/answer.html", context, status=422 if form.errors else 200)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Thank you. The agency reads it without your name."))
    return redirect(back)


@may("public")
@require_http_methods(["GET", "POST"])
@never_cache
def by_slip(request: Request) -> HttpResponse:
    """The same with the code and secret of the slip, which come by POST only; nothing answered before is shown."""
    if request.method == "GET":
        return redirect("dossiers:lookup")
    limit("lookup", sender(request), per_minute=TRIES, at=timezone.now())
    code, secret = request.POST.get("code", ""), request.POST.get("secret", "")
    dossier = dossiers.by_slip(code, secret)
    if dossier is None:
        messages.error(request, _("No dossier has this code and this secret. Both stand on the appointment slip."))
        return redirect("dossiers:lookup")
    slip = {"code": code, "secret": secret}
    context: dict[str, Any] = {"dossier": dossier, "slip": slip, "until": actions.open_until(dossier)}
    try:
        if Reply.objects.filter(dossier=dossier).exists():
            raise Refused("answered", _("Somebody has answered for this dossier already. Thank you."))
        form = _form(dossier, request.POST if "answers" in request.POST else None, {})
        if not form.is_bound or not _kept(form, dossier, {"way": Way.SLIP, "person": None}):
            return render(
                request, "satisfaction/answer.html", context | {"form": form}, status=422 if form.errors else 200
            )
    except Refused as refusal:
        return render(request, "satisfaction/thanks.html", context | {"refusal": refusal}, status=refusal.status)
    return render(request, "satisfaction/thanks.html", context)


def _form(dossier: Dossier, typed: Any, before: dict[str, Any]) -> AnswerForm:
    """The questions of this dossier. Raises `Refused` where it has not ended."""
    asked = actions.sheet_of(dossier)
    if asked is None:
        raise Refused("not_ended", _("The dossier is still being worked on. You are asked when it has ended."))
    return AnswerForm(asked, typed, initial=before, online=dossier.channel == Channel.ONLINE)


def _kept(form: AnswerForm, dossier: Dossier, given: dict[str, Any]) -> bool:
    """Whether it was answered; what is wrong with one field stands beside it."""
    if not form.is_valid():
        return False
    try:
        actions.answer(dossier, **form.given(), **given, at=timezone.now())
    except Refused as refusal:
        if refusal.field not in form.fields:
            raise
        form.add_error(refusal.field, str(refusal))
    return not form.errors
