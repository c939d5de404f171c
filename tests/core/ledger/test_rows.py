"""Statements made once: they read and write what the ORM does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.house.databases import Database

from tinhso.core.accounts.models import Person
from tinhso.core.agencies.models import Staff
from tinhso.core.ledger import rows
from tinhso.systems.dossiers.models import Takeover


def test_what_is_inserted_is_read_the_same_by_both(db: Database) -> None:
    kept = Takeover(name="Tệp 100%.csv", rows=[{"họ tên": "A"}], by="system:test", at="2026-11-22T00:00:00+00:00")
    assert rows.insert(kept)
    (found,) = rows.find(Takeover, "id = %s AND begun_at IS NULL", [kept.pk])
    assert (found.rows, found.name, found.at) == ([{"họ tên": "A"}], "Tệp 100%.csv", Takeover.objects.get().at)
    found.rows, found.taken = [], 3
    rows.update(found, "rows", "taken")
    assert list(Takeover.objects.values_list("rows", "taken")) == [([], 3)]
    assert rows.change(Takeover, {"taken": 5}, "taken = %s", [4]) == 0
    assert rows.exists(Takeover, "taken = %s", [3])


def test_rows_that_belong_to_one_are_read_along(province: Database) -> None:
    leader, other = Staff.objects.filter(roles__contains=["leader"]).select_related("agency")[:2]
    other.stands_in_for, other.valid_to = leader, other.valid_from + timedelta(days=3)
    rows.update(other, "stands_in_for", "valid_to")
    related = ("agency", "stands_in_for", "stands_in_for__account")
    found = {one.pk: one for one in rows.find(Staff, "id = ANY(%s)", [[leader.pk, other.pk]], related=related)}
    with CaptureQueriesContext(connection) as captured:
        assert found[leader.pk].stands_in_for is None
        assert found[other.pk].stands_in_for == leader
        assert found[other.pk].stands_in_for.account.kind == "official"
        assert {one.agency.name for one in found.values()} == {leader.agency.name, other.agency.name}
    assert not captured.captured_queries


def test_who_inserts_second_is_told(db: Database) -> None:
    one, other = (Person(full_name=name, id_hash=b"h" * 32, id_cipher=b"c") for name in ("Một", "Hai"))
    assert rows.insert(one, unless_there=True)
    assert not rows.insert(other, unless_there=True)
    assert Person.objects.get().full_name == "Một"


def test_nothing_found_is_said_and_a_lock_is_asked_for(db: Database) -> None:
    with pytest.raises(Person.DoesNotExist):
        rows.get(Person, "id_hash = %s", [b"nobody"])
    assert not rows.exists(Person, "id_hash = %s", [b"nobody"])
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        assert not rows.find(Person, "id_hash = %s", [b"nobody"], lock=True)
    assert captured.captured_queries[-1]["sql"].endswith("FOR UPDATE")
