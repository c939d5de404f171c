"""The agent's words: Vietnamese unless told otherwise; Django's translations are not at hand here."""

from __future__ import annotations

import gettext
from pathlib import Path

_words: gettext.NullTranslations = gettext.NullTranslations()


def speak(language: str) -> None:
    """Say everything in this language from now on: `vi` or `en`."""
    global _words
    folder = Path(__file__).parent / "locale"
    _words = gettext.translation("django", folder, [language], fallback=language == "en")


def _(words: str) -> str:
    """The words in the chosen language."""
    return _words.gettext(words)
