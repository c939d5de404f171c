from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from tests.core.accounts.people import AT, BY, a_citizen, an_agency, an_official, signed_in
from tests.core.accounts.test_pages import text

from tinhso.core.accounts import actions
from tinhso.core.accounts.models import Account, Person
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

CARD = {"national_id": "066190000001", "full_name": "Nguyễn Thị Hoa", "birth_date": "1990-03-08", "sex": "female"}
NEW = "bốn từ rất lạ nhé"


def opened(**more) -> tuple[Account, str]:
    given = {"full_name": "Nguyễn Thị Hoa", "card_seen": True, "by": BY, "at": AT} | more
    return actions.open_at_counter("066190000001", **given)


def tried(account: Account, password: str, at=AT):
    return actions.password_attempt(account.username, password, address="192.0.2.7", at=at)


def test_an_account_opened_at_a_counter_has_a_name_and_a_password_one_can_copy_from_paper(db):
    account, password = opened(birth_date=date(1990, 3, 8), phone="0905111222")
    assert re.fullmatch(r"hoa\d{5}", account.username)
    assert re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){2}[a-hjkmnp-z2-9]{4}", password)
    assert tried(account, password).account == account
    entry = Entry.objects.get(event="account.password_handed_out")
    assert (entry.subject_id, entry.data["identified_by"]) == (account.pk, "id_card")
    assert password not in str(Entry.objects.values_list("payload", flat=True))


def test_the_paper_is_void_after_seven_days_and_after_a_new_password(db):
    account, password = opened()
    assert tried(account, password, AT + timedelta(days=7, seconds=1)).refused.code == "one_time_void"
    actions.change_password(account, NEW, by=BY, at=AT)
    assert tried(account, NEW, AT + timedelta(days=8)).account == account
    assert tried(account, password).refused.code == "sign_in_failed"


def test_who_has_an_account_keeps_it_and_gets_a_new_password(db):
    account = a_citizen()
    actions.change_profile(account.person, phone="0905111222", by=BY, at=AT)
    again, password = opened()
    assert (again.pk, again.username, again.phone) == (account.pk, "hoa", "0905111222")
    assert tried(account, password).account == account
    assert Person.objects.count() == 1


def test_an_account_that_vneid_made_gets_a_name_one_can_type(db):
    account = actions.identify("066190000001", full_name="NGUYỄN THỊ HOA", by=BY, at=AT)
    again, _password = opened()
    assert again.pk == account.pk
    assert again.username.startswith("hoa")


def test_without_a_look_at_the_card_or_with_a_wrong_one_nothing_is_made(db):
    with pytest.raises(Refused, match="thẻ"):
        opened(card_seen=False)
    with pytest.raises(Refused) as refused:
        opened(birth_date=date(1991, 3, 8))
    assert refused.value.field == "national_id"
    assert not Account.objects.exists()
    assert not Entry.objects.exists()


def test_the_sheet_leads_to_a_password_of_ones_own_before_anything_else(db):
    desk = signed_in(an_official(an_agency(), "receptionist").account)
    assert desk.post("/quay/tai-khoan/", CARD).status_code == 422
    sheet = desk.post("/quay/tai-khoan/", {**CARD, "card_seen": "on"})
    username, password = re.findall(r"<code>([^<]+)</code>", sheet.content.decode())
    assert "no-store" in sheet["Cache-Control"]
    browser = Client()
    browser.post("/dang-nhap/", {"login": username, "password": password})
    assert browser.get("/toi/du-lieu/")["Location"] == "/tai-khoan/mat-khau/"
    assert "dùng một lần" in text(browser.get("/tai-khoan/mat-khau/"))
    browser.post("/tai-khoan/mat-khau/", {"oldpassword": password, "password1": NEW, "password2": NEW})
    page = browser.get("/toi/du-lieu/")
    assert "Nguyễn Thị Hoa" in text(page)
    assert "066190000001" not in text(page)
    entry = Entry.objects.get(event="account.password_handed_out")
    assert entry.actor.startswith("account:")


def test_only_a_receptionist_opens_accounts(db):
    agency = an_agency()
    for role in ("officer", "administrator", "leader"):
        assert signed_in(an_official(agency, role).account).get("/quay/tai-khoan/").status_code == 403


@pytest.fixture
def province(db):
    agency = an_agency()
    return {"agency": agency, "browser": signed_in(an_official(agency, "administrator").account), "hoa": a_citizen()}


def second_step(browser: Client, number: str = "066190000001") -> str:
    page = browser.post("/quan-tri/xoa-du-lieu/", {"national_id": number})
    assert page.status_code == 200, text(page)
    assert "0661•••••001" in text(page)
    return re.search(r'name="person" value="([^"]+)"', page.content.decode())[1]


REASON = "Đơn số 12/2026 ngày 20/11/2026"


def test_erasing_takes_two_steps_and_the_number_twice(province):
    browser = province["browser"]
    token = second_step(browser)
    assert Person.objects.exists()
    wrong = {"person": token, "reason": REASON, "again": "066085000002"}
    assert browser.post("/quan-tri/xoa-du-lieu/xac-nhan", wrong).status_code == 422
    short = {"person": token, "reason": "vì", "again": "066190000001"}
    assert browser.post("/quan-tri/xoa-du-lieu/xac-nhan", short).status_code == 422
    named = {"person": token, "reason": "Bà nguyễn thị hoa yêu cầu", "again": "066190000001"}
    assert "không ghi tên" in text(browser.post("/quan-tri/xoa-du-lieu/xac-nhan", named))
    assert Person.objects.exists()
    right = {"person": token, "reason": REASON, "again": "0661 9000 0001"}
    assert browser.post("/quan-tri/xoa-du-lieu/xac-nhan", right).status_code == 302
    assert not Person.objects.exists()
    assert not Account.objects.get(pk=province["hoa"].pk).is_active


def test_the_reason_of_an_erasure_stays_beside_its_entry_and_the_look_in_the_access_log(province):
    from tinhso.core.ledger.models import AccessEntry, Remark

    token = second_step(province["browser"])
    assert AccessEntry.objects.get(event="person.looked_up").subject_id == province["hoa"].person_id
    form = {"person": token, "reason": REASON, "again": "066190000001"}
    province["browser"].post("/quan-tri/xoa-du-lieu/xac-nhan", form)
    entry = Entry.objects.get(event="person.erased")
    assert Remark.objects.get(entry_id=entry.pk).words == REASON


def test_a_confirmation_from_yesterday_or_of_somebody_elses_making_is_refused(province, monkeypatch):
    from tinhso.core.ui.pages.accounts import erasure

    token = second_step(province["browser"])
    monkeypatch.setattr(erasure, "GOOD_FOR", -1)
    form = {"person": token, "reason": REASON, "again": "066190000001"}
    assert province["browser"].post("/quan-tri/xoa-du-lieu/xac-nhan", form).status_code == 409
    form["person"] = str(province["hoa"].person_id)
    assert province["browser"].post("/quan-tri/xoa-du-lieu/xac-nhan", form).status_code == 409
    assert Person.objects.exists()


def test_an_administrator_of_a_commune_erases_nobody(province):
    commune = an_agency("H15.24133", parent=province["agency"])
    browser = signed_in(an_official(commune, "administrator").account)
    assert browser.get("/quan-tri/xoa-du-lieu/").status_code == 403
    assert browser.post("/quan-tri/xoa-du-lieu/", {"national_id": "066190000001"}).status_code == 403


def test_an_unknown_number_is_said_beside_the_field(province):
    answer = province["browser"].post("/quan-tri/xoa-du-lieu/", {"national_id": "066085000002"})
    assert answer.status_code == 422
    assert "Không lưu" in text(answer)
