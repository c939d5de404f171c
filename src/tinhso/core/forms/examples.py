"""An example of answers to a form, to try it with: every question that applies, each answer a right one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from .definition import FormDefinition, nested
from .kinds import MAX_PARAGRAPH, MAX_TEXT
from .layout import Question
from .text import Invalid, RowsInvalid

FILE = str(UUID(int=1))  # no file has this id: nothing is stored for a trial
_KNOWN = {"full_name": "Nguyễn Văn An", "ethnicity": "Kinh", "nationality": "Việt Nam", "detail": "12 Lê Duẩn"}
_BY_FORMAT = {
    "national-id": "066090000001",
    "tax-code": "0100109106",
    "phone": "0905123456",
    "email": "nguyenvanan@vidu.vn",
}
_PATTERNED = ("123456", "2026", "12", "AB123456", "ABC", "47A-123.45", "12/2026", "15/GP-UBND")


def example(definition: FormDefinition, *, on: date) -> dict[str, Any]:
    """Raw answers, nested, of a form filled in on that day; what no example fits is left out."""
    clean: dict[str, Any] = {}
    for path, question in definition.questions.items():
        if not question.applies(clean):
            continue
        for value in _candidates(question, clean, on):
            try:
                answer = question.kind.clean(value, question, clean, on)
            except (Invalid, RowsInvalid):
                continue
            if answer is not None:
                clean[path] = answer
                break
    return nested(clean)


def _candidates(question: Question, clean: dict[str, Any], on: date) -> list[Any]:
    """What might be answered, the likeliest first; values as the API takes them."""
    schema, kind = question.schema, question.kind
    if question.columns:
        row = {one.path: next(iter(_candidates(one, {}, on)), None) for one in question.columns}
        return [[row] * max(1, schema.get("minItems", 0))]
    if kind.input == "file":
        return [[FILE]]
    if schema["type"] == "boolean":
        return [True]
    if kind.input == "checkboxes":
        return [[value] for value, _label in question.options[:1]]
    if options := kind.options(question, clean):
        likely = schema.get("default")
        return [*([likely] if likely else []), *(value for value, _label in options[:1])]
    if schema["type"] == "integer":
        low, high = schema.get("minimum", 0), schema.get("maximum", 10**15)
        usual = 1_000_000 if schema.get("format") == "money" else 2
        return [min(max(schema.get("default", usual), low), high)]
    if schema.get("format") == "date":
        return _days(schema, on)
    return _texts(question)


def _days(schema: Any, on: date) -> list[str]:
    bounds = [schema.get("formatMinimum"), schema.get("formatMaximum")]
    known = [on.isoformat() if bound == "today" else bound for bound in bounds if bound]
    return ["1990-05-19", *known, on.isoformat()]


def _texts(question: Question) -> list[str]:
    schema = question.schema
    if (found := _BY_FORMAT.get(schema.get("format", ""))) is not None:
        return [found]
    said = _KNOWN.get(question.path.rpartition(".")[2]) or _("Example: %(label)s") % {"label": question.words}
    longest = schema.get("maxLength", MAX_PARAGRAPH if schema.get("format") == "paragraph" else MAX_TEXT)
    text = said[:longest].strip().ljust(schema.get("minLength", 0), ".")
    return [*([*_PATTERNED] if "pattern" in schema else []), text]
