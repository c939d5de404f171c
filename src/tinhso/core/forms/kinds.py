"""Kinds of answers: how each is cleaned, typed into a page, and read by a person.

`clean` is the only rule there is; pages and the API both go through it. `typed` turns what a page
sends into the JSON that the API would get, and leaves what it cannot read for `clean` to refuse;
`shown_in_field` is its inverse; `read` is how a letter or a summary says the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..accounts import identity
from ..agencies import units
from ..ledger.actions import Refused
from .text import Invalid, clean_text, localized

if TYPE_CHECKING:
    from .layout import Question

MAX_TEXT, MAX_PARAGRAPH, MAX_FILES = 250, 4000, 10
_CURRENCY = re.compile(r"\s*(đồng|đ|₫|vnd|vnđ)\.?$", re.IGNORECASE)
_TYPED_DATE = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")


class Kind:
    """Text on one line; the base of the others."""

    input = "text"  # which template part asks it
    inputmode = ""
    lines = False

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> Any:
        """The canonical answer. `answers` are the clean ones before it, by path; `on` is today.

        None where nothing was answered. Raises `Invalid`.
        """
        if not isinstance(value, str):
            raise Invalid(_("Give this as text."))
        text = clean_text(value, lines=self.lines)
        if not text:
            return None
        self._length(text, question)
        pattern = question.schema.get("pattern")
        if pattern and not re.search(pattern, text):
            raise Invalid(localized(question.schema.get("patternHelp")) or _("This is not in the expected form."))
        return text

    def _length(self, text: str, question: Question) -> None:
        longest = question.schema.get("maxLength", MAX_PARAGRAPH if self.lines else MAX_TEXT)
        if len(text) > longest:
            raise Invalid(
                _("Shorten this to %(max)s characters; it has %(has)s now.") % {"max": longest, "has": len(text)}
            )
        if len(text) < question.schema.get("minLength", 0):
            raise Invalid(_("Give at least %(min)s characters.") % {"min": question.schema["minLength"]})

    def typed(self, value: Any) -> Any:
        return value

    def shown_in_field(self, answer: Any) -> Any:
        return "" if answer is None else answer

    def read(self, answer: Any, question: Question) -> str:
        return str(answer)

    def options(self, question: Question, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Values and labels to choose from."""
        return [(value, localized(label)) for value, label in question.options]

    def missing(self, question: Question) -> str:
        """What to tell a person who left a required question out."""
        return _("Enter: %(label)s.") % {"label": question.named}


class Paragraph(Kind):
    input, lines = "textarea", True


class Date(Kind):
    """Typed as 22/11/2026, kept as 2026-11-22. `formatMaximum`/`formatMinimum`: a date or `today`."""

    inputmode = "numeric"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> str | None:
        text = clean_text(value) if isinstance(value, str) else value
        if text == "":
            return None
        try:
            if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                raise ValueError
            day = date.fromisoformat(text)
        except ValueError:
            raise Invalid(_("Enter a real date as day/month/year, such as 22/11/1990.")) from None
        latest, earliest = question.schema.get("formatMaximum"), question.schema.get("formatMinimum", "1900-01-01")
        if latest and day > (on if latest == "today" else date.fromisoformat(latest)):
            raise Invalid(_("This date lies too far ahead."))
        if day < (on if earliest == "today" else date.fromisoformat(earliest)):
            raise Invalid(_("This date lies too far back."))
        return text

    def typed(self, value: Any) -> Any:
        found = _TYPED_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
        return "{2}-{1:0>2}-{0:0>2}".format(*found.groups()) if found and found[0].isascii() else value

    def shown_in_field(self, answer: Any) -> Any:
        return self.read(answer, None) if answer else ""

    def read(self, answer: Any, question: Question | None) -> str:
        found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", str(answer), re.ASCII)
        return "{2}/{1}/{0}".format(*found.groups()) if found else str(answer)


class Integer(Kind):
    inputmode = "numeric"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> int | None:
        if isinstance(value, str) and not value.strip():
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise Invalid(_("Enter a whole number in digits."))
        low, high = question.schema.get("minimum", 0), question.schema.get("maximum", 10**15)
        if not low <= value <= high:
            raise Invalid(
                _("Enter a number from %(low)s to %(high)s.") % {"low": self.grouped(low), "high": self.grouped(high)}
            )
        return value

    @staticmethod
    def grouped(value: int) -> str:
        return f"{value:,}".replace(",", ".")

    def typed(self, value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else ""
        plain = re.sub(r"(?<=\d)[. ](?=\d{3}(?!\d))", "", text)
        return int(plain) if plain.isascii() and re.fullmatch(r"-?\d{1,18}", plain) else value

    def read(self, answer: Any, question: Question) -> str:
        return self.grouped(answer)

    def shown_in_field(self, answer: Any) -> Any:
        return self.grouped(answer) if isinstance(answer, int) and answer > 9999 else super().shown_in_field(answer)


class Money(Integer):
    """Whole đồng."""

    def typed(self, value: Any) -> Any:
        number = super().typed(_CURRENCY.sub("", value.strip())) if isinstance(value, str) else value
        return number if isinstance(number, int) else value

    def read(self, answer: Any, question: Question) -> str:
        return f"{self.grouped(answer)} đ"


class Choice(Kind):
    input = "radios"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> Any:
        if value == "":
            return None
        if not isinstance(value, str) or value not in dict(self.options(question, answers)):
            raise Invalid(_("Choose one of the options."))
        return value

    def read(self, answer: Any, question: Question) -> str:
        return dict(self.options(question, {})).get(answer, str(answer))

    def missing(self, question: Question) -> str:
        return _("Choose: %(label)s.") % {"label": question.named}


class Province(Choice):
    input = "select"

    def options(self, question: Question, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(one.code, one.full_name) for one in units.provinces()]

    def read(self, answer: Any, question: Question) -> str:
        return _unit_name(answer)


class Commune(Choice):
    """A commune of the province chosen in the question before it."""

    input = "select"

    def options(self, question: Question, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(one.code, one.full_name) for one in units.communes(answers.get(question.depends_on, ""))]

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> Any:
        if value and answers.get(question.depends_on) is None:
            return None  # the province is at fault and says so
        try:
            return super().clean(value, question, answers, on)
        except Invalid:
            raise Invalid(_("Choose a commune of the chosen province.")) from None

    def read(self, answer: Any, question: Question) -> str:
        return _unit_name(answer)


def _unit_name(code: str) -> str:
    found = units.unit(code)
    return found.full_name if found else code


class YesNo(Choice):
    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> Any:
        if value == "":
            return None
        if not isinstance(value, bool):
            raise Invalid(_("Answer yes or no."))
        return value

    def typed(self, value: Any) -> Any:
        return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value

    def shown_in_field(self, answer: Any) -> Any:
        return {True: "yes", False: "no"}.get(answer, "") if isinstance(answer, bool) else ""

    def options(self, question: Question, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def read(self, answer: Any, question: Question) -> str:
        return _("Yes") if answer else _("No")


class Confirm(YesNo):
    """A declaration to tick; only true counts."""

    input = "confirm"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> Any:
        return super().clean(value, question, answers, on) or None

    def missing(self, question: Question) -> str:
        return _("Tick to confirm.")


class Checkboxes(Choice):
    input = "checkboxes"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> list[str] | None:
        known = [key for key, _label in question.options]
        if not isinstance(value, list) or any(not isinstance(one, str) or one not in known for one in value):
            raise Invalid(_("Choose among the options."))
        return [key for key in known if key in value] or None

    def shown_in_field(self, answer: Any) -> Any:
        return answer if isinstance(answer, list) else []

    def read(self, answer: Any, question: Question) -> str:
        names = dict(self.options(question, {}))
        return ", ".join(names.get(one, one) for one in answer)


class Digits(Kind):
    """A number of fixed form that people type with spaces, dots or dashes."""

    inputmode = "numeric"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> str | None:
        text = super().clean(value, question, answers, on)
        return None if text is None else self.number(re.sub(r"[\s.]", "", text))

    def number(self, text: str) -> str:
        """The canonical number from what was typed without spaces and dots. Raises `Invalid`."""
        return text


class NationalId(Digits):
    def number(self, text: str) -> str:
        return _proved(identity.national_id, text)


class TaxCode(Digits):
    def number(self, text: str) -> str:
        return _proved(identity.tax_code, text)


class Phone(Digits):
    inputmode = "tel"

    def number(self, text: str) -> str:
        return _proved(identity.phone, text)


def _proved(rule: Callable[[str], str], text: str) -> str:
    """The number by the rule that the whole house keeps for it."""
    try:
        return rule(text)
    except Refused as wrong:
        raise Invalid(str(wrong)) from None


class Email(Kind):
    inputmode = "email"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> str | None:
        text: str | None = super().clean(value, question, answers, on)
        try:
            if text is not None:
                validate_email(text)
        except ValidationError:
            raise Invalid(_("Enter an e-mail address such as ten@vidu.vn.")) from None
        return text


class File(Kind):
    """Ids of stored files. What a file really is, `core.files` has checked when it was stored."""

    input = "file"

    def clean(self, value: Any, question: Question, answers: Mapping[str, Any], on: date) -> list[str] | None:
        if not isinstance(value, list):
            raise Invalid(_("Give a list of uploaded files."))
        try:
            ids = list(dict.fromkeys(str(UUID(one)) for one in value))
        except (ValueError, AttributeError, TypeError):
            raise Invalid(_("Upload this file again.")) from None
        most = question.schema.get("maxItems", MAX_FILES)
        if len(ids) > most:
            raise Invalid(ngettext("Keep one file here.", "Keep at most %(max)s files here.", most) % {"max": most})
        return ids or None

    def read(self, answer: Any, question: Question) -> str:
        return ngettext("%(count)s file", "%(count)s files", len(answer)) % {"count": len(answer)}

    def missing(self, question: Question) -> str:
        return _("Add a photo or a file: %(label)s.") % {"label": question.named}


KINDS: dict[str, Kind] = {
    "text": Kind(),
    "paragraph": Paragraph(),
    "date": Date(),
    "integer": Integer(),
    "money": Money(),
    "choice": Choice(),
    "yes-no": YesNo(),
    "confirm": Confirm(),
    "checkboxes": Checkboxes(),
    "national-id": NationalId(),
    "tax-code": TaxCode(),
    "phone": Phone(),
    "email": Email(),
    "province": Province(),
    "commune": Commune(),
    "file": File(),
}
