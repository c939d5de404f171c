"""The Django form that asks some pages of a definition; it works with no JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from .conditions import Condition, fields, holds
from .definition import FormDefinition, flat, nested
from .kinds import File, Paragraph, Province
from .layout import Block, Note, Page, Question
from .rows import MAX_ROWS, Rows
from .shelves import Offered
from .text import localized

JOIN = "_join"  # a button's name, with a question's path: put its photos into one PDF
TAKE = "_take"  # a button's name, with a question's path and a paper of a shelf: attach it
REFRESH = "_refresh"  # a button's name: show the page again with what follows from the answers so far
_WIDTHS = {"full": "", "half": "half", "short": "short"}


class PageForm(forms.Form):
    """Questions of one page (or of all, at the counter) over the answers of the whole draft.

    `answers` are raw answers so far, nested, as a draft keeps them; `data` replaces those of the pages
    asked. After `is_valid()`: `raw` are the answers with this page's, to keep even when invalid;
    `clean_answers` are the clean ones of the whole form. `now_only` leaves out questions that do not
    apply at the moment (a script asked again); otherwise those decided on this same page stay with a hint.
    """

    template_name = "forms/form.html"

    def __init__(
        self,
        definition: FormDefinition,
        pages: Iterable[Page],
        *,
        on: date,
        data: QueryDict | MultiValueDict[str, str] | None = None,
        answers: Mapping[str, Any] | None = None,
        file_names: Mapping[str, str] | None = None,
        origins: Mapping[str, str] | None = None,
        now_only: bool = False,
    ) -> None:
        self.definition, self.pages, self.on = definition, tuple(pages), on
        self.file_names, self.origins = file_names or {}, origins or {}
        self.offers: Mapping[str, Sequence[Offered]] = {}  # papers to take instead of uploading, by path
        self.refreshing = data is not None and REFRESH in data
        self.raw = nested(self._raw(data, flat(answers or {})))
        self.checked = definition.check(self.raw, on=on)
        super().__init__(
            data=None if self.refreshing else data,
            initial=self._initial(flat(self.raw)),
            auto_id="f-%s",
        )
        for question in self.questions():
            if self._shown(question.when, now_only):
                self.fields[question.path] = QuestionField(question, self)
                for cell, _number in self._cells(question):
                    self.fields[cell.path] = QuestionField(cell, self)

    def questions(self) -> list[Question]:
        """All that its pages may ask."""
        return [question for page in self.pages for question in page.questions()]

    def _initial(self, raw: dict[str, Any]) -> dict[str, Any]:
        initial = {q.path: q.kind.shown_in_field(raw.get(q.path)) for q in self.questions()}
        for question in self.questions():
            for cell, number in self._cells(question):
                row, key = raw[question.path][number], cell.path.rsplit(".", 1)[1]
                initial[cell.path] = cell.kind.shown_in_field(row.get(key) if isinstance(row, Mapping) else None)
        return initial

    def _cells(self, question: Question) -> Iterator[tuple[Question, int]]:
        """The questions of each row that is shown, `family.0.full_name`, with the number of the row."""
        rows = flat(self.raw).get(question.path) if question.columns else None
        for number in range(len(rows) if isinstance(rows, list) else 0):
            for column in question.columns:
                yield replace(column, path=f"{question.path}.{number}.{column.path}"), number

    def _likely(self) -> dict[str, Any]:
        """What most people answer, filled in at the start: defaults, and the install's own province."""
        likely: dict[str, Any] = {}
        for question in self.questions():
            if "default" in question.schema:
                likely[question.path] = question.schema["default"]
            elif isinstance(question.kind, Rows) and question.required:
                likely[question.path] = [{} for _row in range(max(1, question.schema.get("minItems", 0)))]
            elif isinstance(question.kind, Province) and question.required and not question.optional_block:
                likely[question.path] = settings.TINHSO.province
        return likely

    def _raw(self, data: MultiValueDict[str, str] | None, by_path: dict[str, Any]) -> dict[str, Any]:
        if data is None:
            return {**self._likely(), **by_path}
        for question in self.questions():
            if isinstance(question.kind, File):
                continue  # uploads are stored before, by `actions.save_page`
            by_path.pop(question.path, None)
            value: Any = _rows(data, question) if question.columns else _typed(data, question)
            if value not in ("", []):
                by_path[question.path] = value
        return by_path

    def _shown(self, when: tuple[Condition, ...], now_only: bool) -> bool:
        """Whether to show what depends on `when`: what a page before decides, is decided."""
        here = {question.path for question in self.questions()}
        return all(
            holds(condition, self.checked.clean)
            or (not now_only and any(path in here and self._open(path) for path in fields(condition)))
            for condition in when
        )

    def _open(self, path: str) -> bool:
        return self.definition.questions[path].applies(self.checked.clean)

    @property
    def clean_answers(self) -> dict[str, Any]:
        return nested(self.checked.clean)

    def clean(self) -> dict[str, Any]:
        for path, message in self.checked.errors.items():
            if path in self.fields:
                self.add_error(path, message)
        return self.cleaned_data

    @property
    def asks_again(self) -> bool:
        """Whether an answer on it changes what is asked: with a script the page loads htmx then."""
        return any("hx-post" in field.widget.attrs for field in self.fields.values())

    @property
    def intro(self) -> str:
        """Words before the questions, where one page is asked."""
        return localized(self.pages[0].intro) if len(self.pages) == 1 else ""

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """What the template shows: blocks with their notes, fields and inner blocks."""
        return [shown for page in self.pages for block in page.blocks if (shown := self._block(block))]

    def _block(self, block: Block) -> dict[str, Any] | None:
        items: list[dict[str, Any]] = []
        for item in block.items:
            if isinstance(item, Block):
                if inner := self._block(item):
                    items.append({"block": inner})
            elif isinstance(item, Note):
                if self._shown(item.when, False):
                    items.append({"note": item.words})
            elif item.path in self.fields and item.columns:
                items.append({"rows": self._rows_shown(item)})
            elif item.path in self.fields:
                items.append({"field": self[item.path]})
        if all("note" in item for item in items):
            return None
        return {"legend": localized(block.legend), "help": localized(block.help), "path": block.path, "items": items}

    def _rows_shown(self, question: Question) -> dict[str, Any]:
        """Rows with the buttons that add and take out; the buttons are those that show the page again."""
        rows: dict[int, list[Any]] = {}
        for cell, number in self._cells(question):
            rows.setdefault(number, []).append(self[cell.path])
        called = localized(question.row)
        return {
            "field": self[question.path],
            "count": len(rows),
            "one": called,
            "rows": [(f"{called} {number + 1}", f"{question.path}-{number}", cells) for number, cells in rows.items()],
            "add": f"{question.path}+" if len(rows) < Rows.most(question) else "",
        }


def _typed(data: MultiValueDict[str, str], question: Question, name: str = "") -> Any:
    if question.kind.input == "checkboxes":
        return data.getlist(name or question.path)
    return question.kind.typed(data.get(name or question.path, ""))


def _rows(data: MultiValueDict[str, str], question: Question) -> list[dict[str, Any]]:
    """The rows typed, after the one that a button adds or takes out. How many there are says a hidden field."""
    told = data.get(question.path, "")
    count = min(int(told), MAX_ROWS) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    rows = []
    for number in range(count):
        typed = {c.path: _typed(data, c, f"{question.path}.{number}.{c.path}") for c in question.columns}
        rows.append({key: value for key, value in typed.items() if value not in ("", [])})
    pressed = data.get(REFRESH, "")
    if pressed == f"{question.path}+" and count < Rows.most(question):
        rows.append({})
    return [row for number, row in enumerate(rows) if pressed != f"{question.path}-{number}"]


class QuestionField(forms.Field):
    """A question on a page. It checks nothing itself: `FormDefinition.check` has."""

    def __init__(self, question: Question, form: PageForm) -> None:
        self.question, self.form = question, form
        self.choices = question.kind.options(question, form.checked.clean | flat(form.raw))
        super().__init__(
            required=False,
            label=question.words,
            help_text=" ".join(filter(None, (localized(question.help), self.hint))),
            widget=self._widget(),
        )

    def clean(self, value: Any) -> Any:
        return value

    def _widget(self) -> forms.Widget:
        question, kind = self.question, self.question.kind
        attrs: dict[str, Any] = {}
        if question.autocomplete:
            attrs["autocomplete"] = question.autocomplete
        if kind.input == "rows":
            return forms.HiddenInput()
        if kind.input == "file":
            return Files(attrs={"accept": ",".join(question.schema.get("accept", ())) or None, "hx-preserve": "true"})
        self._ask_again(attrs)
        if kind.input == "confirm":
            return forms.CheckboxInput(attrs={**attrs, "value": "yes"}, check_test=lambda value: value in ("yes", True))
        if kind.input == "checkboxes":
            return forms.CheckboxSelectMultiple(attrs=attrs, choices=self.choices)
        if kind.input == "select" or question.widget == "select":
            return forms.Select(attrs=attrs, choices=[("", _("Choose")), *self.choices])
        if kind.input == "radios":
            return forms.RadioSelect(attrs=attrs, choices=self.choices)
        if isinstance(kind, Paragraph):
            return forms.Textarea(attrs={**attrs, "rows": 4})
        if kind.inputmode:
            attrs["inputmode"] = kind.inputmode
        return forms.TextInput(attrs=attrs)

    def _ask_again(self, attrs: dict[str, Any]) -> None:
        """With JavaScript, an answer that others depend on fetches the page's questions again."""
        path = self.question.path
        here = [q for q in self.form.questions() if path in q.looks_at() or q.depends_on == path]
        if here:
            attrs |= {"hx-post": "", "hx-trigger": "change", "hx-target": "#questions", "hx-select": "#questions"}
            attrs |= {"hx-swap": "outerHTML", "hx-vals": f'{{"{REFRESH}": "1"}}', "hx-sync": "closest form:replace"}

    # what the template asks
    @property
    def input(self) -> str:
        return "select" if self.question.widget == "select" else self.question.kind.input

    @property
    def width_class(self) -> str:
        return _WIDTHS.get(self.question.width, "")

    @property
    def optional(self) -> bool:
        """Optional questions say so; the others go without a mark."""
        in_choice = any(self.question.path in paths for paths in self.form.definition.one_of)
        return not self.question.required and not in_choice

    @property
    def hint(self) -> str:
        """When to answer, where this same page decides it and has not yet."""
        if self.question.applies(self.form.checked.clean):
            return ""
        return localized(self.question.hint) or _("Leave this empty if it does not concern you.")

    @property
    def origin(self) -> str:
        """Where a prefilled answer came from."""
        return self.form.origins.get(self.question.path, "")

    @property
    def waits(self) -> bool:
        """A list that another answer on the page fills: needs a button where there is no JavaScript."""
        return bool(self.question.depends_on)

    @property
    def files(self) -> list[dict[str, str]]:
        kept = flat(self.form.raw).get(self.question.path) or []
        return [{"id": one, "name": self.form.file_names.get(one, one)} for one in kept if isinstance(one, str)]

    @property
    def offers(self) -> Sequence[Offered]:
        """Papers that are here already, for a file question that has room for one."""
        return self.form.offers.get(self.question.path, ()) if len(self.files) < self.most else ()

    @property
    def takes_photos(self) -> bool:
        """Whether photos and a PDF made of them may stand here."""
        wanted = self.question.schema.get("accept") or ["image/*", ".pdf"]
        return ".pdf" in wanted and any(one.startswith("image/") or one in (".jpg", ".jpeg") for one in wanted)

    @property
    def most(self) -> int:
        """How many files may be kept here."""
        return int(self.question.schema.get("maxItems", 10))


class Files(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**{key: value for key, value in (attrs or {}).items() if value}, "multiple": True})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return None

    def use_required_attribute(self, initial: Any) -> bool:
        return False
