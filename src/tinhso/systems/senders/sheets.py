"""The table of a procedure: a column for each question, a row for each applicant; and the table of outcomes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.agencies.tables import COLUMNS, Column, plain, read, template
from tinhso.core.forms.definition import FormDefinition, nested
from tinhso.core.forms.layout import Question
from tinhso.core.ledger.actions import Refused
from tinhso.systems.procedures.models import Variant

REFERENCE = "reference"
MOST = 500  # rows of a file: they are looked through while somebody waits
Rows = list[list[Any]]  # [number of the row, reference, answers by path]


def questions(variant: Variant) -> list[Question]:
    """What a row can answer. Raises `Refused` for a form that a table cannot fill in."""
    form = FormDefinition.load(variant.form)
    fitting = [one for one in form.questions.values() if one.kind.input != "file" and not one.columns]
    for one in form.questions.values():
        if one not in fitting and one.required and not one.when and not one.optional_block:
            words = _("This procedure asks for “%(what)s”, which a table cannot bring. Use the form at the counter.")
            raise Refused("no_table", words % {"what": one.words}, status=422)
    if len(fitting) >= COLUMNS:
        raise Refused(
            "no_table", _("This form asks more than a table can hold. Use the form at the counter."), status=422
        )
    return fitting


def columns(variant: Variant) -> list[Column]:
    """The sender's reference, then the questions; where two are called the same, the path says which is meant."""
    asked = questions(variant)
    often = Counter(plain(one.words) for one in asked)
    heads = [one.words if often[plain(one.words)] == 1 else f"{one.words} ({one.path})" for one in asked]
    first = Column(REFERENCE, (_("Your reference"),), "BD-0001", needed=True)
    return [first, *(Column(one.path, (head,)) for one, head in zip(asked, heads, strict=True))]


def blank(variant: Variant) -> bytes:
    """A workbook to fill in, with what may be written in each column."""
    heads = {column.name: column.heads[0] for column in columns(variant)}
    notes = [(heads[REFERENCE], _("A number or word of your own, once for each application. It is never taken twice."))]
    for one in questions(variant):
        many = _("several, separated by ;") if one.kind.input == "checkboxes" else ""
        few = [label for _value, label in one.kind.options(one, {})][:40] if hasattr(one.kind, "options") else []
        needed = _("needed") if one.required and not one.when else ""
        notes.append((heads[one.path], "; ".join(part for part in (needed, " / ".join(few), many) if part)))
    return template(columns(variant), notes)


def rows(variant: Variant, data: bytes) -> Rows:
    """The rows of a CSV or xlsx file as items. Raises `Refused` where the file cannot be read, or where something
    stands in it that would not be handed in."""
    found = read(data, columns(variant))
    if len(found) > MOST:
        message = _("Split it: at most %(most)d applications in one file.") % {"most": MOST}
        raise Refused("table_too_long", message, field="file", status=422)
    if beside := list(dict.fromkeys(head for one in found for head in one.beside)):
        message = _("“%(columns)s” is no column of this table, so it would be lost. Take it out, or correct its head.")
        raise Refused("table_columns", message % {"columns": "”, “".join(beside)}, field="file", status=422)
    asked = questions(variant)
    return [[one.number, one.values[REFERENCE], _answers(asked, one.values)] for one in found]


def _answers(asked: Iterable[Question], written: Mapping[str, str]) -> dict[str, Any]:
    """Cells as the API would get them: what a person reads as an option is its value."""
    by_path: dict[str, Any] = {}
    for one in asked:
        if text := written[one.path]:
            labels = {plain(label): value for value, label in one.kind.options(one, by_path)}
            if one.kind.input == "checkboxes":
                by_path[one.path] = [labels.get(plain(part), part.strip()) for part in text.split(";") if part.strip()]
            else:
                by_path[one.path] = one.kind.typed(labels.get(plain(text), text))
    return nested(by_path)


def outcomes(heads: Iterable[str], lines: Iterable[Iterable[Any]]) -> bytes:
    """A workbook of what became of each row."""
    from openpyxl.workbook.workbook import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Outcomes")[:31])
    sheet.append(list(heads))
    for line in lines:
        # Words of a sender are never a formula.
        sheet.append([f"'{v}" if isinstance(v, str) and v[:1] in ("=", "+", "-", "@") else v for v in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
