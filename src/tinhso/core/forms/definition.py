"""A form definition ready for use: it checks answers, asks pages, reads answers out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from ..ledger.events import canonical
from .layout import DefinitionError, Page, Question
from .parse import Parser
from .text import Invalid, RowsInvalid, localized

if TYPE_CHECKING:
    from .models import FormVersion

__all__ = ["Checked", "DefinitionError", "FormDefinition", "FormErrors", "digest", "flat", "nested"]

Answers = Mapping[str, Any]  # nested: {"requester": {"full_name": …}}


class FormErrors(Exception):
    """Answers that have to be corrected: `errors` maps the path of each field to what to do, translated."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Checked:
    """What a check found: clean answers by path, errors by path."""

    clean: dict[str, Any]
    errors: dict[str, str]


def digest(source: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of a definition's canonical JSON."""
    return hashlib.sha256(canonical(source).encode()).hexdigest()


def flat(answers: Any, prefix: str = "", depth: int = 3) -> dict[str, Any]:
    """Nested answers by dotted path; no path of a form is deeper than `requester.address.commune`."""
    out: dict[str, Any] = {}
    for key, value in answers.items():
        path = f"{prefix}{key}"
        inner = isinstance(value, Mapping) and value and depth > 1
        out.update(flat(value, f"{path}.", depth - 1) if inner else {path: value})
    return out


def nested(by_path: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by dotted path, nested again."""
    out: dict[str, Any] = {}
    for path, value in by_path.items():
        *outer, last = path.split(".")
        place = out
        for key in outer:
            place = place.setdefault(key, {})
        place[last] = value
    return out


class FormDefinition:
    """One definition. Raises `DefinitionError` when the JSON cannot stand."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        parser = Parser(source)
        self.source = source
        self.key: str = source["key"]
        self.pages: dict[str, Page] = {page.key: page for page in parser.pages}
        self.questions: dict[str, Question] = parser.questions
        self.one_of = parser.one_of
        self.controllers: set[str] = {p for q in self.questions.values() for p in q.looks_at()}

    _loaded: ClassVar[dict[UUID, FormDefinition]] = {}

    @classmethod
    def load(cls, version: FormVersion) -> FormDefinition:
        """The definition of a pinned version, read once a process: versions never change."""
        found = cls._loaded.get(version.pk)
        if found is None:
            found = cls._loaded[version.pk] = cls(version.definition)
        return found

    @classmethod
    def of(cls, version: UUID) -> FormDefinition:
        """The same by the version's id, so that who holds only that need not ask for the rest."""
        from .models import FormVersion

        return cls._loaded.get(version) or cls.load(FormVersion.objects.get(pk=version))

    @property
    def title(self) -> str:
        return localized(self.source["title"])

    def check(self, answers: Answers, *, on: date) -> Checked:
        """Every rule over the answers given, in the order of asking. Answers to questions that do not
        apply are left out without complaint."""
        given = flat(answers) if isinstance(answers, Mapping) else {"": answers}
        whole = dict(given)
        clean: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for path, question in self.questions.items():
            value = given.pop(path, None)
            if not question.applies(clean):
                continue
            try:
                answer = None if value is None else question.kind.clean(value, question, clean, on)
            except Invalid as wrong:
                errors[path] = str(wrong)
                continue
            except RowsInvalid as wrong:
                errors |= {f"{path}.{where}": message for where, message in wrong.errors.items()}
                continue
            if answer is not None:
                clean[path] = answer
            elif question.required and not _left_out(question, whole):
                errors[path] = question.kind.missing(question)
        for paths in self.one_of:
            first = self.questions[paths[0]]
            silent = not any(path in clean or path in errors for path in paths)
            if silent and first.applies(clean) and not _left_out(first, whole):
                errors[first.path] = first.kind.missing(first)
        for path, value in given.items():
            if value not in ({}, None):  # an empty block is a block left out
                errors[path] = _("This form does not ask this.")
        return Checked(clean, errors)

    def validate(self, answers: Answers, *, on: date) -> dict[str, Any]:
        """Clean, canonical answers, nested, of a whole form filled in on that day.

        The same for pages, counter and API. Raises `FormErrors`.
        """
        checked = self.check(answers, on=on)
        if checked.errors:
            raise FormErrors(checked.errors)
        return nested(checked.clean)

    def read(self, path: str, answers: Answers) -> str:
        """How a person reads the answer at a path of clean answers; an address in one line; empty for none."""
        by_path = flat(answers)
        if path in self.questions:
            answer = by_path.get(path)
            return "" if answer is None else self.questions[path].kind.read(answer, self.questions[path])
        parts = [f"{path}.{part}" for part in ("detail", "commune", "province")]
        return ", ".join(self.read(part, answers) for part in parts if part in by_path)


def _left_out(question: Question, given: Mapping[str, Any]) -> bool:
    """Whether the block around a question may be left out, and was, by the answers given by path."""
    block = question.optional_block
    inside = (value for path, value in given.items() if path == block or path.startswith(f"{block}."))
    return bool(block) and all(value in (None, "", [], {}) for value in inside)
