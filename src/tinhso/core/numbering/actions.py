"""Giving numbers. Take one late in an action: its row stays locked until the transaction ends."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record, subject_of
from tinhso.core.ledger.rows import prepared

from .events import NumberTaken, NumberVoided
from .models import Book, Number

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

_NEXT_CODE = """
INSERT INTO numbering_counter AS c (sequence, day, value) VALUES (%s, %s, 1)
ON CONFLICT (sequence, day) DO UPDATE SET value = c.value + 1
RETURNING value
"""

_NEXT_NUMBER = """
WITH book AS (
    INSERT INTO numbering_book AS b (id, agency_id, kind, year, name, last) VALUES (%s, %s, %s, %s, '', 1)
    ON CONFLICT (agency_id, kind, year) DO UPDATE SET last = b.last + 1
    RETURNING id, last
)
INSERT INTO numbering_number (id, book_id, value, state, subject_kind, subject_id, reason, taken_at)
SELECT %s, id, last, 'used', %s, %s, '', %s FROM book
RETURNING book_id, value
"""


def next_code(sequence: str, *, at: datetime) -> int:
    """The next value of a sequence on the local day of `at`, from 1. Unique; may have gaps.

    One statement. Concurrent callers of the same sequence wait for each other's commit.
    """
    with prepared() as cursor:
        cursor.execute(_NEXT_CODE, [sequence, at.astimezone(ZONE).date()])
        (value,) = cursor.fetchone()
    return int(value)


def dossier_code(agency_code: str, *, at: datetime) -> str:
    """A fresh dossier code, `H15.50.05.13-261008-0975`: agency, local day, daily sequence.

    At least four digits; the fifth appears by itself on a very busy day (NĐ 45/2020, standards.md §2).
    """
    return f"{agency_code}-{at.astimezone(ZONE):%y%m%d}-{next_code(agency_code, at=at):04d}"


_HOLD = """
INSERT INTO numbering_counter AS c (sequence, day, value) VALUES (%s, %s, %s)
ON CONFLICT (sequence, day) DO UPDATE SET value = greatest(c.value, excluded.value)
"""


def hold_dossier_code(code: str) -> None:
    """Never give out a code that a dossier from another system bears already, nor one before it that day."""
    found = re.fullmatch(r"(.+)-(\d{6})-(\d{4,9})", code)
    if found is None:
        return
    try:
        day = datetime.strptime(found[2], "%y%m%d").date()  # noqa: DTZ007 - a local day
    except ValueError:
        return  # no code that `dossier_code` would make
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [found[1], day, int(found[3])])


@action
def next_number(
    kind: str,
    *,
    agency: UUID,
    subject: models.Model | tuple[str, UUID],
    by: Actor,
    at: datetime,
    cause: UUID | None = None,
) -> Number:
    """Take the next number of an agency's book for the local year of `at`; the book is opened by its first.

    Without gaps: the number is given back when the transaction fails. Numbers restart on
    1 January (NĐ 30/2020, điều 15). `subject` is what bears the number.
    """
    subject_kind, subject_id = subject_of(subject)
    year = at.astimezone(ZONE).year
    number = Number(subject_kind=subject_kind, subject_id=subject_id, taken_at=at)
    with prepared() as cursor:
        cursor.execute(_NEXT_NUMBER, [new_id(), agency, kind, year, number.pk, subject_kind, subject_id, at])
        book_id, value = cursor.fetchone()
    number.book = Book(id=book_id, agency_id=agency, kind=kind, year=year, last=value)
    number.value = value
    number._state.adding = False
    number._state.db = connection.alias
    event = NumberTaken(kind=kind, year=year, value=value, subject_kind=subject_kind, subject=subject_id)
    record(event, subject=("numbering.book", book_id), by=by, at=at, agency=agency, cause=cause)
    return number


@action
def void_number(number: Number, *, reason: str, by: Actor, at: datetime, cause: UUID | None = None) -> Number:
    """Mark a number as not to be used again; it stays in the book with the reason.

    Raises `Refused` without a reason, or when it is voided already.
    """
    if not (reason := reason.strip()[:200]):
        raise Refused("reason_missing", _("Say why the number is voided."), field="reason", status=422)
    number = Number.objects.select_for_update(of=("self",)).select_related("book").get(pk=number.pk)
    if number.state == Number.State.VOIDED:
        raise Refused("number_already_voided", _("This number has been voided already."))
    number.state, number.reason = Number.State.VOIDED, reason
    number.save(update_fields=["state", "reason"])
    book = number.book
    event = NumberVoided(
        kind=book.kind,
        year=book.year,
        value=number.value,
        subject_kind=number.subject_kind,
        subject=number.subject_id,
    )
    record(event, subject=book, by=by, at=at, agency=book.agency_id, cause=cause, words=reason)
    return number
