"""The fields by which an editor changes one case: limit, fee, papers, process, form, result and letter."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.process.models import Definition
from tinhso.core.worktime.calendar import Unit

from .builder.writing import DESIGNED, begun
from .checks import faults_of, letters
from .differences import data_of, steps_in_order
from .generate import at_level, generic_result, usual_process
from .papers import with_papers
from .queries import version_in_force

UNITS = [
    (Unit.WORKING_DAYS, gettext_lazy("working days")),
    (Unit.CALENDAR_DAYS, gettext_lazy("days")),
    (Unit.WORKING_HOURS, gettext_lazy("working hours")),
    (Unit.MONTHS, gettext_lazy("months")),
]
CHANNELS = [
    ("online", gettext_lazy("online")),
    ("counter", gettext_lazy("at the counter")),
    ("post", gettext_lazy("by post")),
]
FEES = [
    ("free", gettext_lazy("Free")),
    ("flat", gettext_lazy("One amount an application")),
    ("per_copy", gettext_lazy("An amount a copy")),
    ("data", gettext_lazy("As on the page Fee, or by data")),
]
KINDS = [
    ("original", gettext_lazy("original")),
    ("copy", gettext_lazy("copy")),
    ("shown", gettext_lazy("to be shown")),
]
KEPT, USUAL, GENERIC = "kept", "usual", "generic_result"
NEW_PAPERS = 3
_OF_PART = {
    "form": "form",
    "fee": "fee",
    "process": "process",
    "result": "result",
    "letter": "letter",
    "papers": "form",
}


class Data(forms.CharField):
    """JSON, shown with a line each; `clean` gives what it says."""

    widget = forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "code"})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=200_000, strip=True, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if "\\u0000" in text:
            raise forms.ValidationError(_("The NUL character cannot be kept."))
        try:
            said = json.loads(text, parse_constant=_no_number, parse_float=_no_number)
        except json.JSONDecodeError as wrong:
            where = {"line": wrong.lineno, "column": wrong.colno}
            raise forms.ValidationError(
                _("This is no JSON from line %(line)s, column %(column)s on.") % where
            ) from wrong
        except (ValueError, RecursionError) as wrong:
            raise forms.ValidationError(_("Use whole numbers, and no deeper nesting than other procedures.")) from wrong
        if not isinstance(said, dict):
            raise forms.ValidationError(_("This has to be an object: {…}."))
        return said


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def shown(data: Any) -> str:
    """JSON as people read it."""
    return json.dumps(data, ensure_ascii=False, indent=1)


def _in_cell(widget: type[forms.Widget], label: Any, **more: Any) -> forms.Widget:
    """A field in a table's cell: its column says what it is, to those who do not see it the field itself does."""
    return widget(attrs={"aria-label": label, **more})


class PaperForm(forms.Form):
    """One paper; without a name it is left out."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    name = forms.CharField(
        label=gettext_lazy("Paper"),
        required=False,
        max_length=300,
        widget=_in_cell(forms.Textarea, gettext_lazy("Paper"), rows=2, cols=44),
    )
    copies = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        max_value=99,
        initial=1,
        widget=_in_cell(forms.NumberInput, gettext_lazy("How many")),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=KINDS,
        initial="original",
        widget=_in_cell(forms.Select, gettext_lazy("Kind")),
    )
    required = forms.BooleanField(
        label=gettext_lazy("required"),
        required=False,
        widget=_in_cell(forms.CheckboxInput, gettext_lazy("required")),
    )

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class CaseForm(forms.Form):
    """One case. `changed` is the case with what was entered, whole and checked."""

    name = forms.CharField(label=gettext_lazy("Name of the case"), max_length=2000)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), required=False, max_length=2000)
    amount = forms.IntegerField(label=gettext_lazy("Time limit"), min_value=0, max_value=10_000)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=UNITS)
    cutoff = forms.TimeField(
        label=gettext_lazy("Handed in after this time, it counts from the next working day"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Ways of handing in"), choices=CHANNELS, widget=forms.CheckboxSelectMultiple
    )
    fee_kind = forms.ChoiceField(label=gettext_lazy("Fee"), choices=FEES)
    fee = forms.IntegerField(label=gettext_lazy("Fee in dong"), required=False, min_value=0, max_value=10**12)
    process = forms.ChoiceField(
        label=gettext_lazy("Process"),
        help_text=gettext_lazy("Processes are drawn and published on the page Processes."),
    )
    letter = forms.ChoiceField(label=gettext_lazy("Letter of the result"))
    notation = forms.CharField(label=gettext_lazy("Notation after the number"), max_length=40)
    take = forms.CharField(
        label=gettext_lazy("Take form, papers and result over from"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Code of a procedure that has them as you need them; they replace those of this case."),
    )
    form = Data(label=gettext_lazy("Form as data"))
    result = Data(label=gettext_lazy("Result as data: what the officer states, how it begins, what the letter gets"))
    fee_rule = Data(label=gettext_lazy("Fee as data"))
    drop = forms.BooleanField(label=gettext_lazy("Remove this case"), required=False)

    def __init__(
        self,
        sent: Any,
        index: int,
        data: Mapping[str, Any],
        drawn: Iterable[tuple[str, Definition]],
    ) -> None:
        self.variant, self.whole = data["variants"][index], data
        super().__init__(sent, prefix=f"case-{index}", initial=_initial(self.variant, data))
        self.drawn = {one.pk: one.body for _name, one in drawn}
        usual = [(USUAL, _("The usual steps, shared out over the limit"))]
        named = [(one.pk, f"{name}: {_steps(one.body)}") for name, one in drawn]
        kept = [(KEPT, _("As it is: %(steps)s") % {"steps": _steps(self.variant["process"])})]
        self.fields["process"].choices = [*kept, *usual, *named]  # type: ignore[attr-defined]
        self.fields["letter"].choices = [(name, title) for name, (title, _needs) in letters().items()]  # type: ignore[attr-defined]
        rows = [*self.variant["components"], *({} for _row in range(NEW_PAPERS))]
        self.papers = [
            PaperForm(sent, prefix=f"case-{index}-paper-{number}", initial=one, use_required_attribute=False)
            for number, one in enumerate(rows)
        ]
        self.changed: dict[str, Any] = copy.deepcopy(dict(self.variant))

    def clean(self) -> dict[str, Any]:
        """Put the case together, and check that its parts fit."""
        said = super().clean() or {}
        valid = [paper.is_valid() for paper in self.papers]  # each is asked, so that every error is shown
        if not all(valid):
            self.add_error(None, _("Check the papers."))
        if self.errors or said["drop"]:
            return said
        try:
            self.changed = self._changed(said)
        except KeyError as missing:
            self.add_error("result", _("%(key)s is missing") % {"key": missing})
            return said
        for part, wrong in faults_of(self.changed).items():
            self.add_error(_OF_PART.get(part, "amount"), wrong[:1].upper() + wrong[1:])
        return said

    def _changed(self, said: Mapping[str, Any]) -> dict[str, Any]:
        one = copy.deepcopy(dict(self.variant))
        one |= {key: said[key].strip() for key in ("name", "name_en")}
        one["channels"] = [channel for channel, _name in CHANNELS if channel in said["channels"]]
        one["duration"] = {"amount": said["amount"], "unit": said["unit"]}
        if said["cutoff"]:
            one["duration"]["cutoff"] = said["cutoff"].strftime("%H:%M")
        one["result"] = {**said["result"], "letter": said["letter"], "notation": said["notation"].strip()}
        if said["letter"] == GENERIC and self.variant["result"]["letter"] != GENERIC:
            one["result"] = generic_result(self.whole) | {"notation": said["notation"].strip()}
        one["form"] = said["form"]
        written = said["letter"] == DESIGNED and self.variant["result"]["letter"] != DESIGNED
        if written and not faults_of(one).keys() & {"form", "result"}:
            title = self.whole["version"].get("result") or self.whole["procedure"]["name"]
            one["result"] = begun(one["result"], title)
        if said["take"]:
            one |= self._taken(said["take"])
        elif "form" not in faults_of(one):
            one = with_papers(one, [paper.cleaned_data for paper in self.papers if paper.cleaned_data["name"]])
        one["fee"] = _fee(said, self.variant["fee"])
        if said["process"] == USUAL:
            one["process"] = usual_process(self.whole["procedure"]["level"], one["duration"])
        elif said["process"] != KEPT:
            one["process"] = self.drawn[said["process"]]
        return one

    def _taken(self, code: str) -> dict[str, Any]:
        """Form, papers and result of another procedure, under the keys of this one."""
        version = version_in_force(code.strip())
        others = at_level(data_of(version), self.whole["procedure"]["level"])["variants"] if version else []
        if not others:
            self.add_error("take", _("There is no procedure with this code that one can apply for."))
            return {}
        taken = {key: others[0][key] for key in ("form", "components", "applicant", "competence", "result")}
        return own(taken, self.whole["procedure"], keys=self.variant)


def own(case: Mapping[str, Any], procedure: Mapping[str, Any], *, keys: Mapping[str, Any]) -> dict[str, Any]:
    """A case taken from elsewhere: the keys of its forms are those of `keys`, title, name and code its procedure's."""
    one = copy.deepcopy(dict(case))
    one["form"]["key"], one["result"]["form"]["key"] = keys["form"]["key"], keys["result"]["form"]["key"]
    one["form"]["title"] = keys["form"]["title"]
    return named(one, procedure)


def named(case: dict[str, Any], procedure: Mapping[str, Any]) -> dict[str, Any]:
    """The case with the name and code of its procedure in the letter, where the letter has them."""
    given = case["result"]["data"]
    for name, value in (("procedure", procedure["name"]), ("code", procedure["code"])):
        if isinstance(given.get(name), Mapping) and "value" in given[name]:
            given[name] = {"value": value}
    return case


def _initial(variant: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    duration, fee, result = variant["duration"], variant["fee"], variant["result"]
    simple = fee["kind"] in ("free", "flat", "per_copy")
    usual = usual_process(data["procedure"]["level"], duration) == variant["process"]
    return {
        **{key: variant.get(key, "") for key in ("name", "name_en", "channels")},
        **{key: duration.get(key) for key in ("amount", "unit", "cutoff")},
        "fee_kind": fee["kind"] if simple else "data",
        "fee": fee.get("amount", 0),
        "fee_rule": shown(fee),
        "process": USUAL if usual else KEPT,
        "letter": result["letter"],
        "notation": result["notation"],
        "form": shown(variant["form"]),
        "result": shown({key: result[key] for key in ("form", "start", "data")}),
    }


def _fee(said: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    if said["fee_kind"] == "data":
        return dict(said["fee_rule"])
    kept = {key: before[key] for key in ("free_when", "free_for", "note") if key in before}
    if said["fee_kind"] == "free" or not said["fee"]:
        return {"kind": "free", **kept}
    copies = {"copies": before.get("copies", "copies")} if said["fee_kind"] == "per_copy" else {}
    return {"kind": said["fee_kind"], "amount": said["fee"], **copies, **kept}


def _steps(body: Mapping[str, Any]) -> str:
    return " → ".join(step.name for step in steps_in_order(body))
