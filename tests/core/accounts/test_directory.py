from __future__ import annotations

import pytest
from tests.core.accounts.people import AT, BY, a_citizen, an_agency, an_official, signed_in
from tests.core.accounts.people import PASSWORD as LOCAL
from tests.core.accounts.slapd import PASSWORD, Slapd, certificates, slapd

from tinhso.core.accounts import actions
from tinhso.core.accounts.actions import appoint
from tinhso.core.accounts.directory import DirectoryAway
from tinhso.core.accounts.models import Account
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

__all__ = ["slapd"]


@pytest.fixture
def house(db, slapd: Slapd, settings):
    settings.TINHSO = settings.TINHSO.model_copy(update=slapd.options())
    slapd.change("tuphap", "replace: employeeType\nemployeeType: staff")
    agency = an_agency()
    for username in ("tuphap", "motcua"):
        appoint(username, agency, display_name="Lê Quang Huy", roles=["officer"], by=BY, at=AT)
    return agency


def tried(login: str, password: str = PASSWORD) -> actions.Attempted:
    return actions.password_attempt(login, password, address="192.0.2.7", at=AT)


def events(name: str) -> int:
    return Entry.objects.filter(event=name).count()


def test_staff_come_in_by_the_directory_and_are_tied_to_their_entry(house):
    account = tried("tuphap").account
    assert account is not None
    assert len(account.directory_id) == 36
    assert tried("TUPHAP").account == account
    assert events("account.directory_linked") == 1
    assert not account.has_usable_password()


def test_a_wrong_or_empty_password_and_a_name_that_is_a_filter_open_nothing(house):
    for password in ("", "sai", "*"):
        assert tried("tuphap", password).refused.code == "sign_in_failed"
    for login in ("*", "tuphap)(uid=*", "tuphap)(|(uid=*"):
        assert tried(login).refused.code == "sign_in_failed"
    from tinhso.core.accounts.directory import configured

    assert configured().find("*") is None
    assert configured().find("tuphap)(uid=*") is None
    assert configured().find("tuphap").username == "tuphap"


def test_guesses_are_counted_here_before_the_directory_would_lock_anyone(house):
    codes = [tried("tuphap", "sai").refused.code for _ in range(6)]
    assert codes == [*["sign_in_failed"] * 4, *["account_locked"] * 2]
    assert {e.data["method"] for e in Entry.objects.filter(event="account.sign_in_failed")} == {"directory"}


def test_disabled_there_is_disabled_here_at_the_next_sign_in(house, slapd):
    assert tried("tuphap").account is not None
    slapd.disable("tuphap")
    assert tried("tuphap").refused.code == "account_disabled"
    assert Entry.objects.get(event="account.disabled").data == {"reason": "directory"}
    slapd.change("tuphap", "replace: employeeType\nemployeeType: staff")
    assert tried("tuphap").refused.code == "account_disabled"  # an administrator opens it again


def test_disabled_there_is_disabled_here_within_the_hour_and_a_passkey_does_not_help(house, slapd):
    account = tried("tuphap").account
    assert actions.sync_directory(at=AT) == 0
    assert actions.still_listed(account, at=AT)
    slapd.disable("tuphap")
    assert not actions.still_listed(account, at=AT)
    Account.objects.update(disabled_at=None)
    assert actions.sync_directory(at=AT) == 1
    assert actions.sync_directory(at=AT) == 0
    assert not Account.objects.get(pk=account.pk).is_active


def test_a_mistake_in_the_filter_does_not_send_everyone_home(house, slapd, settings):
    for number in range(8):
        appoint(f"nv{number}", house, display_name="Người Khác", roles=["officer"], by=BY, at=AT)
        Account.objects.filter(username=f"nv{number}").update(
            directory_id=f"00000000-0000-0000-0000-00000000000{number}"
        )
    settings.TINHSO = settings.TINHSO.model_copy(update={"ldap_filter": "(uid=khongai)"})
    with pytest.raises(Refused, match="LDAP_FILTER"):
        actions.sync_directory(at=AT)
    assert events("account.disabled") == 0


def test_when_the_directory_is_away_that_is_said_and_local_administrators_still_come_in(house, slapd):
    administrator = an_official(house, "administrator", username="quantri")
    slapd.stop()
    try:
        refused = tried("tuphap").refused
        assert (refused.code, refused.status) == ("directory_away", 503)
        assert "Thư mục" in str(refused)
        assert tried("quantri", LOCAL).account == administrator.account
        with pytest.raises(DirectoryAway):
            actions.sync_directory(at=AT)
    finally:
        slapd.start()
    assert tried("tuphap").account is not None


def test_a_directory_with_another_certificate_is_not_believed(house, slapd, settings, tmp_path):
    certificates(tmp_path)
    settings.TINHSO = settings.TINHSO.model_copy(update={"ldap_ca": str(tmp_path / "ca.pem")})
    assert tried("tuphap").refused.code == "directory_away"


def test_citizens_and_who_has_a_password_here_never_reach_the_directory(house, slapd):
    a_citizen(username="motcua1")
    an_official(house, "clerk", username="vanthu")
    slapd.add("vanthu")
    assert tried("vanthu").refused.code == "sign_in_failed"
    assert tried("vanthu", LOCAL).account is not None
    assert tried("motcua1", LOCAL).account is not None


def test_an_administrator_moves_an_account_to_the_directory_and_its_mail_link_no_longer_works(house, slapd):
    staff = an_official(house, "clerk", username="ketoan", email="ketoan@example.vn")
    slapd.add("ketoan")
    browser = signed_in(an_official(house, "administrator").account)
    assert browser.post(f"/quan-tri/tai-khoan/{staff.account_id}/thu-muc").status_code == 302
    assert tried("ketoan", LOCAL).refused.code == "sign_in_failed"
    assert tried("ketoan").account == staff.account
    page = browser.get(f"/quan-tri/tai-khoan/{staff.account_id}/").content.decode()
    assert "Thư mục" in page or "thư mục" in page


def test_the_way_in_is_recorded_as_the_directory(house):
    from django.test import Client

    answer = Client().post("/dang-nhap/", {"login": "tuphap", "password": PASSWORD})
    assert answer.status_code == 302
    assert Entry.objects.get(event="account.signed_in").data["method"] == "directory"
