"""The provinces and communes of the country since 1 July 2025 (34 and 3,321), by unit code.

Facts from `data/units.json` (MIT, licence beside it). Codes are never reused, so an address kept
as codes reads the same for ever.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def _units() -> dict[str, tuple[str, dict[str, str]]]:
    rows = json.loads((Path(__file__).parent / "data" / "units.json").read_text(encoding="utf-8"))
    return {code: (name, dict(communes)) for code, name, communes in rows}


def provinces() -> dict[str, str]:
    """Code → full name, `66` → `Tỉnh Đắk Lắk`."""
    return {code: name for code, (name, _communes) in _units().items()}


def communes(province: str) -> dict[str, str]:
    """Code → full name of the communes of a province; empty for an unknown province."""
    return _units().get(province, ("", {}))[1]


def unit_name(code: str) -> str:
    """Full name of a province or commune; empty for an unknown code."""
    if code in _units():
        return _units()[code][0]
    return next((names[code] for _name, names in _units().values() if code in names), "")
