"""Form 07, sổ theo dõi hồ sơ: what an agency received or decides, of a period, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, AgencySet, Role, Staff
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.letters.masthead import head

from .. import queries
from ..models import Component, Dossier, Result, State
from .made import Standing, Table, Value, moment, standing

TITLE = "Sổ theo dõi hồ sơ"
KEEPERS = (Role.RECEPTIONIST, Role.UNIT_HEAD, Role.LEADER, Role.AUDITOR)
LONGEST = timedelta(days=366)
PDF_ROWS, EXCEL_ROWS = 2_000, 30_000  # made while somebody waits: docs/systems/dossiers.md
CHUNK = 2_000  # rows a statement, which may not take long
ENDED = (State.REFUSED, State.WITHDRAWN, State.STOPPED)  # without a result


@dataclass(frozen=True)
class Book:
    """Which register: an agency's, of the dossiers submitted from one day to another, both included."""

    agency: Agency
    since: date
    until: date


def agencies_for(staff: Staff) -> AgencySet:
    """Whose registers an official may ask for."""
    return agencies_of(staff, KEEPERS)


def rows_of(book: Book, staff: Staff) -> QuerySet[Dossier]:
    """Dossiers of the register in the order in which they came, as far as this official reaches them."""
    begin, end = (
        timezone.make_aware(datetime.combine(day, time.min)) for day in (book.since, book.until + timedelta(days=1))
    )
    mine = Q(receiving_agency=book.agency.pk) | Q(agency=book.agency.pk)
    return (
        queries.in_reach(staff)
        .filter(mine, submitted_at__gte=begin, submitted_at__lt=end)
        .order_by("submitted_at", "id")
    )


@dataclass(frozen=True)
class Entry:
    """One line of the register."""

    dossier: Dossier
    address: str
    papers: int
    ended: datetime | None  # returned, or finished without a result
    standing: Standing | None
    remark: str

    @property
    def state(self) -> str:
        return str(State(self.dossier.state).label)


def entries(book: Book, staff: Staff, *, at: datetime) -> Iterator[Entry]:
    """The register's lines as they stand at that moment, read bit by bit."""
    papers = Component.objects.filter(dossier=OuterRef("pk")).order_by().values("dossier").annotate(n=Count("pk"))
    rows = rows_of(book, staff).select_related("agency", "receiving_agency").defer("salt")
    over = Result.objects.filter(dossier=OuterRef("pk")).order_by("-version")
    rows = rows.annotate(
        papers=Coalesce(Subquery(papers.values("n")), 0),
        applies=F("variant__applicant"),
        corrected=Subquery(over.filter(version__gt=1, issued_at__isnull=False).values("issued_at")[:1]),
        cancelled=Subquery(over.filter(cancelled_at__isnull=False).values("cancelled_at")[:1]),
    )
    for one in _bit_by_bit(rows):
        yield Entry(
            one,
            FormDefinition.of(one.form_id).read(f"{one.applies}.address", one.answers),
            one.papers,
            one.returned_at or (one.finished_at if one.state in ENDED else None),
            standing(one.finished_at, one.due_at, at=at),
            "; ".join(words for words in (_elsewhere(one, book.agency.pk), *_undone(one)) if words),
        )


def _bit_by_bit(rows: QuerySet[Dossier]) -> Iterator[Any]:
    found = list(rows[:CHUNK])
    while found:
        yield from found
        at, last = found[-1].submitted_at, found[-1].pk
        after = Q(submitted_at__gte=at) & (Q(submitted_at__gt=at) | Q(id__gt=last))
        found = list(rows.filter(after)[:CHUNK]) if len(found) == CHUNK else []


def _elsewhere(one: Dossier, agency: UUID) -> str:
    if one.agency_id != agency:
        return f"{one.agency.short_name} giải quyết"
    return f"{one.receiving_agency.short_name} tiếp nhận" if one.receiving_agency_id != agency else ""


def _undone(one: Any) -> Iterator[str]:
    """What became of the result after it was returned."""
    for words, at in (("đính chính kết quả", one.corrected), ("hủy kết quả", one.cancelled)):
        if at:
            yield f"{words} {timezone.localdate(at):%d/%m/%Y}"


def fee(amount: int) -> str:
    """15000 → 15.000; none is an empty column."""
    return f"{amount:,}".replace(",", ".") if amount else ""


def period(book: Book) -> str:
    """In words: từ 01/11/2026 đến 22/11/2026."""
    return f"từ {book.since:%d/%m/%Y} đến {book.until:%d/%m/%Y}"


COLUMNS = (
    *("STT", "Mã hồ sơ", "Thủ tục", "Người nộp, địa chỉ", "Số giấy tờ", "Hình thức nộp", "Nhận hồ sơ", "Hẹn trả"),
    *("Trả kết quả, tình trạng", "So với hạn", "Phí, lệ phí (đồng)", "Ghi chú"),
)


def register_letter(book: Book, lines: Sequence[Entry], *, by: Account, at: datetime) -> dict[str, Any]:
    """The data of the letter `dossiers/register`, drawn up by this official."""
    late = sum(line.standing is Standing.LATE for line in lines)
    ended = sum(line.dossier.finished_at is not None for line in lines)
    return {
        **head(book.agency),
        "number": None,
        "date": f"{timezone.localdate(at):%Y-%m-%d}",
        "title": TITLE,
        "period": period(book),
        "heads": COLUMNS,
        "rows": [_printed(number, line) for number, line in enumerate(lines, 1)],
        "summary": f"Tổng số {len(lines)} hồ sơ; đã giải quyết xong {ended}; quá hạn {late}.",
        "made": moment(at),
        "by": by.display_name,
    }


def _printed(number: int, line: Entry) -> list[str]:
    one = line.dossier
    return [
        str(number),
        one.code,
        f"{one.procedure_name} ({one.procedure_code})",
        ", ".join(words for words in (one.applicant_name, line.address) if words),
        str(line.papers),
        one.get_channel_display(),
        moment(one.accepted_at or one.submitted_at),
        moment(one.due_at),
        moment(line.ended) if one.state == State.RETURNED else f"{line.state} {moment(line.ended)}".strip(),
        line.standing.value if line.standing else "",
        fee(one.fee),
        line.remark,
    ]


HEADS = (
    *(("STT", 22), ("Mã hồ sơ", 28), ("Mã thủ tục", 14), ("Tên thủ tục", 44), ("Người nộp", 28), ("Địa chỉ", 44)),
    *(("Số giấy tờ", 10), ("Hình thức nộp", 18), ("Nộp lúc", 17), ("Tiếp nhận lúc", 17), ("Hẹn trả", 17)),
    *(("Giải quyết xong", 17), ("Trả kết quả", 17), ("Tình trạng", 24), ("So với hạn", 14), ("Phí, lệ phí (đồng)", 14)),
    *(("Cơ quan tiếp nhận", 26), ("Cơ quan giải quyết", 26), ("Ghi chú", 30)),
)


def register_table(book: Book, lines: Iterable[Entry], *, at: datetime) -> Table:
    """The same as a sheet, with a column for each fact."""
    facts: list[tuple[str, Value]] = [("Cơ quan", book.agency.name), ("Kỳ", period(book)), ("Lập lúc", at)]
    return Table(TITLE, facts, HEADS, (_cells(number, line) for number, line in enumerate(lines, 1)))


def _cells(number: int, line: Entry) -> list[Value]:
    one = line.dossier
    return [
        *(number, one.code, one.procedure_code, one.procedure_name, one.applicant_name, line.address, line.papers),
        *(one.get_channel_display(), one.submitted_at, one.accepted_at, one.due_at, one.finished_at, one.returned_at),
        *(line.state, line.standing.value if line.standing else "", one.fee or None),
        *(one.receiving_agency.short_name, one.agency.short_name, line.remark),
    ]
