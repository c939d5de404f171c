"""Trying a form with test data: what is asked, what is refused, what it costs. Answers live in the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tinhso.core.forms import flow
from tinhso.core.forms.choosing import in_words, labels
from tinhso.core.forms.definition import Checked, nested
from tinhso.core.forms.examples import FILE, example
from tinhso.core.forms.page import REFRESH, PageForm
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import results
from ..builder.parts import FORM
from ..fees import compute_fee, money
from .editor import EDITORS
from .opened import Opened, opened

TRY = "_try"  # a button's name: check, example or empty
KEPT = "procedures.trial"  # in the session: one form's answers at a time
NAMES = {FILE: "vi-du.pdf"}


@dataclass(frozen=True)
class Outcome:
    """What test data lead to."""

    asked: int
    all: int
    hidden: list[tuple[str, str]]
    refused: list[tuple[str, str]]
    fee: str


def tried(request: Request, one: Opened, page: str | None) -> PageForm:
    """The form (or one page of it) over the test data; what was sent goes into them."""
    mark = f"{one.revision.pk}/{one.case['key']}/{one.part}"
    kept = request.session.get(KEPT) or {}
    answers = kept.get("answers", {}) if kept.get("of") == mark else {}
    sent: QueryDict | None = request.POST if {TRY, REFRESH} & request.POST.keys() else None
    pressed = request.POST.get(TRY, "")
    on = timezone.localdate()
    if pressed in ("example", "empty"):
        sent, answers = None, {}
        if pressed == "example":
            answers = example(one.definition, on=on) if one.part == FORM else example_of(one)
    now_only = REFRESH in request.POST
    form = flow.bind(one.definition, page, sent, answers=answers, on=on, file_names=NAMES, now_only=now_only)
    if sent is not None or pressed:
        request.session[KEPT] = {"of": mark, "answers": form.raw if sent is not None else answers}
    return form


def example_of(one: Opened) -> dict[str, Any]:
    """Clean example answers by the officer: begun from example answers of an applicant, else made up."""
    on = timezone.localdate()
    told = one.asked.check(example(one.asked, on=on), on=on).clean
    begun = results.mapped(one.case["result"]["start"], one.asked, nested(told))
    made_up = example(one.definition, on=on)
    return nested(one.definition.check({**made_up, **begun}, on=on).clean)


def outcome(one: Opened, checked: Checked) -> Outcome:
    """What applies, what is refused, and the fee."""
    called = labels(one.definition)
    hidden = [
        (called[path], " · ".join(in_words(when, one.definition) for when in question.when))
        for path, question in one.definition.questions.items()
        if not question.applies(checked.clean)
    ]
    refused = [(_label(called, path), message) for path, message in checked.errors.items()]
    everything = len(one.definition.questions)
    fee = money(compute_fee(one.case["fee"], nested(checked.clean))) if one.part == FORM else ""
    return Outcome(everything - len(hidden), everything, hidden, refused, fee)


def _label(called: Mapping[str, str], path: str) -> str:
    """Of a question, or of the rows that a cell is in."""
    return called.get(path) or called.get(path.split(".")[0], path)


@may(*EDITORS)
@require_http_methods(["GET", "POST"])
def trial(request: Request, revision_id: UUID, case: str, part: str) -> HttpResponse:
    """The whole form with test data. Nothing is kept but in the session of who tries."""
    one = opened(request, revision_id, case, part)
    form = tried(request, one, None)
    if form.is_bound:
        form.is_valid()
    context = {
        "one": one,
        "preview": form,
        "outcome": outcome(one, form.checked),
        "summary": flow.summary(one.definition, nested(form.checked.clean), file_names=NAMES),
    }
    return render(request, "procedures/trial.html", context)
