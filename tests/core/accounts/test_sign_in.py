from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from tests.core.accounts.people import AT, BY, PASSWORD, a_citizen, an_agency, an_official

from tinhso.core.accounts import actions
from tinhso.core.accounts.models import Account, Attempt
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

HERE = "192.0.2.7"


def tried(login: str, password: str = PASSWORD, *, at=AT, address: str = HERE) -> actions.Attempted:
    return actions.password_attempt(login, password, address=address, at=at)


@pytest.mark.parametrize("login", ["hoa", " HOA ", "0905111222", "+84 905 111 222", "Hoa@Example.vn"])
def test_username_telephone_and_mail_all_let_one_in(db, login):
    account = a_citizen(phone="0905111222", email="hoa@example.vn")
    assert tried(login).account == account


def test_a_telephone_of_two_accounts_names_neither(db):
    a_citizen(phone="0905111222")
    a_citizen("066085000002", username="minh", phone="0905111222")
    assert tried("0905111222").refused.code == "sign_in_failed"
    assert tried("minh").account is not None


def test_an_unknown_name_and_a_wrong_password_sound_the_same(db):
    a_citizen()
    assert str(tried("khongco").refused) == str(tried("hoa", "sai").refused)


def test_five_failures_lock_for_fifteen_minutes_and_are_recorded(db):
    account = a_citizen()
    assert [tried("hoa", "sai").refused.code for _ in range(5)] == [*["sign_in_failed"] * 4, "account_locked"]
    assert tried("hoa", at=AT + timedelta(minutes=14, seconds=59)).refused.code == "account_locked"
    entries = Entry.objects.filter(subject_id=account.pk).exclude(event="account.created").order_by("serial")
    assert [e.event for e in entries] == [*["account.sign_in_failed"] * 5, "account.locked"]
    assert [e.data["failures"] for e in entries[:5]] == [1, 2, 3, 4, 5]
    assert tried("hoa", at=AT + timedelta(minutes=15)).account == account


def test_after_a_lock_there_are_five_new_tries(db):
    a_citizen()
    for _ in range(5):
        tried("hoa", "sai")
    later = AT + timedelta(minutes=16)
    codes = [tried("hoa", "sai", at=later).refused.code for _ in range(5)]
    assert codes == [*["sign_in_failed"] * 4, "account_locked"]


def test_a_right_password_clears_the_count(db):
    account = a_citizen()
    for _ in range(4):
        tried("hoa", "sai")
    assert tried("hoa").account == account
    assert [tried("hoa", "sai").refused.code for _ in range(4)] == ["sign_in_failed"] * 4


def test_thirty_parallel_guesses_get_five_tries(db):
    a_citizen()
    together = Barrier(30)

    def guess(_: int) -> str:
        try:
            connection.ensure_connection()
            together.wait(30)
            return tried("hoa", "sai").refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(30) as pool:
        codes = list(pool.map(guess, range(30)))
    assert codes.count("sign_in_failed") <= 4
    assert Entry.objects.filter(event="account.sign_in_failed").count() == 5
    assert Entry.objects.filter(event="account.locked").count() == 1


def test_an_administrator_unlocks(db):
    account = a_citizen()
    for _ in range(5):
        tried("hoa", "sai")
    actions.unlock_account(account, by=BY, at=AT)
    assert tried("hoa").account == account


def test_one_address_cannot_try_all_names(db):
    a_citizen()
    for number in range(60):
        tried(f"ten{number}", "sai")
    assert tried("hoa").refused.code == "too_many_tries"
    assert tried("hoa", address="192.0.2.8").account is not None
    assert tried("hoa", at=AT + timedelta(minutes=15)).account is not None
    assert actions.sweep_attempts(at=AT + timedelta(days=2)) == Attempt.objects.count() + 1


def test_officials_idle_for_45_days_are_disabled_citizens_are_not(db):
    agency = an_agency()
    idle, active = an_official(agency, "officer"), an_official(agency, "clerk")
    citizen = a_citizen()
    day = AT + timedelta(days=45)
    actions.signed_in(active.account, method="password", second_factor=False, at=day - timedelta(days=1))
    assert actions.disable_idle(by=BY, at=day - timedelta(seconds=1)) == 0
    assert actions.disable_idle(by=BY, at=day) == 1
    assert actions.disable_idle(by=BY, at=day) == 0
    assert Account.objects.get(pk=idle.account_id).disabled_at == day
    assert tried(idle.account.username, at=day).refused.code == "account_disabled"
    assert tried(citizen.username, at=day).account == citizen
    actions.enable_account(idle.account, by=BY, at=day)
    assert actions.disable_idle(by=BY, at=day) == 0


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("username", {"username": "066190000001"}),
        ("username", {"username": "a b"}),
        ("username", {"username": "hoa"}),
        ("password", {"password": "ngắn"}),
        ("phone", {"phone": "12"}),
        ("full_name", {"display_name": " "}),
    ],
)
def test_an_account_that_cannot_be_is_refused_at_its_field(db, field, wrong):
    a_citizen()
    values = {"username": "minh", "display_name": "Trần Văn Minh", **wrong}
    with pytest.raises(Refused) as refused:
        actions.create_account(values.pop("username"), kind="citizen", **values, by=BY, at=AT)
    assert refused.value.field == field


def test_an_idle_official_is_warned_once_a_week_before_and_then_disabled(db):
    from tinhso.core.accounts.idle import idle_rule

    rule = idle_rule(AT)
    assert (rule.after, rule.warned) == (timedelta(days=45), timedelta(days=7))
    account = an_official(an_agency(), "officer").account
    citizen = a_citizen()
    assert actions.warn_idle(by=BY, at=AT + timedelta(days=37)) == []
    ((warned, entry, until),) = actions.warn_idle(by=BY, at=AT + timedelta(days=38))
    assert (warned, until) == (account, AT + timedelta(days=45))
    assert Entry.objects.get(event="account.idle_warned").id == entry
    assert actions.warn_idle(by=BY, at=AT + timedelta(days=39)) == []
    assert actions.disable_idle(by=BY, at=AT + timedelta(days=44)) == 0
    assert actions.disable_idle(by=BY, at=AT + timedelta(days=45)) == 1
    assert Account.objects.get(pk=citizen.pk).is_active


def test_who_comes_back_is_warned_again_when_they_stay_away_again(db):
    account = an_official(an_agency(), "officer").account
    actions.warn_idle(by=BY, at=AT + timedelta(days=40))
    actions.signed_in(account, method="password", second_factor=False, at=AT + timedelta(days=41))
    assert actions.disable_idle(by=BY, at=AT + timedelta(days=60)) == 0
    assert len(actions.warn_idle(by=BY, at=AT + timedelta(days=80))) == 1
