"""The settings of one piece of a form: a page, a group, words, a question of any kind, a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tinhso.core.forms.design import Design, free_name, kind_of
from tinhso.core.forms.parse import PERSON
from tinhso.core.forms.rows import MAX_ROWS
from tinhso.core.forms.text import localized

from .words import ACCEPT, ACCEPTED, DAYS, PATTERNS, PREFILL, WIDTHS

SPARE, MOST_OPTIONS = 2, 100
KEPT = "kept"
_WORDS = {"p": ("title", "intro"), "g": ("legend", "help"), "n": ("note", ""), "q": ("label", "help")}
_WORDS["c"] = _WORDS["q"]


def _line(label: Any, *, required: bool = False, longest: int = 300) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=longest)


def _lines(label: Any, rows: int = 2, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=2000, widget=forms.Textarea(attrs={"rows": rows}))


def _number(label: Any, low: int, high: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=low, max_value=high)


class PieceForm(forms.Form):
    """After `is_valid()`: `raw`, `schema` and `needed` are what `Design.change` takes, `start` what the officer's
    form begins with (None: as it was)."""

    def __init__(
        self,
        sent: Any,
        design: Design,
        place: str,
        *,
        asked: Sequence[tuple[str, str]] = (),
        begins: Any = None,
        shown: bool = True,
    ) -> None:
        self.design, self.place, self.sort = design, place, place[0]
        self.before = design.spot(place).raw
        self.before_schema = design.schema_of(place)
        self.kind = kind_of(self.before_schema) if self.sort in "qc" else ""
        self.begins, self.can_begin = begins, bool(asked)
        super().__init__(sent, auto_id="d-%s")
        self._words()
        if self.kind:
            self._question(asked)
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.initial["seen"] = design.seen(place) if shown else ""

    # which fields there are
    def _words(self) -> None:
        main, more = _WORDS[self.sort]
        words = {"p": _("Title of the page"), "g": _("Title of the group"), "n": _("Words")}.get(
            self.sort, _("Question")
        )
        long = self.sort == "n" or self.kind == "confirm"
        field = (_lines if long else _line)(words, required=self.sort != "g")
        self._both(main, field, (_lines if long else _line)(_("In English")))
        if self.kind:
            self._add("required", forms.BooleanField(label=_("must be answered"), required=False), None)
            self.initial["required"] = self.design.required(self.place)
        if more:
            help_text = {"p": _("Words on top of the page"), "g": _("Words on top of the group")}
            label = help_text.get(self.sort, _("Help below the question"))
            self._both(more, _lines(label), _lines(_("Help in English") if self.kind else _("In English")))

    def _both(self, name: str, vietnamese: forms.Field, english: forms.Field) -> None:
        said = self.before.get(name) or {}
        said = {"vi": said} if isinstance(said, str) else said
        self._add(name, vietnamese, said.get("vi", ""))
        self._add(f"{name}_en", english, said.get("en", ""))

    def _add(self, name: str, field: forms.Field, initial: Any) -> None:
        self.fields[name] = field
        self.initial[name] = initial

    def _question(self, asked: Sequence[tuple[str, str]]) -> None:
        schema, kind = self.before_schema, self.kind
        self._limits(schema, kind)
        self._chosen(schema, kind)
        if self.sort == "q" and not self.can_begin and kind in PREFILL:
            self._filled(schema)
        if self.sort == "q" and self.can_begin and kind not in ("person", "address", "place", "rows", "file"):
            self._beginning(asked)
        if kind not in ("person", "address", "place", "rows", "file", "confirm", "paragraph"):
            width = forms.ChoiceField(label=_("How wide"), choices=WIDTHS, required=False)
            self._add("width", width, self.before.get("width", "full"))

    def _limits(self, schema: Mapping[str, Any], kind: str) -> None:
        if kind in ("text", "paragraph"):
            self._add("minLength", _number(_("At least so many letters"), 0, 4000), schema.get("minLength"))
            self._add("maxLength", _number(_("At most so many letters"), 1, 4000), schema.get("maxLength"))
        if kind == "text":
            self._pattern(schema)
        if kind in ("integer", "money"):
            self._add("minimum", _number(_("At least"), 0, 10**15), schema.get("minimum"))
            self._add("maximum", _number(_("At most"), 0, 10**15), schema.get("maximum"))
        if kind == "date":
            self._day("formatMinimum", _("Not before"), schema)
            self._day("formatMaximum", _("Not after"), schema)

    def _chosen(self, schema: Mapping[str, Any], kind: str) -> None:
        if kind in ("choice", "checkboxes"):
            self._options()
        if kind == "choice":
            field = forms.BooleanField(label=_("show as a drop-down list"), required=False)
            self._add("select", field, self.before.get("widget") == "select")
        if kind == "file":
            wanted = next((key for key, value in ACCEPTED.items() if value == schema.get("accept")), KEPT)
            choices = [*ACCEPT, *([(KEPT, _("as it is"))] if wanted == KEPT else [])]
            self._add("accept", forms.ChoiceField(label=_("What is taken"), choices=choices), wanted)
            self._add("maxItems", _number(_("At most so many files"), 1, 50), schema.get("maxItems"))
        if kind == "person":
            self._person(schema)
        if kind == "rows":
            self._both("row", _line(_("What one row is called"), required=True), _line(_("The same in English")))
            self._add("minItems", _number(_("At least so many rows"), 0, MAX_ROWS), schema.get("minItems"))
            self._add("maxItems", _number(_("At most so many rows"), 1, MAX_ROWS), schema.get("maxItems"))

    def _pattern(self, schema: Mapping[str, Any]) -> None:
        known = [(pattern, words) for pattern, words, _help in PATTERNS]
        now = schema.get("pattern", "")
        custom = now and now not in dict(known)
        choices = [("", _("anything")), *known, *([(KEPT, _("as it is"))] if custom else [])]
        field = forms.ChoiceField(label=_("What it looks like"), choices=choices, required=False)
        self._add("pattern", field, KEPT if custom else now)

    def _day(self, name: str, label: str, schema: Mapping[str, Any]) -> None:
        now = schema.get(name, "")
        sort = now if now in ("", "today") else "day"
        self._add(name, forms.ChoiceField(label=label, choices=DAYS, required=False), sort)
        day = forms.DateField(
            label=_("The fixed day"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        )
        self._add(f"{name}_day", day, now if sort == "day" else None)

    def _options(self) -> None:
        values, said = self._values(), self.before.get("options", {})
        count = len(values) + SPARE
        if self.is_bound and str(self.data.get("count", "")).isdecimal():
            count = min(int(self.data["count"]), MOST_OPTIONS)
        self._add("count", forms.IntegerField(widget=forms.HiddenInput, required=False), count)
        self.rows = range(count)
        for number in self.rows:
            value = values[number] if number < len(values) else ""
            words = said.get(value, {})
            words = {"vi": words} if isinstance(words, str) else words
            self._add(f"value_{number}", forms.CharField(widget=forms.HiddenInput, required=False), value)
            nth = {"n": number + 1}
            for name, label, language in (
                ("option", _("Option %(n)s"), "vi"),
                ("english", _("Option %(n)s in English"), "en"),
            ):
                field = _line(label % nth)
                field.widget.attrs["aria-label"] = label % nth
                self._add(f"{name}_{number}", field, words.get(language, ""))

    def _values(self) -> list[str]:
        schema = self.before_schema
        return list(schema.get("items", schema).get("enum", ()))

    def _person(self, schema: Mapping[str, Any]) -> None:
        parts = [(key, localized(words)) for key, (_schema, words, _width, _auto) in PERSON.items()]
        for name, label, now in (
            ("parts", _("What is asked of the person"), schema["parts"]),
            ("must", _("What must be answered"), schema.get("required", ())),
        ):
            field = forms.MultipleChoiceField(
                label=label, choices=parts, required=name == "parts", widget=forms.CheckboxSelectMultiple
            )
            self._add(name, field, list(now))
        either = forms.BooleanField(label=_("a national ID or another identity paper must be given"), required=False)
        self._add("either", either, bool(schema.get("anyOf")))

    def _filled(self, schema: Mapping[str, Any]) -> None:
        now, known = schema.get("prefill", ""), PREFILL[self.kind]
        choices = [("", _("nothing")), *known, *([(now, _("as it is"))] if now and now not in dict(known) else [])]
        field = forms.ChoiceField(label=_("Filled in from, where people agree"), choices=choices, required=False)
        self._add("prefill", field, now)

    def _beginning(self, asked: Sequence[tuple[str, str]]) -> None:
        now: Any = self.begins
        words = ""
        if isinstance(now, Mapping) and "value" in now and isinstance(now["value"], str):
            now, words = "words", now["value"]
        elif isinstance(now, Mapping) and "read" in now:
            now = now["read"]
        elif isinstance(now, Mapping):
            now = KEPT
        kept = [(KEPT, _("as it is, by a rule"))] if now == KEPT else []
        choices = [("", _("nothing")), ("words", _("the words below")), *kept, *asked]
        self._add("start", forms.ChoiceField(label=_("Begins with"), choices=choices, required=False), now or "")
        self._add("start_words", _lines(_("These words")), words)

    @property
    def options(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Hidden value, words and English words of each option, for the template."""
        numbers = getattr(self, "rows", ())
        return [(self[f"value_{n}"], self[f"option_{n}"], self[f"english_{n}"]) for n in numbers]

    @property
    def first(self) -> list[forms.BoundField]:
        """What everybody looks at: the words, whether it must be answered, what it begins with."""
        names = (_WORDS[self.sort][0], "required", "row", "parts", "must", "either", "start", "start_words")
        return [self[name] for name in names if name in self.fields]

    @property
    def more(self) -> list[forms.BoundField]:
        """The other fields that are seen, in order."""
        shown = {field.name for field in self.first} | {"seen", "count"}
        skipped = ("value_", "option_", "english_")
        return [self[name] for name in self.fields if name not in shown and not name.startswith(skipped)]

    @property
    def more_wrong(self) -> bool:
        """Whether something among the other fields has to be corrected."""
        return any(field.errors for field in self.more)

    # what was entered
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for low, high in (("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems")):
            if said.get(low) is not None and said.get(high) is not None and said[low] > said[high]:
                self.add_error(high, _("The most is less than the least."))
        for name in ("formatMinimum", "formatMaximum"):
            if said.get(name) == "day" and not said.get(f"{name}_day"):
                self.add_error(f"{name}_day", _("Choose the day."))
        if said.get("either") and not {"national_id", "identity_paper"} <= set(said.get("parts", ())):
            self.add_error("either", _("Ask for both, the national ID and the other paper."))
        if set(said.get("must", ())) - set(said.get("parts", ())):
            self.add_error("must", _("Only what is asked can have to be answered."))
        return said

    @property
    def raw(self) -> dict[str, Any]:
        """The piece's own words and looks; None takes a key out."""
        said = self.cleaned_data
        main, more = _WORDS[self.sort]
        raw: dict[str, Any] = {name: self._said(name) for name in (main, more) if name}
        if self.kind in ("choice", "checkboxes"):
            raw["options"] = self._labelled()
        if "select" in said:
            raw["widget"] = "select" if said["select"] else None
        if "width" in said:
            raw["width"] = None if said["width"] in ("", "full") else said["width"]
        if self.kind == "rows":
            raw["row"] = self._said("row")
        return raw

    def _said(self, name: str) -> dict[str, str] | None:
        vietnamese, english = (self.cleaned_data[key].strip() for key in (name, f"{name}_en"))
        if not vietnamese and not english:
            return None
        return {"vi": vietnamese, **({"en": english} if english else {})}

    def _labelled(self) -> dict[str, Any]:
        """Options by their values: one that was there keeps its value whatever it is called now."""
        said = self.cleaned_data
        out: dict[str, Any] = {}
        taken = {said[f"value_{n}"] for n in self.rows}
        for n in self.rows:
            vietnamese, english = said[f"option_{n}"].strip(), said[f"english_{n}"].strip()
            if not vietnamese:
                continue
            known = said[f"value_{n}"] in self._values()
            value = said[f"value_{n}"] if known else free_name(vietnamese, {*taken, *out})
            out[value] = {"vi": vietnamese, **({"en": english} if english else {})}
        return out

    @property
    def needed(self) -> bool:
        """Whether it must be answered."""
        return bool(self.cleaned_data.get("required"))

    @property
    def schema(self) -> dict[str, Any] | None:
        """What an answer is; None for what is no question."""
        if not self.kind:
            return None
        said, schema = self.cleaned_data, dict(self.before_schema)
        for name in ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "prefill"):
            if name in said:
                schema[name] = said[name]
        for name in ("formatMinimum", "formatMaximum"):
            if name in said:
                schema[name] = said[f"{name}_day"].isoformat() if said[name] == "day" else said[name]
        if said.get("pattern", KEPT) != KEPT:
            helps = {pattern: words for pattern, _label, words in PATTERNS}
            schema |= {"pattern": said["pattern"], "patternHelp": helps.get(said["pattern"])}
        if self.kind in ("choice", "checkboxes"):
            values = list(self._labelled())
            schema |= {"items": {**schema["items"], "enum": values}} if self.kind == "checkboxes" else {"enum": values}
            if schema.get("default") not in values:
                schema.pop("default", None)
        if said.get("accept", KEPT) != KEPT:
            schema["accept"] = ACCEPTED[said["accept"]]
        if self.kind == "person":
            either = [{"required": [one]} for one in ("national_id", "identity_paper")]
            schema |= {"parts": said["parts"], "required": said["must"], "anyOf": either if said["either"] else None}
        return {key: value for key, value in schema.items() if value not in (None, "")}

    @property
    def start(self) -> Any:
        """What the officer's question begins with: an expression, "" for nothing, None for as it was."""
        said = self.cleaned_data
        if "start" not in said or said["start"] == KEPT:
            return None
        if said["start"] == "words":
            return {"value": said["start_words"].strip()} if said["start_words"].strip() else ""
        return said["start"]
