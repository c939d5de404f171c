"""What both forms become: a sealed PDF, or a table for Excel. Their words are Vietnamese, whoever reads them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Refused
from tinhso.core.letters.render import render
from tinhso.core.signing.hsm import SealAway
from tinhso.core.signing.results import sealed

Value = str | int | float | datetime | None
SEEMS_A_FORMULA = ("=", "+", "-", "@", "#")  # or an error, as Excel writes it


class Standing(StrEnum):
    """How something stands to its due time. What is done on an earlier day than it was due is early."""

    EARLY = "Trước hạn"
    ON_TIME = "Đúng hạn"
    LATE = "Quá hạn"
    UNDER_WAY = "Còn hạn"


def standing(done: datetime | None, due: datetime | None, *, at: datetime) -> Standing | None:
    """Of what was due then and done then, or is not done yet at that moment; None without a due time."""
    if due is None:
        return None
    if (done or at) > due:
        return Standing.LATE
    if done is None:
        return Standing.UNDER_WAY
    return Standing.EARLY if timezone.localdate(done) < timezone.localdate(due) else Standing.ON_TIME


def moment(at: datetime | None) -> str:
    """A time in a narrow column: 09:30 23/11/2026; empty for none."""
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}" if at else ""


def sealed_pdf(template: str, data: Mapping[str, Any], *, agency: UUID, at: datetime) -> bytes:
    """The form with the agency's seal on it; outside any transaction.

    Raises `Refused`, which says why there is none: `no_seal`, `seal_away`, and what `sealed` refuses.
    """
    try:
        return sealed(render(template, data, at=at), agency=agency, at=at)[0]
    except SealAway as away:
        message = _(
            "The agency's seal cannot be reached just now, so no sealed PDF was made. Try again in a few minutes, or"
            " take the Excel file, which bears no seal."
        )
        raise Refused("seal_away", message, status=503) from away


@dataclass(frozen=True)
class Table:
    """A form as a sheet: its title, facts above the table, heads with their widths in letters, and rows."""

    title: str
    facts: Sequence[tuple[str, Value]]
    heads: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Value]]


def workbook(table: Table) -> bytes:
    """The table as xlsx, written row by row. Whatever people typed stays text: nothing in it is ever a formula."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
    from openpyxl.styles.alignment import Alignment
    from openpyxl.styles.fonts import Font
    from openpyxl.utils.cell import get_column_letter
    from openpyxl.workbook.workbook import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title[:31])
    for number, (_head, width) in enumerate(table.heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{len(table.facts) + 4}"
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")

    def cell(value: Value, *, font: Any = None) -> Any:
        if isinstance(value, datetime):
            made = WriteOnlyCell(sheet, timezone.localtime(value).replace(tzinfo=None))
            made.number_format = "dd/mm/yyyy hh:mm"
            return made
        if not isinstance(value, str):
            return value
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        told = value.startswith(SEEMS_A_FORMULA)
        if not font and not told:
            return value
        made = WriteOnlyCell(sheet, value)
        made.data_type = "s"
        made.quotePrefix = told  # text also after somebody edits the cell
        if font:
            made.font, made.alignment = font, wrapped
        return made

    sheet.append([cell(table.title, font=Font(bold=True, size=14))])
    for label, value in table.facts:
        sheet.append([cell(label), cell(value)])
    sheet.append([])
    sheet.append([cell(head, font=bold) for head, _width in table.heads])
    for row in table.rows:
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
