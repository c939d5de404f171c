"""Words: those of a definition in the reader's language, those people type made clean."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

Text = str | Mapping[str, str]  # plain, or {"vi": …, "en": …}

# Embeddings, overrides and isolates can make a text read differently from what it says (CVE-2021-42574).
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SPACES = {"\t": " ", "\u00a0": " ", "\u2028": "\n", "\u2029": "\n"}


class RowsInvalid(ValueError):
    """Rows that a person has to correct: `errors` are messages by `row number.column`, or by row number."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class Invalid(ValueError):
    """A value that a person has to correct; the message says how, translated."""


def localized(text: Text | None) -> str:
    """A definition's words in the active language, else Vietnamese."""
    if not text:
        return ""
    if isinstance(text, str):
        return text
    language = (get_language() or "vi").split("-")[0]
    return text.get(language) or text.get("vi") or next(iter(text.values()), "")


def clean_text(value: str, *, lines: bool = False) -> str:
    """Composed (NFC), trimmed text without invisible marks.

    Pasted zero-width and direction marks, which official texts carry too, are dropped; characters
    that would deceive a reader or that no text has raise `Invalid`. `lines` keeps line breaks.
    """
    out = []
    for char in unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")):
        char = _SPACES.get(char, char)
        category = unicodedata.category(char)
        noncharacter = ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
        if char in _BIDI or category == "Cs" or noncharacter or (category == "Cc" and char != "\n"):
            raise Invalid(_("This contains a hidden character that cannot be kept. Delete it and type the text again."))
        if category != "Cf":
            out.append(char)
    # dropping a mark may bring together what composes
    text = unicodedata.normalize("NFC", "".join(out))
    if lines:
        return "\n".join(line.rstrip() for line in text.split("\n")).strip()
    return " ".join(text.split())
