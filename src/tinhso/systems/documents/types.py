"""The types of official documents (NĐ 30/2020, điều 7): `data/types.json`, the everyday ones first."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tinhso.core.agencies.models import Agency, Kind

DISPATCH = "CV"  # a letter without a type of its own: its notation names who drafted it


@dataclass(frozen=True)
class Type:
    """`abbreviated`: its code stands in the notation."""

    code: str
    name: str
    abbreviated: bool = True


@cache
def types() -> dict[str, Type]:
    """By code."""
    body = json.loads((Path(__file__).parent / "data" / "types.json").read_text(encoding="utf-8"))
    return {row["code"]: Type(**row) for row in body["types"]}


def notation_for(type_: str, agency: Agency, unit: Agency) -> str:
    """What stands after the number unless the drafter says otherwise: `QĐ-UBND`, of a dispatch `UBND-VP`."""
    of, by = abbreviation(agency), abbreviation(unit) if unit.pk != agency.pk else "VP"
    return f"{type_}-{of}" if types()[type_].abbreviated else f"{of}-{by}"


def abbreviation(agency: Agency) -> str:
    """Of an agency's name: `UBND` for a people's committee, else its initials (Sở Nội vụ: `SNV`)."""
    if agency.kind in (Kind.PROVINCE, Kind.COMMUNE):
        return "UBND"
    return "".join(word[0] for word in re.findall(r"\w+", agency.name) if word.lower() not in ("và", "của")).upper()[
        :10
    ]
