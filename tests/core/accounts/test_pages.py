from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests.core.accounts.people import PASSWORD, a_citizen, an_agency, an_official, signed_in

from tinhso.config.config import Mode
from tinhso.core.accounts import queries
from tinhso.core.accounts.models import Account, ApiClient
from tinhso.core.agencies.models import Staff
from tinhso.core.ledger.actions import Actor, record_access
from tinhso.core.ledger.events import Event
from tinhso.core.ledger.models import Entry
from tinhso.core.ui.jobs import care
from tinhso.core.ui.pages.accounts import sign_in
from tinhso.core.ui.pages.accounts.sign_in import SEEN


def text(answer) -> str:
    """The words inside <main>, without marks."""
    main = answer.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_signing_in_gives_the_session_a_new_key_and_leads_on(db):
    account = a_citizen()
    browser = Client()
    browser.get("/dang-nhap/")
    browser.session["planted"] = 1
    browser.session.save()
    before = browser.session.session_key
    answer = browser.post("/dang-nhap/?next=/toi/du-lieu/", {"login": "hoa", "password": PASSWORD})
    assert answer["Location"] == "/toi/du-lieu/"
    assert browser.session.session_key != before
    entry = Entry.objects.get(event="account.signed_in")
    assert (entry.subject_id, entry.data) == (account.pk, {"method": "password", "second_factor": False})


@pytest.mark.parametrize(
    ("who", "on_the_way_to", "arrives"),
    [
        ("official", "", "/ban-lam-viec"),
        ("citizen", "", "/"),
        ("official", "/thu-tuc/?q=khai+sinh", "/thu-tuc/?q=khai+sinh"),
        ("official", "https://example.invalid/", "/ban-lam-viec"),
        ("official", "//example.invalid/", "/ban-lam-viec"),
        ("citizen", "https://example.invalid/", "/"),
    ],
)
def test_one_arrives_where_one_was_going_or_at_ones_own_place_and_never_at_another_site(
    db, who, on_the_way_to, arrives
):
    account = an_official(an_agency(), "officer").account if who == "official" else a_citizen()
    browser, address = Client(), "/dang-nhap/" + (f"?{urlencode({'next': on_the_way_to})}" if on_the_way_to else "")
    form = browser.get(address).content.decode().split("<main", 1)[1]
    sent = {name: unescape(value) for name, value in re.findall(r'name="(next)" value="([^"]*)"', form)}
    answer = browser.post(address, {"login": account.username, "password": PASSWORD, **sent})
    assert (answer.status_code, answer["Location"]) == (302, arrives)


def test_a_wrong_password_is_said_beside_the_form_and_the_name_kept(db):
    a_citizen()
    answer = Client().post("/dang-nhap/", {"login": "hoa", "password": "sai"})
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in text(answer)
    assert 'value="hoa"' in answer.content.decode()


def test_the_fifth_failure_says_how_long_to_wait(db):
    a_citizen()
    for _ in range(5):
        answer = Client().post("/dang-nhap/", {"login": "hoa", "password": "sai"})
    assert "15 phút" in text(answer)


def test_signing_out_is_recorded_and_ends_the_session(db):
    browser = signed_in(a_citizen())
    browser.post("/dang-xuat/")
    assert browser.get("/toi/ho-so/").status_code == 302
    assert Entry.objects.get(event="account.signed_out").data == {"reason": "asked"}


def lay_idle(browser: Client, time: timedelta) -> None:
    session = browser.session
    session[SEEN] = (timezone.now() - time).timestamp()
    session.save()


@pytest.mark.parametrize(
    ("roles", "minutes"), [(("officer",), 15), (("administrator",), 5), (("officer", "administrator"), 5)]
)
def test_an_idle_session_ends_sooner_the_more_its_owner_may(db, roles, minutes):
    browser = signed_in(an_official(an_agency(), *roles).account)
    lay_idle(browser, timedelta(minutes=minutes, seconds=-30))
    assert browser.get("/toi/ho-so/").status_code == 200
    lay_idle(browser, timedelta(minutes=minutes, seconds=1))
    answer = browser.get("/toi/ho-so/?x=1")
    assert answer["Location"] == "/dang-nhap/?next=/toi/ho-so/%3Fx%3D1"
    assert Entry.objects.get(event="account.signed_out").data == {"reason": "idle"}
    assert "lâu không thao tác" in text(browser.get(answer["Location"]))


def test_a_citizen_has_an_hour(db):
    browser = signed_in(a_citizen())
    lay_idle(browser, timedelta(minutes=59))
    assert browser.get("/toi/ho-so/").status_code == 200
    lay_idle(browser, timedelta(minutes=61))
    assert browser.get("/toi/ho-so/", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/dang-nhap/")


def test_a_session_of_a_disabled_account_is_over_at_once(db):
    account = a_citizen()
    browser = signed_in(account)
    Account.objects.update(disabled_at=timezone.now())
    assert browser.get("/toi/ho-so/").status_code == 302


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def with_second_factor(account: Account) -> str:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    with transaction.atomic():
        TOTP.activate(account, secret)
    return secret


def test_a_second_factor_is_asked_for_and_kept_encrypted(db):
    account = a_citizen()
    secret = with_second_factor(account)
    assert secret not in str(Authenticator.objects.get().data)
    browser = Client()
    assert browser.post("/dang-nhap/", {"login": "hoa", "password": PASSWORD})["Location"] == "/tai-khoan/buoc-hai/"
    assert browser.get("/toi/ho-so/").status_code == 302
    answer = browser.post("/tai-khoan/buoc-hai/", {"code": code_of(secret)})
    assert answer.status_code == 302
    assert browser.get("/toi/ho-so/").status_code == 200
    assert Entry.objects.get(event="account.signed_in").data["second_factor"] is True


def test_a_second_factor_is_not_guessed_more_than_five_times(db):
    account = a_citizen()
    secret = with_second_factor(account)
    browser = Client()
    browser.post("/dang-nhap/", {"login": "hoa", "password": PASSWORD})
    wrong = "000000" if code_of(secret) != "000000" else "111111"
    for _ in range(5):
        browser.post("/tai-khoan/buoc-hai/", {"code": wrong})
    answer = browser.post("/tai-khoan/buoc-hai/", {"code": code_of(secret)})
    assert "tạm khóa" in text(answer)
    assert browser.get("/toi/ho-so/").status_code == 302
    failures = Entry.objects.filter(event="account.sign_in_failed")
    assert [e.data["method"] for e in failures] == ["second_factor"] * 5
    assert Entry.objects.filter(event="account.locked").count() == 1


def confirm(browser: Client) -> None:
    """Enter the password once more, as the pages ask before a change of how one signs in."""
    assert browser.post("/tai-khoan/xac-nhan-lai/", {"password": PASSWORD}).status_code == 302


def test_setting_up_a_second_factor_asks_for_the_password_again_and_is_recorded(db):
    browser = signed_in(a_citizen())
    assert browser.get("/tai-khoan/buoc-hai/bat/")["Location"].startswith("/tai-khoan/xac-nhan-lai/")
    wrong = browser.post("/tai-khoan/xac-nhan-lai/", {"password": "sai"})
    assert "chưa đúng" in text(wrong)
    confirm(browser)
    page = browser.get("/tai-khoan/buoc-hai/bat/")
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page.content.decode())[1]
    answer = browser.post("/tai-khoan/buoc-hai/bat/", {"code": code_of(secret)})
    assert answer.status_code == 302, text(answer)
    states = {(e.data["kind"], e.data["state"]) for e in Entry.objects.filter(event="account.second_factor_changed")}
    assert ("totp", "added") in states
    assert browser.get("/tai-khoan/ma-du-phong/").status_code == 200


def test_in_production_an_administrator_gets_no_further_without_a_second_factor(db, settings):
    agency = an_agency()
    administrator, officer = an_official(agency, "administrator"), an_official(agency, "officer")
    browser, other = signed_in(administrator.account), signed_in(officer.account)
    assert browser.get("/quan-tri/co-quan/").status_code == 200
    settings.TINHSO = settings.TINHSO.model_copy(update={"mode": Mode.PRODUCTION})
    assert browser.get("/quan-tri/co-quan/")["Location"] == "/tai-khoan/an-toan/"
    confirm(browser)
    assert browser.get("/tai-khoan/buoc-hai/bat/").status_code == 200
    assert other.get("/toi/ho-so/").status_code == 200
    with_second_factor(administrator.account)
    assert browser.get("/quan-tri/co-quan/").status_code == 200


def test_the_old_password_is_needed_for_a_new_one_and_other_sessions_end(db):
    account = a_citizen()
    browser, elsewhere = signed_in(account), signed_in(account)
    new = {"password1": "một câu hoàn toàn khác", "password2": "một câu hoàn toàn khác"}
    assert "chưa đúng" in text(browser.post("/tai-khoan/mat-khau/", {"oldpassword": "sai", **new}))
    answer = browser.post("/tai-khoan/mat-khau/", {"oldpassword": PASSWORD, **new})
    assert answer.status_code == 302, text(answer)
    assert browser.get("/toi/ho-so/").status_code == 200
    assert elsewhere.get("/toi/ho-so/").status_code == 302
    assert Entry.objects.filter(event="account.password_changed", actor=f"account:{account.pk}").count() == 1


def test_nobody_makes_an_account_by_a_form(db):
    answer = Client().post("/dang-ky/", {"username": "ketrom", "password1": PASSWORD})
    assert not Account.objects.exists()
    assert "VNeID" in text(answer)


def test_a_citizen_changes_address_and_contact_and_sees_what_was_wrong(db):
    browser = signed_in(a_citizen())
    wrong = browser.post("/toi/ho-so/", {"phone": "12", "province_code": "66", "commune_code": "24133"})
    assert wrong.status_code == 422
    assert "Số điện thoại có 10 chữ số" in text(wrong)
    elsewhere = browser.post("/toi/ho-so/", {"province_code": "01", "commune_code": "24133"})
    assert elsewhere.status_code == 422
    assert "Ba Đình" in text(elsewhere)
    right = {"phone": "0905111222", "province_code": "66", "commune_code": "24133", "address": "12 Nơ Trang Lơng"}
    assert browser.post("/toi/ho-so/", right).status_code == 302
    person = queries.find_person("066190000001")
    assert (person.phone, person.commune_code, person.address) == ("0905111222", "24133", "12 Nơ Trang Lơng")


def test_one_sees_what_is_held_and_who_looked(db):
    class Looked(Event, name="tests.looked"):
        pass

    account, agency = a_citizen(), an_agency(name="UBND phường Buôn Ma Thuột")
    officer = Actor("account", str(an_official(agency, "officer").account_id), agency.pk)
    record_access(Looked(), subject=account.person, by=officer, at=timezone.now())
    browser = signed_in(account)
    page = text(browser.get("/toi/du-lieu/"))
    assert "UBND phường Buôn Ma Thuột" in page
    assert "0661•••••001" in page
    assert "066190000001" not in page
    file = browser.get("/toi/du-lieu/tai-ve")
    assert file.json()["holdings"]["accounts"]["profile"]["national_id"] == "066190000001"
    assert "attachment" in file["Content-Disposition"]


def test_an_official_without_a_person_has_no_such_page(db):
    browser = signed_in(an_official(an_agency(), "officer").account)
    assert browser.get("/toi/du-lieu/").status_code == 404
    assert browser.post("/toi/ho-so/", {"phone": "0905111222", "email": ""}).status_code == 302
    assert Account.objects.get().phone == "0905111222"


@pytest.fixture
def house(db):
    province = an_agency("H15")
    own, sibling = an_agency("H15.24133", parent=province), an_agency("H15.22015", parent=province)
    administrator = an_official(own, "administrator")
    return {
        "province": province,
        "own": own,
        "sibling": sibling,
        "browser": signed_in(administrator.account),
        "neighbour": an_official(sibling, "officer"),
        "administrator": administrator,
    }


def test_an_administrator_appoints_someone_who_then_chooses_a_password(house):
    browser, own = house["browser"], house["own"]
    answer = browser.post(
        f"/quan-tri/co-quan/{own.pk}/them-nguoi",
        {"username": "nguoi.moi", "display_name": "Người Mới", "roles": ["officer", "clerk"], "capacity": "TL"},
    )
    staff = Staff.objects.get(account__username="nguoi.moi")
    assert (staff.agency, staff.roles, staff.capacity) == (own, ["officer", "clerk"], "TL")
    invitation = browser.post(f"{answer['Location']}moi").content.decode()
    link = re.search(r'value="http://testserver([^"]+)"', invitation)[1]
    newcomer = Client()
    form = newcomer.get(link)["Location"]
    chosen = newcomer.post(form, {"password1": "bốn từ rất lạ nhé", "password2": "bốn từ rất lạ nhé"})
    assert chosen.status_code == 302, text(chosen)
    assert "dùng rồi" in text(Client().get(link))
    assert newcomer.post("/dang-nhap/", {"login": "nguoi.moi", "password": "bốn từ rất lạ nhé"}).status_code == 302


def test_a_mistake_comes_back_beside_its_field_with_what_was_typed(house):
    answer = house["browser"].post(
        f"/quan-tri/co-quan/{house['own'].pk}/them",
        {"name": "Tổ", "short_name": "Tổ", "code": "sai mã", "kind": "unit"},
    )
    assert answer.status_code == 422
    assert "H15.50.05" in text(answer)
    assert 'value="sai mã"' in answer.content.decode()


def test_an_administrator_unlocks_disables_and_opens_accounts(house):
    staff = an_official(house["own"], "clerk")
    Account.objects.filter(pk=staff.account_id).update(locked_until=timezone.now() + timedelta(minutes=9))
    page = f"/quan-tri/tai-khoan/{staff.account_id}/"
    for verb in ("mo-khoa", "vo-hieu", "mo-lai"):
        assert house["browser"].post(page + verb).status_code == 302
    events = Entry.objects.filter(subject_id=staff.account_id, actor__startswith="account:").order_by("serial")
    assert [e.event for e in events] == ["account.unlocked", "account.disabled", "account.enabled"]


def test_an_administrator_gives_and_takes_api_clients(house):
    answer = house["browser"].post(
        "/quan-tri/api/", {"name": "Cổng", "agency": str(house["own"].pk), "scopes": "procedures:read"}
    )
    token = re.search(r'value="(tinhso_[^"]+)"', answer.content.decode())[1]
    client = queries.client_of(token, timezone.now())
    assert client.agency == house["own"]
    assert token not in house["browser"].get("/quan-tri/api/").content.decode()
    house["browser"].post(f"/quan-tri/api/{client.pk}/thu-hoi")
    assert queries.client_of(token, timezone.now()) is None


def test_nothing_of_a_sibling_or_of_the_parent_is_in_reach(house):
    browser, neighbour = house["browser"], house["neighbour"]
    for agency in (house["sibling"], house["province"]):
        for page in ("", "them", "sua", "them-nguoi"):
            assert browser.get(f"/quan-tri/co-quan/{agency.pk}/{page}").status_code == 404
        assert browser.post(f"/quan-tri/co-quan/{agency.pk}/dong").status_code == 404
        wrong = {"name": "X", "agency": str(agency.pk), "scopes": "a:b"}
        assert browser.post("/quan-tri/api/", wrong).status_code == 422
    assert browser.get(f"/quan-tri/nguoi/{neighbour.pk}/").status_code == 404
    assert browser.post(f"/quan-tri/nguoi/{neighbour.pk}/ket-thuc").status_code == 404
    for verb in ("mo-khoa", "vo-hieu", "mo-lai", "moi"):
        assert browser.post(f"/quan-tri/tai-khoan/{neighbour.account_id}/{verb}").status_code == 404
    assert not ApiClient.objects.exists()
    assert house["sibling"].code not in text(browser.get("/quan-tri/co-quan/?q=H15"))


def test_only_administrators_see_these_pages(house):
    for staff in (an_official(house["own"], "leader"), an_official(house["own"], "receptionist")):
        browser = signed_in(staff.account)
        for page in ("/quan-tri/co-quan/", "/quan-tri/tai-khoan/", "/quan-tri/api/"):
            assert browser.get(page).status_code == 403
    assert Client().get("/quan-tri/api/").status_code == 302


class Post:
    """Stands in for the way to the mail server and keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []

    def configured(self) -> bool:
        return True

    def mail(self, **message: str) -> None:
        self.sent.append(message)


def test_a_forgotten_password_is_chosen_anew_by_a_mailed_link(db, monkeypatch):
    post = Post()
    monkeypatch.setattr(sign_in, "EMAIL", post)
    a_citizen(email="hoa@example.vn")
    browser = Client()
    browser.post("/tai-khoan/quen-mat-khau/", {"email": "Hoa@example.vn"})
    (mail,) = post.sent
    assert mail["to"].lower() == "hoa@example.vn"
    link = re.search(r"http://testserver(/\S+)", mail["text"])[1]
    form = browser.get(link)["Location"]
    browser.post(form, {"password1": "bốn từ rất lạ nhé", "password2": "bốn từ rất lạ nhé"})
    assert Client().post("/dang-nhap/", {"login": "hoa", "password": "bốn từ rất lạ nhé"}).status_code == 302


def test_asking_for_an_unknown_address_tells_nobody(db, monkeypatch):
    post = Post()
    monkeypatch.setattr(sign_in, "EMAIL", post)
    a_citizen(email="hoa@example.vn")
    known = Client().post("/tai-khoan/quen-mat-khau/", {"email": "hoa@example.vn"})
    unknown = Client().post("/tai-khoan/quen-mat-khau/", {"email": "khong@example.vn"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "VNeID" in post.sent[1]["text"]


def test_the_daily_care_disables_idle_officials(db):
    staff = an_official(an_agency(), "officer")
    Account.objects.update(created_at=timezone.now() - timedelta(days=46))
    care()
    assert Account.objects.get(pk=staff.account_id).disabled_at is not None
