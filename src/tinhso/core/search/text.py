"""Words as people type them: without diacritics, and numbers of documents in any spelling."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_HIGHEST = str.maketrans({"đ": "d", "Đ": "d"})


def bare(text: str) -> str:
    """Lower case without diacritics: `Đăng ký` → `dang ky`. Everything else stays."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFD", text.translate(_HIGHEST))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def fold(text: str) -> str:
    """The words of a text as the index keeps them, apart by single spaces.

    What belongs together by a sign within it (`12/QĐ-UBND`) is kept whole and in parts:
    `12qdubnd 12 qd ubnd`.
    """
    words: list[str] = []
    for token in bare(text).split():
        parts = _WORD.findall(token)
        if len(parts) > 1:
            words.append("".join(parts))
        words.extend(parts)
    return " ".join(words)


def tsquery(text: str) -> str:
    """A PostgreSQL tsquery that finds texts with all these words; the last may be only begun.

    Empty when there is no word to look for. Made of letters and digits only, so nothing that a
    person types can change its meaning.
    """
    tokens = [parts for token in bare(text).split() if (parts := _WORD.findall(token))]
    terms = []
    for position, parts in enumerate(tokens):
        begun = ":*" if position == len(tokens) - 1 else ""
        apart = " & ".join([*parts[:-1], parts[-1] + begun])
        terms.append(f"({''.join(parts)}:* | ({apart}))" if len(parts) > 1 else apart)
    return " & ".join(terms)
