from __future__ import annotations

import pytest
from django.test import Client

from tinhso.config.config import Mode
from tinhso.core.accounts import demo, queries
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Agency, Kind, Role, Staff
from tinhso.simulators.vneid.citizens import CITIZENS


@pytest.fixture
def province(db):
    agencies.load(lambda line: None)
    demo.load(lambda line: None)


def test_the_demo_province_has_its_agencies_and_a_second_load_changes_nothing(province):
    assert Agency.objects.get(code="H15").constructed is False
    communes = Agency.objects.filter(kind=Kind.COMMUNE)
    assert communes.count() == 102
    assert communes.filter(constructed=True, parent__code="H15").count() == 102
    assert Agency.objects.get(code="H15.24133").name == "Ủy ban nhân dân phường Buôn Ma Thuột"
    counts = Agency.objects.count(), Account.objects.count()
    agencies.load(lambda line: None)
    demo.load(lambda line: None)
    assert (Agency.objects.count(), Account.objects.count()) == counts


def test_every_role_has_someone_and_every_printed_account_lets_one_in(province):
    commune = Agency.objects.get(code="H15.24133")
    held = {role for post in Staff.objects.filter(agency=commune) for role in post.roles}
    assert held == set(Role) - {Role.AUDITOR}
    for _who, name, password in demo.accounts()[:-1]:
        answer = Client().post("/dang-nhap/", {"login": name, "password": password})
        assert answer.status_code == 302, name
    _who, _scheme, token = demo.accounts()[-1]
    assert queries.client_of(token, Account.objects.latest("created_at").created_at) is not None


def test_the_citizens_are_those_of_the_vneid_simulator(province):
    simulated = {c.number: c.name for c in CITIZENS}
    for _username, number, name, *_rest in demo.CITIZENS:
        assert simulated[number] == name


def test_another_province_works_too(db, settings):
    settings.TINHSO = settings.TINHSO.model_copy(update={"province": "48"})
    agencies.load(lambda line: None)
    demo.load(lambda line: None)
    top, home, sibling = agencies.home()
    assert (top.code, top.constructed, top.unit_code) == ("T48", True, "48")
    assert home != sibling


def test_production_gets_no_demo_accounts(db, settings):
    agencies.load(lambda line: None)
    settings.TINHSO = settings.TINHSO.model_copy(update={"mode": Mode.PRODUCTION})
    with pytest.raises(SystemExit):
        demo.load(lambda line: None)
    assert not Account.objects.exists()
