from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection
from tests.core.accounts.people import AT, BY, a_person

from tinhso.core.accounts import actions, queries
from tinhso.core.accounts.models import Account, Person
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

NUMBER = "066190000001"


def test_a_person_is_found_by_number_and_the_number_is_nowhere_in_clear(db):
    person = a_person(NUMBER, birth_date=date(1990, 3, 8), sex="female", tax_code="0100233488")
    assert queries.find_person("066 190 000 001") == person
    assert queries.find_person("066085000002") is None
    person.refresh_from_db()
    assert (person.national_id, person.tax_code, person.masked_id) == (NUMBER, "0100233488", "0661•••••001")
    with db.connect() as raw:
        row = str(raw.execute("SELECT p::text, encode(p.id_cipher, 'escape') FROM accounts_person p").fetchone())
    assert NUMBER not in row
    assert "0100233488" not in row


def test_registering_again_gives_the_same_person_unchanged(db):
    first = a_person(NUMBER)
    again = a_person(NUMBER, full_name="Tên Khác")
    assert again == first
    assert again.full_name == "Nguyễn Thị Hoa"
    assert Entry.objects.filter(event="person.registered").count() == 1


def test_sixteen_counters_register_one_person_at_once(db):
    together = Barrier(16)

    def register(_: int) -> object:
        try:
            connection.ensure_connection()
            together.wait(30)
            return a_person(NUMBER).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(register, range(16)))
    assert len(found) == Person.objects.count() == 1
    assert Entry.objects.filter(event="person.registered").count() == 1


def test_sixteen_first_sign_ins_by_vneid_make_one_account(db):
    together = Barrier(16)

    def come(_: int) -> object:
        try:
            connection.ensure_connection()
            together.wait(30)
            return actions.identify(NUMBER, full_name="Nguyễn Thị Hoa", by=BY, at=AT).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(come, range(16)))
    assert len(found) == Account.objects.count() == Person.objects.count() == 1


def test_someone_without_a_number_is_a_person_too(db):
    assert a_person("", full_name="John Smith") != a_person("", full_name="John Smith")
    assert Person.objects.filter(id_hash=None).count() == 2


def test_a_number_that_contradicts_the_birth_date_is_refused_at_its_field(db):
    with pytest.raises(Refused) as refused:
        a_person(NUMBER, birth_date=date(1991, 3, 8))
    assert refused.value.field == "national_id"
    person = a_person(NUMBER)
    with pytest.raises(Refused):
        actions.change_profile(person, sex="male", by=BY, at=AT)


def test_two_persons_never_share_a_tax_code(db):
    a_person(NUMBER, tax_code="0100233488")
    with pytest.raises(Refused) as refused:
        a_person("066085000002", tax_code="0100233488")
    assert refused.value.code == "tax_code_taken"
    other = a_person("066085000002")
    with pytest.raises(Refused) as changed:
        actions.change_profile(other, tax_code="0100233488", by=BY, at=AT)
    assert changed.value.field == "tax_code"


def test_the_citizen_account_follows_the_profile_and_the_ledger_names_only_fields(db):
    account = actions.identify(NUMBER, full_name="Nguyễn Thị Hoa", by=BY, at=AT)
    actions.change_profile(account.person, phone="0905111222", address="12 Nơ Trang Lơng", by=BY, at=AT)
    account.refresh_from_db()
    assert account.phone == "0905111222"
    changed = Entry.objects.get(event="person.changed")
    assert changed.data == {"fields": ["address", "phone"]}
    everything = " ".join(Entry.objects.values_list("payload", flat=True))
    for secret in (NUMBER, "0905111222", "Nguyễn", "Lơng"):
        assert secret not in everything
