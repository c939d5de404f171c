"""Administrative units since 1 July 2025: 34 provinces, 3,321 communes.

Facts from `data/units.json`, made from the public data set "vietnamese-provinces-database"
(MIT, `data/units.LICENSE.txt`); one row a unit: code, name, full name, kind, code of its province.
"""

from __future__ import annotations

import json
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
