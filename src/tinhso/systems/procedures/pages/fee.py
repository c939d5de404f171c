"""The fee of a case without code: its kind, amounts by page, who pays nothing; and what it comes to in examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tinhso.core.forms.choosing import labels
from tinhso.core.forms.definition import FormDefinition, digest, nested
from tinhso.core.forms.when import When
from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions
from ..builder.parts import case_of, with_case
from ..fees import check_fee, compute_fee, describe_fee, money
from .editor import EDITORS, editor_only
from .opened import Opened, opened

KINDS = [
    ("free", gettext_lazy("Free")),
    ("flat", gettext_lazy("One amount an application")),
    ("per_copy", gettext_lazy("An amount a copy")),
    ("per_page", gettext_lazy("An amount a page, by steps")),
]
TIERS = 4
COPIES, PAGES = (1, 2, 5), (1, 3, 10)  # of the examples


def _amount(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=10**12)


class FeeForm(forms.Form):
    """`rule` is the fee with what was entered; who pays nothing comes beside, as a condition."""

    kind = forms.ChoiceField(label=gettext_lazy("Fee"), choices=KINDS)
    amount = _amount(gettext_lazy("Amount in dong"))
    copies = forms.ChoiceField(label=gettext_lazy("Number of copies: the answer to"), required=False)
    pages = forms.ChoiceField(label=gettext_lazy("Number of pages: the answer to"), required=False)
    most = _amount(gettext_lazy("At most for one copy, in dong"))
    free_for = forms.CharField(label=gettext_lazy("Who pays nothing, in words"), required=False, max_length=500)
    note = forms.CharField(label=gettext_lazy("What else to know of the fee"), required=False, max_length=500)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, sent: Any, rule: Mapping[str, Any], asked: FormDefinition) -> None:
        self.before, tiers = rule, rule.get("tiers", ())
        told = {key: (rule.get(key) or {}).get("vi", "") for key in ("free_for", "note")}
        initial = {**{key: rule.get(key) for key in ("kind", "amount", "copies", "pages", "most")}, **told}
        super().__init__(sent, initial={**initial, "seen": digest(rule)}, auto_id="d-%s")
        called = labels(asked)
        numbers = [(path, called[path]) for path, one in asked.questions.items() if one.schema["type"] == "integer"]
        for name in ("copies", "pages"):
            self.fields[name].choices = [("", _("none")), *numbers]  # type: ignore[attr-defined]
        for number in range(TIERS):
            tier = tiers[number] if number < len(tiers) else {}
            for name, label in (("from", _("From page")), ("tier", _("Amount a page, in dong"))):
                field = _amount(label)
                field.widget.attrs["aria-label"] = f"{label} ({number + 1})"
                self.fields[f"{name}_{number}"] = field
                self.initial[f"{name}_{number}"] = tier.get("from" if name == "from" else "amount")

    @property
    def tiers(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The steps, for the template."""
        return [(self[f"from_{number}"], self[f"tier_{number}"]) for number in range(TIERS)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        kind = said.get("kind")
        for name, kinds in (("amount", ("flat", "per_copy")), ("copies", ("per_copy", "per_page"))):
            if kind in kinds and said.get(name) in (None, ""):
                self.add_error(name, _("This kind of fee needs it."))
        if kind == "per_page":
            if not said.get("pages"):
                self.add_error("pages", _("This kind of fee needs it."))
            starts = [one["from"] for one in self._tiers(said)]
            if not starts or starts[0] != 1 or starts != sorted(set(starts)):
                self.add_error("from_0", _("The steps begin at page 1 and rise."))
        return said

    @staticmethod
    def _tiers(said: Mapping[str, Any]) -> list[dict[str, int]]:
        rows = [(said.get(f"from_{number}"), said.get(f"tier_{number}")) for number in range(TIERS)]
        return [{"from": start, "amount": amount} for start, amount in rows if start is not None and amount is not None]

    @property
    def rule(self) -> dict[str, Any]:
        said = self.cleaned_data
        rule: dict[str, Any] = {"kind": said["kind"]}
        if said["kind"] in ("flat", "per_copy"):
            rule["amount"] = said["amount"]
        if said["kind"] in ("per_copy", "per_page"):
            rule["copies"] = said["copies"]
        if said["kind"] == "per_page":
            rule |= {"pages": said["pages"], "tiers": self._tiers(said)}
            rule |= {"most": said["most"]} if said["most"] is not None else {}
        for key in ("free_for", "note"):
            before = self.before.get(key) or {}
            words = said[key].strip()
            if words:
                rule[key] = before if before.get("vi") == words else {"vi": words}
        return rule


@may(*EDITORS)
@require_http_methods(["GET", "POST"])
def fee(request: Request, revision_id: UUID, case: str) -> HttpResponse:
    """The fee of a case; a POST keeps it."""
    one = opened(request, revision_id, case)
    rule = one.case["fee"]
    known = list(one.asked.questions)
    form, when, refusal, status = FeeForm(request.POST or None, rule, one.asked), None, "", 200
    if request.method == "POST":
        editor_only(request)
        if not one.editable:
            raise NotAllowed(_("This change is no longer a draft."), "not_a_draft")
        status = 422
        when = When.sent(one.asked, known, request.POST, rule.get("free_when"))
        try:
            if request.POST.get("do", "").strip() == "when-add":
                when.add(request.POST.get("new", ""), request.POST.get("new-join", "and"))
                status = 200
            elif form.is_valid():
                when.check()
                _keep(request, one, form, when)
                messages.success(request, _("Saved."))
                return redirect("procedures:fee", revision_id, case)
        except Refused as refused:
            refusal = str(refused)
            if refused.code == "changed_meanwhile":
                one = opened(request, revision_id, case)
                refusal += " " + _("Now it says: %(fee)s") % {"fee": describe_fee(one.case["fee"])}
                sent = request.POST.copy()
                sent["seen"] = digest(one.case["fee"])
                form = FeeForm(sent, one.case["fee"], one.asked)
    context = {
        "one": one,
        "form": form,
        "when": when or When(one.asked, known, rule.get("free_when")),
        "refusal": refusal,
        "described": describe_fee(one.case["fee"]),
        "examples": _examples(one.case["fee"]),
    }
    return render(request, "procedures/fee.html", context, status=status)


def _keep(request: Request, one: Opened, form: FeeForm, when: When) -> None:
    rule = form.rule | ({"free_when": when.condition} if when.condition else {})
    if wrong := check_fee(rule, one.asked):
        raise Refused("fee_invalid", wrong, status=422)

    def change(data: Mapping[str, Any]) -> dict[str, Any]:
        case = case_of(data, one.case["key"])
        if digest(case["fee"]) != form.cleaned_data["seen"]:
            raise Refused("changed_meanwhile", _("Somebody has changed the fee since you opened it."))
        return with_case(data, {**case, "fee": rule})

    actions.redesign(one.revision, change, by=request.actor, at=timezone.now())


def _examples(rule: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What so many copies of so many pages cost."""
    if rule["kind"] not in ("per_copy", "per_page"):
        return []
    out = []
    for copies in COPIES:
        for pages in PAGES if rule["kind"] == "per_page" else (1,):
            answers = nested({rule["copies"]: copies, rule.get("pages", "-"): pages})
            plain = {key: value for key, value in rule.items() if key != "free_when"}
            words = _("%(copies)s copies") % {"copies": copies}
            if rule["kind"] == "per_page":
                words = _("%(copies)s copies of %(pages)s pages") % {"copies": copies, "pages": pages}
            out.append((words, money(compute_fee(plain, answers))))
    return out
