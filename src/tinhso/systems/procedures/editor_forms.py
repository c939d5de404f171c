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
from tinhso.core.process.drawings import published

from . import queries, rules
from .case_form import CaseForm, named, own
from .checks import faults_of
from .differences import data_of
from .generate import at_level, begin, slug
from .generated_form import LABEL
from .models import Field, Procedure, ProcedureVersion, Revision
from .national.row import CODE

_TEXTS = ("summary", "applicants", "authority", "result", "complaint", "decision")
_LISTS = ("steps", "requirements")


def _area(label: Any, *, rows: int = 4, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows})
    )


class _Placed(forms.Form):
    """Where in the catalogue a procedure stands, and at which level it is decided."""

    field = forms.ModelChoiceField(Field.objects.order_by("name"), label=gettext_lazy("Field"), required=False)
    new_field = forms.CharField(label=gettext_lazy("Or a new field"), required=False, max_length=300)
    level = forms.ChoiceField(
        label=gettext_lazy("Level of government"),
        choices=[choice for choice in Procedure.Level.choices if choice[0] != Procedure.Level.MINISTRY],
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if bool(said.get("field")) == bool(said.get("new_field", "").strip()):
            self.add_error("new_field", _("Choose a field, or name a new one."))
        elif not said.get("field") and not slug(said["new_field"]):
            self.add_error("new_field", _("Name the field in words."))
        return said

    @property
    def placed(self) -> dict[str, str]:
        """The field that was chosen or named; that there is, where it only reads otherwise: “Ho tich”, “Hộ tịch”."""
        new = self.cleaned_data["new_field"].strip()
        one = self.cleaned_data["field"] or Field.objects.filter(key=slug(new)).first()
        return {"key": one.key, "name": one.name, "name_en": one.name_en} if one else {"key": slug(new), "name": new}


class RevisionForm(_Placed):
    """Words and the checklist; what belongs to a case stands in `cases`."""

    field_order = ("name", "name_en", "words", "field", "new_field", "level")
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

    laws = _area(gettext_lazy("Legal basis"), help_text=gettext_lazy("A line each: number, then title."))

    def __init__(self, sent: Any, revision: Revision, *, on: date) -> None:
        data = revision.data
        super().__init__(sent, initial=_initial(revision))
        if data["procedure"]["level"] == Procedure.Level.MINISTRY:  # as the national database says
            self.fields["level"] = forms.ChoiceField(label=self.fields["level"].label, choices=Procedure.Level.choices)
        self.fields["level"].help_text = _(
            "Who decides, the question for the commune, steps and notation follow it where nobody has changed them."
        )
        if not data["variants"]:
            notice = data["version"].get("notice") or {}
            for key, label in (("why", _("Why one cannot apply here")), ("place", _("Where to go"))):
                self.fields[key] = _area(label, rows=2, required=True)
                self.fields[key].initial = notice.get(key, {}).get("vi", "")
        self.fields["remark"] = _area(gettext_lazy("Why it is changed"), rows=2)
        self.fields["remark"].initial = revision.remark
        for rule in rules.criteria(on) if data["variants"] else ():
            self.fields[f"met-{rule['key']}"] = forms.BooleanField(
                label=localized(rule["text"]), required=False, initial=revision.checklist.get(rule["key"], False)
            )
        self.fields["edition"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        self.initial["edition"] = revision.edition
        self.revision = revision
        drawn = published()
        self.cases = [CaseForm(sent, index, data, drawn) for index in range(len(data["variants"]))]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if "add" in self.data and said.get("level") == Procedure.Level.MINISTRY:
            self.add_error("level", _("Choose who decides first: nobody applies here for what a ministry decides."))
        return said

    def is_valid(self) -> bool:
        """Whether words and cases are all right; each is asked, so that every error is shown. What no longer fits at
        another level is said there."""
        if not all([super().is_valid(), *(case.is_valid() for case in self.cases)]):
            return False
        if self.cleaned_data["level"] != self.revision.data["procedure"]["level"]:
            cases = self.changed()["variants"]
            wrong = [f"{case['name']}: {words}" for case in cases for words in faults_of(case).values()]
            for words in wrong:
                self.add_error("level", words)
        return not self.errors

    @property
    def words_fields(self) -> list[forms.BoundField]:
        """What is said about the procedure as a whole."""
        return [self[name] for name in self.fields if name != "edition" and not name.startswith("met-")]

    @property
    def criteria(self) -> list[forms.BoundField]:
        """The checklist of the service level."""
        return [self[name] for name in self.fields if name.startswith("met-")]

    def changed(self) -> dict[str, Any]:
        """The data with what was entered."""
        said = self.cleaned_data
        data: dict[str, Any] = copy.deepcopy(self.revision.data)
        old = data["procedure"]["name"]
        data["procedure"] |= {key: said[key].strip() for key in ("name", "name_en", "words")}
        data["version"] |= {key: said[key].strip() for key in _TEXTS}
        data["version"] |= {key: list(_lines(said[key])) for key in _LISTS}
        data["version"]["legal_basis"] = [_law(line) for line in _lines(said["laws"])]
        if "why" in said:
            before = data["version"].get("notice") or {}
            data["version"]["notice"] = {
                **before,
                **{key: _said(before.get(key), said[key]) for key in ("why", "place")},
            }
        kept = [case.changed for case in self.cases if not case.cleaned_data["drop"]]
        data["variants"] = [_renamed(one, old, data["procedure"]) for one in kept]
        data["procedure"]["field"] = self.placed
        return data if said["level"] == data["procedure"]["level"] else at_level(data, said["level"])

    def checklist(self) -> dict[str, bool]:
        """Criterion → met."""
        return {key.removeprefix("met-"): value for key, value in self.cleaned_data.items() if key.startswith("met-")}


def _renamed(case: dict[str, Any], old: str, procedure: Mapping[str, Any]) -> dict[str, Any]:
    """Where the official name stood for the case, on its form and in its letter, the new one does."""
    new, title = procedure["name"], case["form"]["title"]
    case["name"] = new if case["name"] == old else case["name"]
    case["form"]["title"] = {key: new[:LABEL] if words == old[:LABEL] else words for key, words in title.items()}
    return named(case, procedure)


def _said(before: Mapping[str, str] | None, words: str) -> dict[str, str]:
    """Words in Vietnamese; the English stay only where nothing was changed."""
    same = before is not None and before.get("vi") == words.strip()
    return dict(before) if same and before else {"vi": words.strip()}


def _law(line: str) -> dict[str, str]:
    number, _space, title = line.partition(" ")
    return {"number": number, "title": title.strip()}


class StartForm(_Placed):
    """A procedure that the national database does not have."""

    field_order = ("code", "name", "field", "new_field", "level", "like")
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=40, help_text=gettext_lazy("1.004873, provincial ones with a suffix.")
    )
    name = _area(gettext_lazy("Official name"), rows=2, required=True)
    like = forms.CharField(
        label=gettext_lazy("Begin like"),
        required=False,
        max_length=40,
        help_text=gettext_lazy(
            "Code of a procedure whose form, process and letter it begins with; else the usual ones."
        ),
    )

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip()
        if not CODE.fullmatch(code):
            raise forms.ValidationError(_("Enter the code as the national database gives it: 1.004873."))
        if Procedure.objects.filter(code=code).exists():
            raise forms.ValidationError(_("This procedure exists already: open it and change it."))
        return code

    def clean_like(self) -> ProcedureVersion | None:
        code = str(self.cleaned_data["like"]).strip()
        version = queries.version_in_force(code) if code else None
        if code and (version is None or not version.variants.exists()):
            raise forms.ValidationError(_("There is no procedure with this code that one can apply for."))
        return version

    def begun(self, on: date) -> dict[str, Any]:
        """What the draft begins with."""
        said = self.cleaned_data
        procedure = {"code": said["code"], "name": said["name"].strip(), "field": self.placed, "level": said["level"]}
        data = begin(procedure, on=on)
        if said["like"]:
            keys, others = data["variants"][0], at_level(data_of(said["like"]), said["level"])["variants"]
            data["variants"] = [own(case, procedure, keys=keys) for case in others]
            if len(others) == 1:
                data["variants"][0] |= {"name": procedure["name"], "name_en": ""}
        return data


def _initial(revision: Revision) -> dict[str, Any]:
    procedure, version = revision.data["procedure"], revision.data["version"]
    texts = {key: version.get(key, "") for key in _TEXTS}
    lists = {key: "\n".join(version.get(key) or ()) for key in _LISTS}
    laws = "\n".join(f"{law['number']} {law['title']}" for law in version.get("legal_basis") or ())
    known, named_field = Field.objects.filter(key=procedure["field"]["key"]).first(), procedure["field"]["name"]
    placed = {"field": known and known.pk, "new_field": "" if known else named_field, "level": procedure["level"]}
    words = {key: procedure.get(key, "") for key in ("name", "name_en", "words")}
    return {**words, **placed, **texts, **lists, "laws": laws}


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
