"""One row of the national database, read whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .doubts import Doubt, Why, excerpt
from .papers import Case, read_papers
from .texts import read_laws, read_lines, read_list, read_results, stated
from .ways import Way, read_ways

CODE = re.compile(r"\d\.\d{6}(\.\d{2,3}){0,3}(\.[A-Z]\d{2})?")
NEEDED = ("ma_thu_tuc", "ten_thu_tuc", "cap_thuc_hien", "linh_vuc")
LEVELS = {"Cấp bộ": "ministry", "Cấp tỉnh": "province", "Cấp xã": "commune", "Cơ quan khác": "other"}


class BadRow(ValueError):
    """A row that cannot be a procedure; the message says why."""


@dataclass(frozen=True)
class Row:
    """A procedure as the national database publishes it."""

    code: str
    name: str
    decision: str
    levels: tuple[str, ...]
    field: str
    applicants: tuple[str, ...]
    agency: str
    authority: str
    address: str
    steps: tuple[str, ...]
    requirements: tuple[str, ...]
    ways: tuple[Way, ...]
    cases: tuple[Case, ...]
    results: tuple[tuple[str, str], ...]
    laws: tuple[Mapping[str, str], ...]
    doubts: tuple[Doubt, ...]


# Letters that look alike (Icelandic Ð for Đ), spaces of other widths, and characters nobody sees.
_ALIKE = str.maketrans({"Ð": "Đ", "ð": "đ"} | dict.fromkeys("\xa0\u2007\u2009\u202f", " "))
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\xad]")


def _plain(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text).translate(_ALIKE))


def read_row(raw: Mapping[str, Any]) -> Row:
    """Everything a row says. Raises `BadRow` where it names no procedure; anything else becomes a doubt."""
    if not isinstance(raw, Mapping):
        raise BadRow("the line is no object")
    for key in NEEDED:
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            raise BadRow(f"{key} is missing")
    if wrong := [key for key, value in raw.items() if not isinstance(value, str | None)]:
        raise BadRow(f"{wrong[0]} is no text")
    text = {key: _plain(value or "") for key, value in raw.items()}
    code = text["ma_thu_tuc"].strip()
    if not CODE.fullmatch(code):
        raise BadRow(f"{code[:40]!r} is no code of a procedure")
    levels = tuple(LEVELS.get(one, "") for one in read_list(text["cap_thuc_hien"]))
    if not all(levels):
        raise BadRow(f"the level {text['cap_thuc_hien'][:60]!r} is not known")
    ways, doubts = read_ways(text.get("cach_thuc_thuc_hien", ""))
    cases, found = read_papers(text.get("thanh_phan_ho_so", ""))
    results = read_results(text.get("ket_qua_xu_ly", ""))
    doubts = [*doubts, *found]
    if not results and stated(text.get("ket_qua_xu_ly", "")):
        doubts.append(Doubt(Why.RESULT, "results", excerpt(text["ket_qua_xu_ly"].strip())))
    return Row(
        code=code,
        name=stated(text["ten_thu_tuc"]),
        decision=stated(text.get("so_quyet_dinh", "")),
        levels=levels,
        field=stated(text["linh_vuc"]),
        applicants=tuple(read_list(text.get("doi_tuong_thuc_hien", ""))),
        agency=stated(text.get("co_quan_thuc_hien", "")),
        authority=stated(text.get("co_quan_co_tham_quyen", "")),
        address=stated(text.get("dia_chi_tiep_nhan", "")),
        steps=tuple(read_lines(text.get("trinh_tu_thuc_hien", ""))),
        requirements=tuple(read_lines(text.get("yeu_cau_dieu_kien", ""))),
        ways=tuple(ways),
        cases=tuple(cases),
        results=tuple(results),
        laws=tuple(read_laws(text.get("can_cu_phap_ly", ""))),
        doubts=tuple(doubts),
    )
