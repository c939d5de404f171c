"""The agencies of the demo province: its committee, departments, and every commune."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from ..ledger.actions import Actor
from . import units
from .actions import create_agency
from .models import Agency, Kind

SINCE = datetime(2025, 7, 1, 7, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))  # the two-tier state begins
BY = Actor.system("demo")

# Assigned by the state (QĐ 20/2020); other provinces get a constructed code here.
ASSIGNED = {"66": "H15", "40": "H41", "38": "H56"}

# The commune where the demo staff work; elsewhere the first one of the province.
HOME = {"66": "24133"}

DEPARTMENTS = [
    ("Văn phòng Ủy ban nhân dân", "Văn phòng UBND"),
    ("Sở Tư pháp", "Sở Tư pháp"),
    ("Sở Nội vụ", "Sở Nội vụ"),
    ("Sở Tài chính", "Sở Tài chính"),
    ("Sở Xây dựng", "Sở Xây dựng"),
    ("Sở Nông nghiệp và Môi trường", "Sở NN&MT"),
    ("Sở Công Thương", "Sở Công Thương"),
    ("Sở Khoa học và Công nghệ", "Sở KH&CN"),
    ("Sở Giáo dục và Đào tạo", "Sở GD&ĐT"),
    ("Sở Y tế", "Sở Y tế"),
    ("Sở Văn hóa, Thể thao và Du lịch", "Sở VHTT&DL"),
]


def load(progress: Callable[[str], None]) -> None:
    """Make the agencies that are not there yet, each in a transaction of its own: none may last five seconds."""
    here = units.unit(settings.TINHSO.province)
    if here is None or here.parent:
        raise SystemExit(f"PROVINCE={settings.TINHSO.province} is not the unit code of a province.")
    top = ASSIGNED.get(here.code, f"T{here.code}")
    there = {agency.code: agency for agency in Agency.objects.filter(valid_to=None)}
    wanted = list(_agencies(here, top))
    if any(code not in there for code, *_rest in wanted):
        progress(f"agencies of {here.full_name}")
    for code, parent, name, short_name, kind, unit_code in wanted:
        if code not in there:
            there[code] = create_agency(
                code,
                name=name,
                short_name=short_name,
                kind=kind,
                parent=there.get(parent),
                unit_code=unit_code,
                constructed=code not in ASSIGNED.values(),
                by=BY,
                at=SINCE,
            )


def _agencies(here: units.Unit, top: str) -> Iterator[tuple[str, str, str, str, Kind, str]]:
    """Code, parent's code, name, short name, kind, unit code; a parent comes before its children."""
    province = f"{here.full_name[0].lower()}{here.full_name[1:]}"
    yield top, "", f"Ủy ban nhân dân {province}", f"UBND {province}", Kind.PROVINCE, here.code
    for number, (name, short_name) in enumerate(DEPARTMENTS, 1):
        yield f"{top}.{number:02}", top, name, short_name, Kind.DEPARTMENT, ""
    yield f"{top}.01.01", f"{top}.01", f"Trung tâm Phục vụ hành chính công {here.kind}", "TT PVHCC", Kind.UNIT, ""
    for commune in units.communes(here.code):
        named = f"{commune.kind} {commune.name}"
        yield f"{top}.{commune.code}", top, f"Ủy ban nhân dân {named}", f"UBND {named}", Kind.COMMUNE, commune.code


def home() -> tuple[Agency, Agency, Agency]:
    """The province's committee, the commune of the demo staff, and a sibling commune."""
    code = settings.TINHSO.province
    codes = [unit.code for unit in units.communes(code)]
    first = HOME.get(code, codes[0])
    codes.remove(first)
    open_ones = Agency.objects.filter(valid_to=None)
    return (
        open_ones.get(parent=None, unit_code=code),
        open_ones.get(unit_code=first),
        open_ones.get(unit_code=codes[0]),
    )
