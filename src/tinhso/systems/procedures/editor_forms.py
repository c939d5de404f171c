"""The fields an editor changes, from the data of a version and back into it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.forms.text import localized
from tinhso.core.worktime.calendar import Unit

from . import rules
from .models import Revision

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
_TEXTS = ("summary", "applicants", "authority", "result", "complaint", "decision")
_LISTS = ("steps", "requirements")
SIMPLE_FEES = ("free", "flat")


def _area(label: Any, *, rows: int = 4, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows})
    )


class RevisionForm(forms.Form):
    """Words, limits, fees and the checklist. Forms, processes and letters stay as they are."""

    name = _area(gettext_lazy("Official name"), rows=2, required=True)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), required=False, max_length=2000)
    words = _area(
        gettext_lazy("Other words for it"), rows=2, help_text=gettext_lazy("What people say when they look for it.")
    )
    decision = forms.CharField(label=gettext_lazy("Published by"), required=False, max_length=60)
    summary = _area(gettext_lazy("Summary"), rows=2)
    applicants = _area(gettext_lazy("Who may apply"), rows=2)
    authority = forms.CharField(label=gettext_lazy("Decided by"), max_length=1000)
    result = _area(gettext_lazy("What one gets"), rows=2)
    steps = _area(gettext_lazy("What happens"), rows=8, help_text=gettext_lazy("A line each."))
    requirements = _area(gettext_lazy("Conditions"), rows=6, help_text=gettext_lazy("A line each."))
    complaint = _area(gettext_lazy("If you disagree"))

    def __init__(self, data: Any, revision: Revision, *, on: date) -> None:
        super().__init__(data, initial=_initial(revision))
        self.revision = revision
        for index, variant in enumerate(revision.data["variants"]):
            self._variant(index, variant)
        for rule in rules.criteria(on):
            self.fields[f"met-{rule['key']}"] = forms.BooleanField(
                label=localized(rule["text"]), required=False, initial=revision.checklist.get(rule["key"], False)
            )
        self.fields["remark"] = _area(gettext_lazy("Why it is changed"), rows=2)
        self.fields["remark"].initial = revision.remark

    def _variant(self, index: int, variant: Mapping[str, Any]) -> None:
        name = variant["name"][:80]
        duration, fee = variant["duration"], variant["fee"]
        self.fields[f"amount-{index}"] = forms.IntegerField(
            label=_("%(case)s: time limit") % {"case": name}, min_value=0, max_value=10_000, initial=duration["amount"]
        )
        self.fields[f"unit-{index}"] = forms.ChoiceField(label=_("Unit"), choices=UNITS, initial=duration["unit"])
        if fee["kind"] in SIMPLE_FEES:
            self.fields[f"fee-{index}"] = forms.IntegerField(
                label=_("Fee in dong"), min_value=0, initial=fee.get("amount", 0), help_text=_("0 is free.")
            )
        self.fields[f"channels-{index}"] = forms.MultipleChoiceField(
            label=_("Ways of handing in"),
            choices=CHANNELS,
            initial=variant["channels"],
            widget=forms.CheckboxSelectMultiple,
        )

    def changed(self) -> dict[str, Any]:
        """The data with what was entered."""
        said = self.cleaned_data
        data: dict[str, Any] = copy.deepcopy(self.revision.data)
        data["procedure"] |= {key: said[key].strip() for key in ("name", "name_en", "words")}
        data["version"] |= {key: said[key].strip() for key in _TEXTS}
        data["version"] |= {key: list(_lines(said[key])) for key in _LISTS}
        for index, variant in enumerate(data["variants"]):
            variant["duration"] |= {"amount": said[f"amount-{index}"], "unit": said[f"unit-{index}"]}
            variant["channels"] = said[f"channels-{index}"]
            if f"fee-{index}" in said:
                kept = {key: value for key, value in variant["fee"].items() if key not in ("kind", "amount")}
                amount = said[f"fee-{index}"]
                variant["fee"] = {"kind": "flat", "amount": amount, **kept} if amount else {"kind": "free", **kept}
        return data

    def checklist(self) -> dict[str, bool]:
        """Criterion → met."""
        return {key.removeprefix("met-"): value for key, value in self.cleaned_data.items() if key.startswith("met-")}


def _initial(revision: Revision) -> dict[str, Any]:
    procedure, version = revision.data["procedure"], revision.data["version"]
    texts = {key: version.get(key, "") for key in _TEXTS}
    lists = {key: "\n".join(version.get(key) or ()) for key in _LISTS}
    return {**{key: procedure.get(key, "") for key in ("name", "name_en", "words")}, **texts, **lists}


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
