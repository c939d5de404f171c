"""Rows that repeat: the same questions for each of several."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from .kinds import KINDS, Kind
from .layout import Question
from .text import Invalid, RowsInvalid

MAX_ROWS = 50


class Rows(Kind):
    """The same questions for each of several: members of a family, parcels of land. Empty rows are left out."""

    input = "rows"

    def clean(
        self, value: Any, question: Question, answers: Mapping[str, Any], on: date
    ) -> list[dict[str, Any]] | None:
        if not isinstance(value, list):
            raise Invalid(_("Give a list of rows."))
        if len(value) > self.most(question):
            raise Invalid(_("Give at most %(max)s here.") % {"max": self.most(question)})
        rows: list[dict[str, Any]] = []
        errors: dict[str, str] = {}
        for number, raw in enumerate(value):
            if not isinstance(raw, Mapping):
                errors[str(number)] = _("Give each row as an object.")
            elif any(one not in (None, "", []) for one in raw.values()):
                rows.append(self._row(raw, question, on, number, errors))
        if errors:
            raise RowsInvalid(errors)
        if 0 < len(rows) < question.schema.get("minItems", 0):
            raise Invalid(_("Give at least %(min)s here.") % {"min": question.schema["minItems"]})
        return rows or None

    @staticmethod
    def _row(
        raw: Mapping[str, Any], question: Question, on: date, number: int, errors: dict[str, str]
    ) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for column in question.columns:
            value = raw.get(column.path)
            try:
                answer = None if value is None else column.kind.clean(value, column, clean, on)
            except Invalid as wrong:
                errors[f"{number}.{column.path}"] = str(wrong)
                continue
            if answer is not None:
                clean[column.path] = answer
            elif column.required:
                errors[f"{number}.{column.path}"] = column.kind.missing(column)
        known = {column.path for column in question.columns}
        for key in raw.keys() - known:
            errors[f"{number}.{key}"] = _("This form does not ask this.")
        return clean

    @staticmethod
    def most(question: Question) -> int:
        """How many rows there may be."""
        return int(question.schema.get("maxItems", MAX_ROWS))

    def shown_in_field(self, answer: Any) -> Any:
        return len(answer) if isinstance(answer, list) else 0

    def read(self, answer: Any, question: Question) -> str:
        return "\n".join(f"{number}. {self._read_row(row, question)}" for number, row in enumerate(answer, 1))

    @staticmethod
    def _read_row(row: Mapping[str, Any], question: Question) -> str:
        told = (column for column in question.columns if column.path in row)
        return "; ".join(f"{column.words}: {column.kind.read(row[column.path], column)}" for column in told)

    def missing(self, question: Question) -> str:
        return _("Add at least one: %(label)s.") % {"label": question.named}


KINDS["rows"] = Rows()
