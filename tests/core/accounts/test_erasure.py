from __future__ import annotations

import json

import pytest
from allauth.socialaccount.models import SocialAccount
from tests.core.accounts.people import AT, BY, PASSWORD, a_citizen, a_person

from tinhso.core.accounts import actions, holdings
from tinhso.core.accounts.models import Account, Person
from tinhso.core.ledger.actions import Refused, record
from tinhso.core.ledger.models import Entry, Remark


def test_a_person_sees_and_takes_away_all_that_is_held(db):
    account = a_citizen(phone="0905111222")
    actions.change_profile(account.person, address="12 Nơ Trang Lơng", sex="female", by=BY, at=AT)
    own = next(h for h in holdings.holdings() if h.name == "accounts")
    shown = {str(item.what): item.value for item in own.items(account.person)}
    assert "066190000001" not in shown.values()
    assert "0661•••••001" in shown.values()
    exported = json.loads(json.dumps(holdings.export(Person.objects.get())))
    assert exported["accounts"]["profile"]["national_id"] == "066190000001"
    assert exported["accounts"]["accounts"][0]["username"] == "hoa"


def test_erasing_deletes_the_person_empties_the_accounts_and_leaves_the_entries(db):
    account = a_citizen(phone="0905111222", email="hoa@example.vn")
    person = account.person
    SocialAccount.objects.create(user=account, provider="vneid", uid="abc")
    entries = Entry.objects.count()
    actions.erase_person(person, by=BY, at=AT)
    account.refresh_from_db()
    assert not Person.objects.exists()
    assert not SocialAccount.objects.exists()
    assert (account.person, account.phone, account.email, account.is_active) == (None, "", "", False)
    assert not account.has_usable_password()
    assert Entry.objects.count() == entries + 2
    with db.connect() as raw:
        left = str(raw.execute("SELECT a::text FROM accounts_account a").fetchall())
    assert "Hoa" not in left
    assert actions.password_attempt("hoa", PASSWORD, address="192.0.2.7", at=AT).account is None


def test_words_about_the_person_go_too(db):
    from django.db import transaction

    from tinhso.core.accounts.events import PersonChanged

    person = a_person()
    with transaction.atomic():
        record(PersonChanged(["phone"]), subject=person, by=BY, at=AT, words="gọi lại sau 17 giờ")
    actions.erase_person(person, by=BY, at=AT)
    assert not Remark.objects.exists()


def test_every_package_that_holds_data_is_asked_and_may_refuse(db, monkeypatch):
    person = a_person()

    def keep(person: Person, by: object, at: object) -> None:
        raise Refused("must_be_kept", "Hồ sơ phải lưu 20 năm.")

    keeper = holdings.Holding("archive", "Kho lưu trữ", lambda p: [], lambda p: {"boxes": 1}, keep)
    monkeypatch.setitem(holdings._HOLDINGS, "archive", keeper)
    assert holdings.export(person)["archive"] == {"boxes": 1}
    with pytest.raises(Refused, match="20"):
        actions.erase_person(person, by=BY, at=AT)
    assert Person.objects.filter(pk=person.pk).exists()


def test_a_name_is_declared_once():
    taken = next(iter(holdings.holdings()))
    with pytest.raises(ValueError, match="twice"):
        holdings.register(holdings.Holding(taken.name, "", lambda p: [], lambda p: None, lambda p, by, at: None))


def test_an_erased_person_may_come_again_as_someone_new(db):
    first = a_person()
    actions.erase_person(first, by=BY, at=AT)
    assert a_person().pk != first.pk
    assert Account.objects.count() == 0
