"""What a person typed: taken whole or refused in words, and shown again where its form is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tinhso.core.forms.layout import Question
from tinhso.core.ui.request import Request

from ..actions.common import LONGEST, limited

# What a form sends that nobody typed: marks of the form, choices among what stands beside it, and secrets.
NOT_TYPED = {"csrfmiddlewaretoken", "then", "draft", "passphrase"}
NOT_TYPED |= {"signer", "officer", "to", "papers", "told", "form", "answer"}


def words(request: Request, name: str = "reason", most: int = LONGEST) -> str:
    """What was typed into a field; `Refused` where it is longer than is kept."""
    return limited(request.POST.get(name, ""), most=most, field=name)


def kept(request: Request, questions: Mapping[str, Question] | None = None) -> list[tuple[str, str]]:
    """Everything typed, each with its label; `questions` are those of a form that was among it."""
    labels = {
        "reason": _("Reason"),
        "wrong": _("What is wrong, and what should stand there"),
        "until": _("Day"),
        "question": _("What you ask"),
        "opinion": _("Opinion"),
        "note": _("What you want to say with it"),
        "text": _("New note"),
    }
    found = []
    for name, values in request.POST.lists():
        if name in NOT_TYPED or not (said := [value for value in values if value.strip()]):
            continue
        if question := (questions or {}).get(name):
            options = dict(question.kind.options(question, request.POST))
            said = [options.get(value, value) for value in said]
        label = question.words if question else labels.get(name, _("What you had typed"))
        found.append((label, ", ".join(said)))
    return found


def keeping(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a dossier that passed out of reach, or never was in it, is not there; what was typed on it is shown,
    and nothing else."""

    @wraps(view)
    def run(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if request.method != "POST" or not (typed := kept(request)):
                raise
            part = request.headers.get("HX-Request") == "true"
            template = "dossiers/kept.html" if part else "dossiers/out_of_reach.html"
            return render(request, template, {"kept": typed}, status=404)

    return run
