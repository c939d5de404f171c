"""Tables that people prepare in a spreadsheet: CSV or Excel, read within bounds, never run.

A workbook is a zip of XML: its unpacked size is looked at before anything is unpacked, and a
part that declares entities is refused, so neither a zip bomb nor an XML bomb is opened.
The library for workbooks is loaded by who needs it: each process would start later for it.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from ..ledger.actions import Refused

BYTES, UNPACKED, PARTS = 5 << 20, 40 << 20, 200
ROWS, COLUMNS, LETTERS = 5000, 40, 1000  # of a table; letters of one cell


@dataclass(frozen=True)
class Column:
    """A column by the name code uses, as its head may be written, with an example for the template."""

    name: str
    heads: tuple[str, ...]
    example: str = ""
    needed: bool = False


@dataclass
class Row:
    """One row as read: its number in the sheet, its values by column, what is wrong by column; and the heads under
    which something else stands."""

    number: int
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)


def plain(text: str) -> str:
    """Letters without marks, small, single spaces: how heads are compared."""
    marked = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in marked if not unicodedata.combining(c)).replace("_", " ").split())


def read(data: bytes, columns: Sequence[Column]) -> list[Row]:
    """The rows of a CSV (UTF-8) or xlsx file under its heads; empty rows are passed over.

    Raises `Refused` for what is no such file, too large, or lacks a needed column.
    """
    if len(data) > BYTES:
        raise _bad("table_too_large", _("The file is larger than 5 MB. Split it."))
    lines = _excel(data) if data[:2] == b"PK" else _csv(data)
    head = next(lines, (0, []))[1]
    known = {plain(name): column.name for column in columns for name in (column.name, *column.heads)}
    places = {known[plain(text)]: at for at, text in enumerate(head) if plain(text) in known}
    missing = [column.heads[0] for column in columns if column.needed and column.name not in places]
    if missing:
        message = _("The first row must name the columns. Missing: %(columns)s.")
        raise _bad("table_columns", message % {"columns": ", ".join(missing)})
    rows = []
    for number, line in lines:
        values = {name: line[at] if at < len(line) else "" for name, at in places.items()}
        if any(values.values()):
            beside = [text for text, cell in zip(head, line, strict=False) if cell and plain(text) not in known]
            rows.append(Row(number, {column.name: values.get(column.name, "") for column in columns}, beside=beside))
        if len(rows) > ROWS:
            raise _bad("table_too_long", _("The table has more than 5,000 rows. Split it."))
    if not rows:
        raise _bad("table_empty", _("There is no row under the heads."))
    return rows


def template(columns: Sequence[Column], notes: Iterable[tuple[str, str]]) -> bytes:
    """An xlsx with the heads, one example row, and a sheet that says what may be written."""
    from openpyxl.styles.fonts import Font
    from openpyxl.workbook.workbook import Workbook

    book = Workbook()
    sheet, second = book.active, book.create_sheet(_("How to fill in")[:31])
    assert sheet is not None
    sheet.append([column.heads[0] for column in columns])
    sheet.append([column.example for column in columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = 24
    for line in notes:
        second.append(list(line))
    second.column_dimensions["A"].width, second.column_dimensions["B"].width = 28, 80
    for row in sheet.iter_rows(min_row=1, max_row=500, max_col=len(columns)):
        for cell in row:
            cell.number_format = "@"  # text: Excel would cut the 0 of a telephone number
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
        sample = text[:4096].splitlines()[0] if text else ""
        delimiter = max(",;\t", key=sample.count)
        for number, line in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), 1):
            yield number, [_clean(cell) for cell in line[:COLUMNS]]
    except (UnicodeDecodeError, csv.Error) as wrong:
        message = _("This is neither an Excel workbook (.xlsx) nor a CSV file in UTF-8.")
        raise _bad("table_unreadable", message) from wrong


def _excel(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl.reader.excel import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _look_before_unpacking(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size is not believed
        for number, line in enumerate(sheet.iter_rows(max_col=COLUMNS, values_only=True), 1):
            if number > ROWS * 2:
                raise _bad("table_too_long", _("The table has more than 5,000 rows. Split it."))
            yield number, [_clean(cell) for cell in line]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError, SyntaxError) as wrong:
        message = _("This is neither an Excel workbook (.xlsx) nor a CSV file in UTF-8.")
        raise _bad("table_unreadable", message) from wrong


def _look_before_unpacking(data: bytes) -> None:
    """Sizes are those of the zip's directory; unpacking stops at them whatever follows."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
        if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
            raise _bad("table_bomb", _("Unpacked, this workbook would be too large. Copy the table into a new one."))
        for part in parts:
            if part.filename.endswith((".xml", ".rels")) and b"<!" in packed.read(part).replace(b"<!--", b""):
                raise _bad(
                    "table_bomb", _("This workbook has parts that a table does not need. Copy it into a new one.")
                )


def _clean(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (datetime, date)):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFC", str(cell)).strip()
    return "".join(c for c in text if c.isprintable())[:LETTERS]


def _bad(code: str, message: str) -> Refused:
    return Refused(code, message, field="file", status=422)
