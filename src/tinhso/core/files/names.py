"""Names people give their files, made safe to show."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

LONGEST = 150  # characters; file systems stop at 255 bytes, and Vietnamese letters take up to three


def clean(name: str, *, otherwise: str) -> str:
    """The last part of a path, in NFC, without control and bidirectional characters.

    Those can make `gpj.exe` look like `exe.jpg`. A long name keeps its ending. Where nothing
    is left the answer is `otherwise`.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    # Cc control, Cf format (bidi marks and overrides, zero-width), Cs surrogates, Co private, Zl/Zp line ends
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    name = " ".join(name.split()).strip(" .")
    ending = suffix(name)
    if len(name) > LONGEST:
        name = name[: LONGEST - len(ending)].rstrip(" .") + ending
    return name if name.strip(" .") else otherwise


def suffix(name: str) -> str:
    """The ending with its dot, in small letters: `.pdf`; empty where there is none."""
    ending = PurePosixPath(name).suffix.lower()
    return ending if 1 < len(ending) <= 10 else ""
