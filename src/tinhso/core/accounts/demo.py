"""The people of the demo province. All of them are constructed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from ..agencies import demo as agencies
from ..agencies.actions import add_staff
from ..agencies.models import Capacity, Role
from ..ledger.actions import Actor
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
    Official("kiemtra.tinh", "Bùi Thị Lan Anh", "Thanh tra viên", (Role.AUDITOR,)),
    Official("quantri.tinh", "Ngô Gia Bảo", "Quản trị hệ thống", (Role.ADMINISTRATOR,)),
]
SIBLING = [
    Official("motcua2", "Dương Thị Kim Chi", "Công chức Một cửa", (Role.RECEPTIONIST,)),
    Official("tuphap2", "Huỳnh Tấn Phát", "Công chức Tư pháp - Hộ tịch", (Role.OFFICER,)),
]
# Username, national ID (the same as at the VNeID simulator), name, birth date, sex, telephone.
CITIZENS = [
    ("hoa", "066190000001", "Nguyễn Thị Hoa", date(1990, 3, 8), Sex.FEMALE, "0900000001"),
    ("minh", "066085000002", "Trần Văn Minh", date(1985, 11, 20), Sex.MALE, "0900000002"),
]


def load(progress: Callable[[str], None]) -> None:
    """Make the accounts where they are not there yet. Refuses outside demo mode."""
    if not settings.TINHSO.demo:
        raise SystemExit("Demo accounts are never made in production.")
    if Account.objects.filter(username=COMMUNE[0].username).exists():
        return
    progress("accounts of citizens and officials")
    with transaction.atomic():
        _fill()


def accounts() -> list[tuple[str, str, str]]:
    """Who, username and password of every demo account, to be printed at start."""
    _province, commune, sibling = agencies.home()
    rows = [(name, username, PASSWORD) for username, _number, name, *_rest in CITIZENS]
    for agency, officials in ((commune, COMMUNE), (sibling, SIBLING), (_province, PROVINCE)):
        rows += [(f"{one.title}, {agency.short_name}", one.username, PASSWORD) for one in officials]
    token = settings.TINHSO.data_dir / TOKEN
    return [*rows, ("API", "Bearer", token.read_text())] if token.exists() else rows


def _fill() -> None:
    at = timezone.now()
    province, commune, sibling = agencies.home()
    made = []
    for username, number, name, born, sex, phone in CITIZENS:
        person = register_person(
            number,
            full_name=name,
            birth_date=born,
            sex=sex,
            phone=phone,
            province_code=province.unit_code,
            commune_code=commune.unit_code,
            address="12 đường Nơ Trang Lơng",
            by=BY,
            at=at,
        )
        made.append(
            create_account(
                username, kind=AccountKind.CITIZEN, display_name=name, person=person, phone=phone, by=BY, at=at
            )
        )
    for agency, officials in ((commune, COMMUNE), (province, PROVINCE), (sibling, SIBLING)):
        for one in officials:
            account = create_account(one.username, kind=AccountKind.OFFICIAL, display_name=one.name, by=BY, at=at)
            add_staff(
                account, agency, roles=one.roles, title=one.title, capacity=one.capacity, by=BY, at=agencies.SINCE
            )
            made.append(account)
    # One slow hash for all: they share their password anyway.
    Account.objects.filter(pk__in=[account.pk for account in made]).update(password=make_password(PASSWORD))
    scopes = ["dossiers:read", "dossiers:submit", "procedures:read"]
    _client, token = issue_api_client("Hệ thống mẫu", scopes=scopes, agency=commune, by=BY, at=at)
    path = settings.TINHSO.data_dir / TOKEN
    path.touch(mode=0o600)
    path.write_text(token)
