"""The citizen's list shows a joint application as one, with its parts beneath it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.house.databases import Database
from tests.systems.dossiers.builders import MONDAY, a_dossier, by, citizen
from tinhso.core.agencies.models import Role
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers import listing
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.linked import demo

from .builders import a_joint

LIST = "/ho-so/"
ABOUT = ("dossiers_", "linked_", "process_task", "procedures_")


@pytest.fixture
def hoa(province: Database) -> Client:
    demo.publish_procedures()
    client = Client()
    client.force_login(citizen())
    return client


def asked(client: Client) -> list[str]:
    """What the list asks the database about dossiers, once the process has read its catalogue."""
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    return [one["sql"] for one in queries.captured_queries if any(f'FROM "{name}' in one["sql"] for name in ABOUT)]


def test_one_row_for_the_whole_with_its_parts_beneath_it(hoa: Client) -> None:
    one, alone = a_joint().submitted().accepted(), a_dossier().submitted()
    page = hoa.get(LIST).content.decode()
    assert page.count("<strong>") == 2, "the joint application, and the one that is alone"
    (beneath,) = re.findall(r'<ul class="beneath".*?</ul>', page, re.DOTALL)
    assert one["birth"].code in beneath
    assert one.row.code not in beneath
    assert alone.row.code not in beneath
    assert page.count(one["birth"].code) == 1, "a part is no row of its own"
    assert beneath.count("<li>") == 3
    assert beneath.count("Được mở ngay khi xong") == 2, "residence and insurance wait for the birth"
    one.birth_issued()
    (beneath,) = re.findall(r'<ul class="beneath".*?</ul>', hoa.get(LIST).content.decode(), re.DOTALL)
    assert "Đang ở: Công an cấp xã" in beneath
    assert one["residence"].get_state_display() in beneath


def test_the_list_asks_no_more_for_more_dossiers(hoa: Client) -> None:
    a_joint().submitted().accepted()
    few = asked(hoa)
    assert len(few) == 3, "dossiers, their parts, open steps"
    a_joint().submitted().accepted().birth_issued()
    a_dossier().submitted()
    assert len(asked(hoa)) == 3


def test_a_list_without_joint_dossiers_asks_nothing_about_parts(hoa: Client) -> None:
    a_dossier().submitted()
    assert len(asked(hoa)) == 2


def test_what_one_must_do_for_a_part_stands_with_it(hoa: Client) -> None:
    one = a_joint().submitted().accepted()
    reason = "Giấy chứng sinh."
    until = (MONDAY + timedelta(days=20)).date()
    dossiers.ask_supplement(one["birth"], reason=reason, until=until, by=by(Role.OFFICER), at=one.later())
    (beneath,) = re.findall(r'<ul class="beneath".*?</ul>', hoa.get(LIST).content.decode(), re.DOTALL)
    assert 'class="notice tone-do"' in beneath


def test_a_part_whose_whole_is_somebody_else_s_stands_by_itself(hoa: Client) -> None:
    one = a_joint().submitted().accepted()
    minh = citizen("minh")
    Dossier.objects.filter(pk=one.pk).update(account=minh, applicant=minh.person)
    page = hoa.get(LIST).content.decode()
    assert one["birth"].code in page
    assert one.row.code not in page
    assert 'class="beneath"' not in page


def test_older_ones_are_a_page_further(hoa: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing.listed, "__defaults__", (2,))
    joint = a_joint(MONDAY).submitted().accepted()
    codes = [joint.row.code, *(a_dossier(MONDAY + timedelta(days=day)).submitted().row.code for day in (1, 2))]
    first = hoa.get(LIST).content.decode()
    assert [code in first for code in codes] == [False, True, True]
    (older,) = re.findall(r'href="([?]truoc=[0-9a-f-]{36})"', first)
    second = hoa.get(LIST + older).content.decode()
    assert [code in second for code in codes] == [True, False, False]
    assert 'href="?truoc=' not in second
    assert hoa.get(f"{LIST}?truoc=khong-co").status_code == 200


def test_the_start_page_tells_of_the_whole_not_of_each_part(hoa: Client) -> None:
    one = a_joint().submitted().accepted().birth_issued()
    page = hoa.get("/").content.decode()
    assert f"/ho-so/{one.pk}/" in page
    assert f"/ho-so/{one['birth'].pk}/" not in page
