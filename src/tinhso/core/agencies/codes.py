"""Agency codes (QĐ 20/2020/QĐ-TTg, amended by QĐ 09/2025/QĐ-TTg), new and old form.

New: groups of `[0-9A-Z]` joined by dots, the highest agency first, at most 35 characters:
`H15.50.05.13`. Old (QCVN 102:2016): exactly four groups, 13 characters, the highest agency
last, absent levels filled with zeros: `000.01.02.H47`. Both are accepted; the new is printed.
"""

from __future__ import annotations

import re

NEW_PATTERN = r"^(?=.{1,35}$)[0-9A-Z]+(\.[0-9A-Z]+)*$"
OLD_PATTERN = r"^[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z][0-9]{2}$"
_TOP = re.compile(r"[A-Z][0-9]{2}")
_WIDTHS = (3, 2, 2, 3)  # of an old code's groups, highest agency first


def is_old(code: str) -> bool:
    """Whether `code` is in the old, reversed form: four groups of fixed width, top agency last."""
    return re.match(OLD_PATTERN, code) is not None and _TOP.fullmatch(code.split(".")[0]) is None


def parse(text: str) -> str:
    """The new form of a code typed or received in either form. Raises ValueError on anything else."""
    code = text.strip().upper()
    if is_old(code):
        return from_old(code)
    if re.match(NEW_PATTERN, code) is None:
        raise ValueError(f"{text!r} is not an agency code")
    return code


def from_old(old: str) -> str:
    """`000.01.02.H47` → `H47.02.01`. Raises ValueError when `old` is not in the old form."""
    if not is_old(old):
        raise ValueError(f"{old!r} is not an agency code of the old form")
    groups = old.split(".")[::-1]
    while set(groups[-1]) == {"0"}:
        groups.pop()
    return ".".join(groups)


def to_old(code: str) -> str:
    """`H47.02.01` → `000.01.02.H47`; empty where the old form has no room for the code."""
    groups = code.split(".")
    fits = len(groups) <= len(_WIDTHS) and all(len(g) == w for g, w in zip(groups, _WIDTHS, strict=False))
    if not fits or set(groups[-1]) == {"0"} or _TOP.fullmatch(groups[0]) is None:
        return ""
    padded = groups + ["0" * width for width in _WIDTHS[len(groups) :]]
    return ".".join(padded[::-1])
