"""The people of the demo province. All of them are constructed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from ..agencies import demo as agencies
from ..agencies.actions import add_staff
from ..agencies.models import Agency, Capacity, Role
from ..ledger.actions import Actor, action
from .actions import create_account, issue_api_client, register_person
from .models import Account, AccountKind, Sex

PASSWORD = "tinhso-demo-2026"  # noqa: S105  # of every demo account; production has none of them
BY = Actor.system("demo")
TOKEN = "demo-api-token"  # noqa: S105  # the file in DATA_DIR that keeps the demo client's token


class Official(NamedTuple):
    username: str
    name: str
    title: str
    roles: tuple[Role, ...]
    capacity: str = Capacity.OWN


COMMUNE = [
    Official("motcua", "Nguyễn Thị Thanh Hà", "Công chức Một cửa", (Role.RECEPTIONIST,)),
    Official("tuphap", "Lê Quang Huy", "Công chức Tư pháp - Hộ tịch", (Role.OFFICER,)),
    Official("truongphong", "Y Thanh Mlô", "Trưởng phòng Văn hóa - Xã hội", (Role.UNIT_HEAD,), Capacity.TL),
    Official("chutich", "Trần Đức Long", "Chủ tịch", (Role.LEADER,), Capacity.TM),
    Official("phochutich", "H'Yên Byă", "Phó Chủ tịch", (Role.LEADER,), Capacity.KT),
    Official("vanthu", "Phạm Thu Trang", "Văn thư", (Role.CLERK,)),
    Official("quantri", "Võ Minh Tuấn", "Quản trị hệ thống", (Role.ADMINISTRATOR,)),
]
PROVINCE = [
    Official("lanhdao.tinh", "Đặng Hữu Phúc", "Chủ tịch", (Role.LEADER,), Capacity.TM),
    Official("vanphong.tinh", "Nguyễn Quốc Việt", "Chuyên viên Văn phòng", (Role.OFFICER,)),
    Official("chanhvp.tinh", "Trịnh Thị Thu Hương", "Chánh Văn phòng", (Role.UNIT_HEAD,), Capacity.TL),
    Official("vanthu.tinh", "Lương Thị Mai", "Văn thư", (Role.CLERK,)),
    Official("kiemtra.tinh", "Bùi Thị Lan Anh", "Thanh tra viên", (Role.AUDITOR,)),
    Official("quantri.tinh", "Ngô Gia Bảo", "Quản trị hệ thống", (Role.ADMINISTRATOR,)),
]
SIBLING = [
    Official("chutich2", "Nay H'Nan", "Chủ tịch", (Role.LEADER,), Capacity.TM),
    Official("vanthu2", "Tạ Minh Châu", "Văn thư", (Role.CLERK,)),
    Official("motcua2", "Dương Thị Kim Chi", "Công chức Một cửa", (Role.RECEPTIONIST,)),
    Official("tuphap2", "Huỳnh Tấn Phát", "Công chức Tư pháp - Hộ tịch", (Role.OFFICER,)),
]
# Username, national ID (the same as at the VNeID simulator), name, birth date, sex, telephone.
CITIZENS = [
    ("hoa", "066190000001", "Nguyễn Thị Hoa", date(1990, 3, 8), Sex.FEMALE, "0900000001"),
    ("minh", "066085000002", "Trần Văn Minh", date(1985, 11, 20), Sex.MALE, "0900000002"),
]


def load(progress: Callable[[str], None]) -> None:
    """Make the accounts that are not there yet. Refuses outside demo mode."""
    if not settings.TINHSO.demo:
        raise SystemExit("Demo accounts are never made in production.")
    there = set(Account.objects.values_list("username", flat=True))
    province, commune, sibling = agencies.home()
    posts = [
        (one, agency) for agency, them in ((commune, COMMUNE), (province, PROVINCE), (sibling, SIBLING)) for one in them
    ]
    wanted = {one.username for one, _agency in posts} | {username for username, *_rest in CITIZENS}
    if wanted - there:
        progress("accounts of citizens and officials")
    at = timezone.now()
    for username, number, name, born, sex, phone in CITIZENS:
        if username not in there:
            _citizen(username, number, name, born, sex, phone, commune, at)
    for one, agency in posts:
        if one.username not in there:
            with transaction.atomic():
                account = create_account(one.username, kind=AccountKind.OFFICIAL, display_name=one.name, by=BY, at=at)
                add_staff(
                    account, agency, roles=one.roles, title=one.title, capacity=one.capacity, by=BY, at=agencies.SINCE
                )
    # One slow hash for all: they share their password anyway.
    Account.objects.filter(username__in=wanted - there).update(password=make_password(PASSWORD))
    if not _token().exists():
        scopes = ["dossiers:read", "dossiers:submit", "procedures:read"]
        _client, token = issue_api_client("Hệ thống mẫu", scopes=scopes, agency=commune, by=BY, at=at)
        _token().touch(mode=0o600)
        _token().write_text(token)


def accounts() -> list[tuple[str, str, str]]:
    """Who, username and password of every demo account, to be printed at start."""
    province, commune, sibling = agencies.home()
    rows = [(name, username, PASSWORD) for username, _number, name, *_rest in CITIZENS]
    for agency, officials in ((commune, COMMUNE), (sibling, SIBLING), (province, PROVINCE)):
        rows += [(f"{one.title}, {agency.short_name}", one.username, PASSWORD) for one in officials]
    return [*rows, ("API", "Bearer", _token().read_text())]


def _token() -> Path:
    path: Path = settings.TINHSO.data_dir / TOKEN
    return path


@action
def _citizen(
    username: str, number: str, name: str, born: date, sex: Sex, phone: str, commune: Agency, at: datetime
) -> None:
    person = register_person(
        number,
        full_name=name,
        birth_date=born,
        sex=sex,
        phone=phone,
        province_code=settings.TINHSO.province,
        commune_code=commune.unit_code,
        address="12 đường Nơ Trang Lơng",
        by=BY,
        at=at,
    )
    create_account(username, kind=AccountKind.CITIZEN, display_name=name, person=person, phone=phone, by=BY, at=at)
