"""A province as the simulation sees it: data, each value with its tag and source.

Tags as in the project's standards: C confirmed, P press, I inferred, M memory; `stated` is what the
mission states without saying how sure it is; `constructed` was made up here and says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "profiles"
DAYS_A_YEAR = 365
TAGS = {"C", "P", "I", "M", "stated", "constructed"}


@dataclass(frozen=True)
class Figure:
    """One value of a profile."""

    name: str
    value: Any
    tag: str
    source: str


@dataclass(frozen=True)
class Profile:
    """The figures of one province, those of `common.json` where it has none of its own."""

    key: str
    name: str
    unit: str  # of the province today, after the mergers of 2025
    figures: Mapping[str, Figure]

    def __getitem__(self, name: str) -> Any:
        return self.figures[name].value

    def dossiers_in(self, days: int) -> int:
        """How many applications come in so many days."""
        a_year: float = self["dossiers_a_year"]
        return round(a_year * days / DAYS_A_YEAR)

    def describe(self) -> list[str]:
        """Every figure with its tag and source, one a line."""
        return [f"{f.name} = {_short(f.value)}  [{f.tag}] {f.source}" for f in self.figures.values()]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def names() -> list[str]:
    """The profiles there are."""
    return sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "common")


def load(key: str) -> Profile:
    """A profile by its name. Raises KeyError for an unknown one, ValueError for a figure without tag or source."""
    if key not in names():
        raise KeyError(key)
    own, common = _read(key), _read("common")
    figures = {}
    for name, (value, tag, source) in {**common["figures"], **own["figures"]}.items():
        if tag not in TAGS or not source:
            raise ValueError(f"{key}.{name} says not how sure it is or where it comes from")
        figures[name] = Figure(name, value, tag, source)
    return Profile(key, own["name"], own["unit"], figures)


def of_province(unit: str) -> Profile:
    """The profile of a province by its unit code, else the one of Đắk Lắk, whose figures then stand for it."""
    return next((one for one in map(load, names()) if one.unit == unit), load("dak_lak"))


def _read(key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return found
