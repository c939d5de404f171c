from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Actor, Refused, new_id
from tinhso.core.ledger.models import Entry, Remark
from tinhso.core.numbering.actions import dossier_code, next_code, next_number, void_number
from tinhso.core.numbering.models import Book, Number

CLERK = Actor("account", "clerk")
AT = datetime(2026, 10, 8, 2, 0, tzinfo=UTC)  # 9:00 in Việt Nam
THREADS = 16


@pytest.fixture
def agency(db: Any) -> Agency:
    agency = Agency(code="H15.50.05.13", name="UBND xã", short_name="Xã", kind="commune", valid_from=AT)
    agency.path = [agency.pk]
    agency.save()
    return agency


def number_for(agency: Agency, at: datetime = AT, kind: str = "outgoing") -> Number:
    return next_number(kind, agency=agency.pk, subject=("documents.document", new_id()), by=CLERK, at=at)


def in_threads(work: Callable[[int], Any]) -> list[Any]:
    """Run `work` in 16 threads that start together, each with its own connection."""
    together = Barrier(THREADS)

    def run(thread: int) -> Any:
        try:
            connection.ensure_connection()
            together.wait(30)
            return work(thread)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_dossier_codes_read_as_the_decree_writes_them(db):
    assert dossier_code("H15.50.05.13", at=AT) == "H15.50.05.13-261008-0001"
    assert dossier_code("H15.50.05.13", at=AT) == "H15.50.05.13-261008-0002"
    assert dossier_code("H15.50.05.14", at=AT) == "H15.50.05.14-261008-0001"


def test_the_day_of_a_code_is_the_local_one(db):
    before_midnight = datetime(2026, 10, 8, 16, 59, tzinfo=UTC)
    after_midnight = datetime(2026, 10, 8, 17, 0, tzinfo=UTC)
    assert dossier_code("H15", at=before_midnight) == "H15-261008-0001"
    assert dossier_code("H15", at=after_midnight) == "H15-261009-0001"


def test_a_very_busy_day_gets_a_fifth_digit(db):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO numbering_counter VALUES ('H15', '2026-10-08', 9999)")
    assert dossier_code("H15", at=AT) == "H15-261008-10000"


def test_16_threads_get_different_codes(db):
    codes = list(chain(*in_threads(lambda _: [next_code("H15", at=AT) for _ in range(10)])))
    assert sorted(codes) == list(range(1, 161))


def test_numbers_of_a_book_start_at_one_each_year(agency):
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert [number_for(agency).value for _ in range(3)] == [1, 2, 3]
    assert number_for(agency, new_year).value == 1
    assert number_for(agency, kind="incoming").value == 1
    assert sorted(Book.objects.values_list("kind", "year", "last")) == [
        ("incoming", 2026, 1),
        ("outgoing", 2026, 3),
        ("outgoing", 2027, 1),
    ]


def test_16_clerks_in_one_book_leave_no_gap_though_every_third_fails(agency):
    class PrinterJammed(Exception):
        pass

    def work(thread: int) -> list[int]:
        kept = []
        for turn in range(12):
            try:
                with transaction.atomic():
                    number = number_for(agency)
                    if (thread + turn) % 3 == 0:
                        raise PrinterJammed
                    kept.append(number.value)
            except PrinterJammed:
                pass
        return kept

    kept = sorted(chain(*in_threads(work)))
    assert kept == list(range(1, THREADS * 8 + 1))
    assert list(Number.objects.order_by("value").values_list("value", flat=True)) == kept
    assert Book.objects.get().last == len(kept)
    assert Entry.objects.filter(event="numbering.taken").count() == len(kept)


def test_a_voided_number_stays_with_its_reason_and_is_not_given_again(agency):
    number = number_for(agency)
    void_number(number, reason="In hỏng", by=CLERK, at=AT)
    assert number_for(agency).value == 2
    kept = Number.objects.get(pk=number.pk)
    assert (kept.state, kept.reason) == ("voided", "In hỏng")
    entry = Entry.objects.get(event="numbering.voided")
    assert entry.data["value"] == 1
    assert "hỏng" not in entry.payload
    assert Remark.objects.get(entry_id=entry.pk).words == "In hỏng"


def test_a_number_is_voided_once_and_only_with_a_reason(agency):
    number = number_for(agency)
    with pytest.raises(Refused) as refusal:
        void_number(number, reason="  ", by=CLERK, at=AT)
    assert refusal.value.field == "reason"
    void_number(number, reason="Nhầm sổ", by=CLERK, at=AT)
    with pytest.raises(Refused) as refusal:
        void_number(number, reason="Nhầm sổ", by=CLERK, at=AT)
    assert refusal.value.code == "number_already_voided"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM numbering_number",
        "UPDATE numbering_number SET value = 7",
        "UPDATE numbering_number SET state = 'voided'",
        "UPDATE numbering_book SET last = last + 2",
        "UPDATE numbering_book SET last = last - 1",
        """INSERT INTO numbering_number
           SELECT gen_random_uuid(), 1, 'used', subject_kind, subject_id, '', now(), book_id FROM numbering_number""",
    ],
)
def test_the_database_itself_keeps_books_whole(agency, statement):
    number_for(agency)
    with pytest.raises(DatabaseError) as error, connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(
        error.value.__cause__, psycopg.errors.IntegrityConstraintViolation | psycopg.errors.IntegrityError
    )
    assert Number.objects.get().value == 1
