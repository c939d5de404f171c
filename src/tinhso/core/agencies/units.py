"""Administrative units since 1 July 2025: 34 provinces, 3,321 communes.

Facts from `data/units.json`, made from the public data set "vietnamese-provinces-database"
(MIT, `data/units.LICENSE.txt`); one row a unit: code, name, full name, kind, code of its province.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Unit(NamedTuple):
    """`kind` is tỉnh, thành phố, xã, phường or đặc khu; `parent` is empty for a province."""

    code: str
    name: str
    full_name: str
    kind: str
    parent: str


@cache
def _units() -> dict[str, Unit]:
    rows = json.loads((Path(__file__).parent / "data" / "units.json").read_text(encoding="utf-8"))
    return {row[0]: Unit(*row) for row in rows}


@cache
def provinces() -> tuple[Unit, ...]:
    """All provinces and cities under the centre, by code."""
    return tuple(unit for unit in _units().values() if not unit.parent)


@cache
def communes(province: str) -> tuple[Unit, ...]:
    """The communes, wards and special zones of a province, by code; empty for an unknown one."""
    return tuple(unit for unit in _units().values() if unit.parent == province)


def unit(code: str) -> Unit | None:
    """The unit of a code, of 2 digits (province) or 5 (commune)."""
    return _units().get(code)


@cache
def _merged() -> dict[str, dict[str, list[str]]]:
    return dict(json.loads((Path(__file__).parent / "data" / "units_2025.json").read_text(encoding="utf-8")))


def merged_into(name: str, province: str) -> tuple[Unit, ...]:
    """The units of today that took over the commune of this name on 1 July 2025, in a province of today.

    `name` may be an agency's: `Ủy ban nhân dân phường Tân Lợi`. Several answers: it was divided (its
    larger heir first), or there were several of that name in different districts. From the public list
    "old to new" of the same source as `units.json`; keys are names without marks and spaces.
    """
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    key = re.sub(r"^(uybannhandan|ubnd)", "", re.sub(r"[^a-z0-9]", "", plain))
    codes = _merged().get(province, {}).get(key, [])
    return tuple(found for code in codes if (found := unit(code)))
