"""Builders: agencies, officials and citizens of a small province."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.test import Client

from tinhso.core.accounts.actions import appoint, change_password, create_account, register_person
from tinhso.core.accounts.models import Account, Person
from tinhso.core.agencies.actions import create_agency
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ledger.actions import Actor

BY = Actor.system("tests")
AT = datetime(2026, 10, 8, 2, 0, tzinfo=UTC)  # 9:00 in Việt Nam
PASSWORD = "năm từ rất dễ nhớ"


def an_agency(code: str = "H15", *, parent: Agency | None = None, at: datetime = AT, **more: Any) -> Agency:
    more.setdefault("name", f"Cơ quan {code}")
    more.setdefault("short_name", code)
    more.setdefault("kind", "commune" if parent else "province")
    return create_agency(code, parent=parent, by=BY, at=at, **more)


def an_official(agency: Agency, *roles: str, username: str = "", at: datetime = AT, **more: Any) -> Staff:
    username = username or f"{roles[0]}.{agency.code}".lower()
    more.setdefault("display_name", "Người Dựng Sẵn")
    staff = appoint(username, agency, roles=roles, by=BY, at=at, **more)
    change_password(staff.account, PASSWORD, by=BY, at=at)
    return staff


def a_person(national_id: str = "066190000001", **more: Any) -> Person:
    more.setdefault("full_name", "Nguyễn Thị Hoa")
    return register_person(national_id, by=BY, at=AT, **more)


def a_citizen(national_id: str = "066190000001", *, username: str = "hoa", **more: Any) -> Account:
    person = a_person(national_id)
    return create_account(
        username,
        kind="citizen",
        display_name=person.full_name,
        person=person,
        password=PASSWORD,
        by=BY,
        at=AT,
        **more,
    )


def signed_in(account: Account) -> Client:
    """A browser in which this account has signed in with its password."""
    browser = Client()
    answer = browser.post("/dang-nhap/", {"login": account.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return browser
