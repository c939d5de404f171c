"""What an action tells the ledger stays as it was told."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from tinhso.core.ledger.actions import Actor, Fact, Refused, action, new_id, record, record_access, record_all
from tinhso.core.ledger.loop import seal_now
from tinhso.core.ledger.models import AccessEntry, Entry, Remark
from tinhso.core.ledger.queries import accesses, timeline
from tinhso.core.ledger.tables import APPEND_ONLY

from .builders import AT, BY, Counted, a_subject, count, count_to, place, run

CHANGES = ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table}"]
COLUMN = {"entry": "payload", "position": "leaf", "seal": "body"}


@pytest.mark.parametrize(("role", "why"), [("tinhso_app", "permission denied"), ("tinhso_owner", "append-only")])
def test_neither_application_nor_owner_can_change_what_was_recorded(db: Any, role: str, why: str) -> None:
    count(1)
    record_access(Counted(1), subject=a_subject(), by=BY, at=AT)
    seal_now()
    for table in APPEND_ONLY:
        column = next(column for kind, column in COLUMN.items() if table.endswith(kind))
        for change in CHANGES:
            with db.connect(role) as other, pytest.raises(psycopg.errors.InsufficientPrivilege, match=why):
                other.execute(change.format(table=table, column=column))
        assert run(f"SELECT count(*) FROM {table}") == [(1,)]


def test_the_tests_run_as_the_application_which_is_no_superuser(db: Any) -> None:
    assert run("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user") == [("tinhso_app", False)]


def test_an_entry_is_recorded_in_the_transaction_of_its_change(db: Any) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record(Counted(1), subject=a_subject(), by=BY, at=AT)
    with transaction.atomic():
        record(Counted(1), subject=a_subject(), by=BY, at=AT)
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


def test_a_time_without_a_zone_and_an_actor_named_by_personal_data_are_refused(db: Any) -> None:
    with transaction.atomic():
        with pytest.raises(ValueError, match="aware"):
            record(Counted(1), subject=a_subject(), by=BY, at=AT.replace(tzinfo=None))
        with pytest.raises(ValueError, match="actor"):
            record(Counted(1), subject=a_subject(), by=Actor("account", "Nguyễn Văn An"), at=AT)


def test_entries_of_one_action_share_its_cause(db: Any) -> None:
    cause = count_to(3)
    assert list(Entry.objects.values_list("cause", flat=True)) == [cause] * 3
    assert Entry.objects.filter(pk=cause).exists()
    with transaction.atomic():
        follow = record_all([Fact(Counted(4), a_subject())], by=BY, at=AT, cause=cause)
    assert follow == cause


def test_an_action_within_an_action_joins_it_and_its_refusal_takes_back_all(db: Any) -> None:
    @action
    def refuse() -> None:
        count(2)
        raise Refused("no", "No.")

    @action
    def outer(*, catches: bool) -> None:
        count(1)
        with suppress(Refused) if catches else nullcontext():
            refuse()

    with pytest.raises(Refused):
        outer(catches=False)
    with pytest.raises(RuntimeError, match="nothing of it is kept"):
        outer(catches=True)
    assert not Entry.objects.exists()
    with suppress(Refused):
        refuse()
    count(3)
    assert [e.data["number"] for e in Entry.objects.all()] == [3]


def test_a_timeline_shows_ones_own_writes_at_once_with_their_words(db: Any) -> None:
    subject = a_subject()
    with transaction.atomic():
        record(Counted(1), subject=subject, by=BY, at=AT, words="thiếu bản sao")
        record(Counted(2), subject=subject, by=BY, at=AT)
        assert [(h.data["number"], h.words) for h in timeline(subject)] == [(1, "thiếu bản sao"), (2, "")]
    place()
    count(3, subject)
    assert [h.data["number"] for h in timeline(subject)] == [1, 2, 3]
    assert timeline(a_subject()) == []


def test_words_can_be_erased_and_never_stand_in_the_entry(db: Any) -> None:
    subject = a_subject()
    count(1, subject, words="Bà Trần Thị Bưởi nộp thiếu")
    assert "Bưởi" not in Entry.objects.get().payload
    Remark.objects.filter(subject_id=subject[1]).delete()
    assert [h.words for h in timeline(subject)] == [""]


def test_who_looked_is_kept_apart_from_what_happened(db: Any) -> None:
    subject = a_subject()
    record_access(Counted(1), subject=subject, by=BY, at=AT)
    record_access(Counted(2), subject=subject, by=BY, at=AT)
    assert [e.data["number"] for e in accesses(subject)] == [2, 1]
    assert AccessEntry.objects.count() == 2
    assert not Entry.objects.exists()


def test_ids_made_later_are_larger() -> None:
    ids = [new_id() for _ in range(50)]
    assert all(i.version == 7 for i in ids)
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)
    assert len({UUID(str(i)) for i in ids}) == 50


def test_recording_takes_one_round_trip_however_many_entries(db: Any, django_assert_num_queries: Any) -> None:
    facts = [Fact(Counted(n), a_subject()) for n in range(100)]
    with transaction.atomic(), django_assert_num_queries(1):
        record_all(facts, by=BY, at=AT)
    assert connection.in_atomic_block is False
