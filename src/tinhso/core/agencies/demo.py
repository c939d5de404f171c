"""The agencies of the demo province: its committee, departments, and every commune."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

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

OFFICE = "Văn phòng Ủy ban nhân dân"
DEPARTMENTS = [
    (OFFICE, "Văn phòng UBND"),
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
    """Make the agencies where they are not there yet."""
    if Agency.objects.filter(parent=None, unit_code=settings.TINHSO.province).exists():
        return
    here = units.unit(settings.TINHSO.province)
    if here is None or here.parent:
        raise SystemExit(f"PROVINCE={settings.TINHSO.province} is not the unit code of a province.")
    progress(f"agencies of {here.full_name}")
    with transaction.atomic():
        _fill(here)


def _fill(here: units.Unit) -> None:
    code = ASSIGNED.get(here.code, f"T{here.code}")
    province = create_agency(
        code,
        name=f"Ủy ban nhân dân {here.full_name[0].lower()}{here.full_name[1:]}",
        short_name=f"UBND {here.full_name[0].lower()}{here.full_name[1:]}",
        kind=Kind.PROVINCE,
        unit_code=here.code,
        constructed=here.code not in ASSIGNED,
        by=BY,
        at=SINCE,
    )
    for number, (name, short_name) in enumerate(DEPARTMENTS, 1):
        department = create_agency(
            f"{code}.{number:02}",
            name=f"{name} {here.kind}" if name == OFFICE else name,
            short_name=short_name,
            kind=Kind.DEPARTMENT,
            parent=province,
            constructed=True,
            by=BY,
            at=SINCE,
        )
        if name == OFFICE:
            create_agency(
                f"{department.code}.01",
                name=f"Trung tâm Phục vụ hành chính công {here.kind}",
                short_name="TT PVHCC",
                kind=Kind.UNIT,
                parent=department,
                constructed=True,
                by=BY,
                at=SINCE,
            )
    for commune in units.communes(here.code):
        create_agency(
            f"{code}.{commune.code}",
            name=f"Ủy ban nhân dân {commune.kind} {commune.name}",
            short_name=f"UBND {commune.kind} {commune.name}",
            kind=Kind.COMMUNE,
            parent=province,
            unit_code=commune.code,
            constructed=True,
            by=BY,
            at=SINCE,
        )


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
