from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.accounts.people import AT, BY, an_agency, an_official, signed_in
from tests.core.accounts.test_pages import text

from tinhso.core.agencies import queries, units
from tinhso.core.agencies.actions import create_agency
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.agencies.succession import merge_agency
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

LATER = AT + timedelta(days=1)


@pytest.fixture
def house(db):
    province = an_agency(unit_code="66")
    old = an_agency("H15.1", parent=province, name="UBND phường Tân Lợi")
    new = an_agency("H15.2", parent=province, name="UBND phường Buôn Ma Thuột")
    an_agency("H15.1.01", parent=old)
    return {"province": province, "old": old, "new": new, "chair": an_official(old, "leader", "officer")}


def merged(house, **more) -> Agency:
    return merge_agency(house["old"], house["new"], **({"with_staff": True, "by": BY, "at": LATER} | more))


def test_who_looks_for_the_old_code_is_led_to_the_successor_and_what_hung_under_it_hangs_there(house):
    merged(house)
    assert queries.find_agency("H15.1", LATER) == house["new"]
    assert queries.find_agency("H15.1", AT) == house["old"]
    assert Agency.objects.get(code="H15.1.01").parent == house["new"]
    entry = Entry.objects.get(event="agency.merged")
    assert entry.data["successor_code"] == "H15.2"


def test_people_go_over_without_leading_and_see_what_the_old_agency_did(house):
    receptionist = an_official(house["new"], "receptionist")
    merged(house)
    post = Staff.objects.get(account=house["chair"].account, valid_to=None)
    assert (post.agency, post.roles) == (house["new"], ["officer"])
    assert queries.reaches(receptionist, house["old"].pk)
    assert queries.reaches(post, house["old"].pk)


def test_a_second_merger_leads_the_first_one_on(house):
    third = an_agency("H15.3", parent=house["province"])
    merged(house)
    merge_agency(Agency.objects.get(code="H15.2"), third, with_staff=False, by=BY, at=LATER + timedelta(days=1))
    assert queries.find_agency("H15.1", LATER + timedelta(days=2)) == third
    assert Agency.objects.get(code="H15.1").successor == third
    assert queries.reaches(an_official(third, "officer"), house["old"].pk)


def test_no_merger_into_oneself_ones_own_or_another_tree(house):
    other = create_agency("Q15", name="Tỉnh ủy", short_name="TU", kind="party", by=BY, at=AT)
    for successor in (house["old"], Agency.objects.get(code="H15.1.01"), other):
        with pytest.raises(Refused):
            merge_agency(house["old"], successor, with_staff=True, by=BY, at=LATER)
    assert Agency.objects.get(pk=house["old"].pk).valid_to is None


def test_the_list_of_2025_names_heirs_of_an_old_commune():
    heirs = units.merged_into("UBND phường Tân Lợi", "66")
    assert heirs
    assert all(unit.parent == "66" for unit in heirs)
    assert units.merged_into("UBND xã Không Có", "66") == ()


def test_trees_share_no_view_and_only_the_province_opens_one(house):
    browser = signed_in(an_official(house["province"], "administrator").account)
    below = signed_in(an_official(house["new"], "administrator").account)
    form = {"name": "Tỉnh ủy", "short_name": "Tỉnh ủy", "code": "Q15", "kind": "party", "username": "dang.qt",
            "display_name": "Người Của Đảng"}  # fmt: skip
    assert below.get("/quan-tri/cay-moi/").status_code == 403
    answer = browser.post("/quan-tri/cay-moi/", form)
    assert answer.status_code == 200, text(answer)
    root = Agency.objects.get(code="Q15")
    assert browser.get(f"/quan-tri/co-quan/{root.pk}/").status_code == 404
    party = Staff.objects.get(account__username="dang.qt")
    assert not queries.reaches(party, house["province"].pk)
    from tests.core.accounts.people import PASSWORD

    from tinhso.core.accounts.actions import change_password

    change_password(party.account, PASSWORD, by=BY, at=AT)
    theirs = signed_in(party.account)
    assert theirs.get("/quan-tri/xoa-du-lieu/").status_code == 403
    assert theirs.get(f"/quan-tri/co-quan/{house['new'].pk}/").status_code == 404
    assert theirs.get("/quan-tri/cay-moi/").status_code == 403


def test_the_page_merges_within_reach(house):
    browser = signed_in(an_official(house["province"], "administrator").account)
    page = f"/quan-tri/co-quan/{house['old'].pk}/sap-nhap"
    assert "Phường" in text(browser.get(page))
    assert browser.post(page, {"successor": str(house["new"].pk), "with_staff": "on"}).status_code == 302
    assert "UBND phường Tân Lợi" in text(browser.get(f"/quan-tri/co-quan/{house['new'].pk}/"))
