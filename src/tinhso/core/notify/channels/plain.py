"""Vietnamese for telephones that know no marks."""

from __future__ import annotations

import unicodedata

_OTHERS = str.maketrans({"đ": "d", "Đ": "D", "—": "-", "–": "-", "…": "...", "“": '"', "”": '"', "·": "-", "•": "-"})


def unmarked(text: str) -> str:
    """`Hồ sơ đã được tiếp nhận` → `Ho so da duoc tiep nhan`; what is still not ASCII is left out."""
    decomposed = unicodedata.normalize("NFD", text.translate(_OTHERS))
    return " ".join(decomposed.encode("ascii", "ignore").decode().split())
