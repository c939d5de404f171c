"""What was given, told to the backup every few seconds, so that a restored database gives no number twice.

Papers with numbers given after the restored moment are out in the world. Each such number of a book stays in the book,
voided with its reason: the register has no hole, and what bore the number is found on paper. Codes are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Actor, action

from .actions import ZONE, next_number, void_number
from .models import Book, Counter

BOOK, CODE = "book", "code"
Given = dict[tuple[str, ...], int]  # what, agency or sequence, kind of book or "", year or day → last


def given(at: datetime) -> Given:
    """The last value of each book of this year, and of each code of this day and the day before."""
    today = at.astimezone(ZONE).date()
    books = Book.objects.filter(year=today.year).values_list("agency_id", "kind", "year", "last")
    codes = Counter.objects.filter(day__gte=today - timedelta(days=1)).values_list("sequence", "day", "value")
    found: Given = {(BOOK, str(agency), kind, str(year)): last for agency, kind, year, last in books.iterator()}
    return found | {(CODE, sequence, "", day.isoformat()): value for sequence, day, value in codes.iterator()}


def hold(known: Mapping[tuple[str, ...], int], *, restore: UUID, by: Actor, at: datetime) -> tuple[int, int]:
    """After a restore: what was `given` before is not given again; doing it again changes nothing.

    Books of former years give nothing any more and stay as they are. Returns how many numbers were voided, and how
    many books were passed over because their agency is not there (one that was made after the restored moment).
    """
    voided = strangers = 0
    agencies = {str(pk) for pk in Agency.objects.values_list("pk", flat=True)}
    for (what, who, kind, when), last in sorted(known.items()):
        if what == CODE:
            _hold_code(who, date.fromisoformat(when), last)
        elif int(when) == at.astimezone(ZONE).year and who in agencies:
            voided += _hold_book(UUID(who), kind, last, restore=restore, by=by, at=at)
        elif who not in agencies:
            strangers += 1
    return voided, strangers


def _hold_code(sequence: str, day: date, last: int) -> None:
    if not Counter.objects.filter(sequence=sequence, day=day).exists():
        Counter.objects.create(sequence=sequence, day=day, value=last)
    Counter.objects.filter(sequence=sequence, day=day, value__lt=last).update(value=last)


@action
def _hold_book(agency: UUID, kind: str, last: int, *, restore: UUID, by: Actor, at: datetime) -> int:
    book = Book.objects.filter(agency=agency, kind=kind, year=at.astimezone(ZONE).year).first()
    missing = max(0, last - (book.last if book else 0))
    for _each in range(missing):  # one by one, as ever: the database lets a book grow in no other way
        number = next_number(kind, agency=agency, subject=("ledger.restore", restore), by=by, at=at)
        reason = _("Given before the data were restored; what bears it is known on paper only.")
        void_number(number, reason=reason, by=by, at=at)
    return missing
