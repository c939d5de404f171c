"""The periodic table as Excel, with the heads of the form."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from tinhso.systems.dossiers.registers.made import SEEMS_A_FORMULA

from .form import COLUMNS, FIRST, GROUPS, TITLE, Official


def workbook(shown: Official, *, agency: str, period: str, below: Sequence[str] = ()) -> bytes:
    """The table; `below` are lines under it, of who sent it and when."""
    from openpyxl.utils.cell import get_column_letter
    from openpyxl.workbook.workbook import Workbook

    book = Workbook()
    sheet = _Sheet(book.active, get_column_letter)
    sheet.cells.title = f"II.{shown.form}"
    for number, line in enumerate((f"Biểu số II.{shown.form}/VPCP/KSTT", TITLE.upper(), agency, period), 1):
        sheet.put(1, number, line, head=True, width=len(COLUMNS) + 2, framed=False)
    sheet.put(len(COLUMNS) + 1, 5, "Đơn vị tính: số hồ sơ", framed=False)
    _heads(sheet, shown)
    line_number = 10
    for row in (*shown.rows, shown.total):
        total = row is shown.total
        sheet.put(1, line_number, None if total else line_number - 9)
        sheet.put(2, line_number, row.label, head=total)
        for number, figure in enumerate(row.figures, 3):
            sheet.put(number, line_number, figure)
        line_number += 1
    for extra, text in enumerate(below, line_number + 1):
        sheet.put(2, extra, text, framed=False)
    for number in range(1, len(COLUMNS) + 3):
        sheet.cells.column_dimensions[get_column_letter(number)].width = {1: 6, 2: 42}.get(number, 13)
    sheet.cells.freeze_panes = "C10"
    setup = sheet.cells.page_setup
    setup.orientation, setup.fitToWidth, setup.fitToHeight = "landscape", 1, 0
    sheet.cells.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _heads(sheet: _Sheet, shown: Official) -> None:
    """Three rows of heads in rows 6 to 8, and the form's numbers of columns in row 9."""
    sheet.put(1, 6, "STT", head=True, height=3)
    sheet.put(2, 6, FIRST[shown.form], head=True, height=3)
    column = 3
    for group, columns in GROUPS:
        sheet.put(column, 6, group, head=True, width=len(columns))
        aboves = [above for above, _label, _number in columns]
        for at, (above, label, _number) in enumerate(columns):
            if above and above not in aboves[:at]:
                sheet.put(column + at, 7, above, head=True, width=aboves.count(above))
            sheet.put(column + at, 8 if above else 7, label, head=True, height=1 if above else 2)
        column += len(columns)
    for number, label in enumerate(("(1)", "(2)", *(number for _above, _label, number in COLUMNS)), 1):
        sheet.put(number, 9, label, head=True)


class _Sheet:
    """Cells by column and row; what people typed stays text: nothing in it is ever a formula."""

    def __init__(self, cells: Any, letter: Any) -> None:
        from openpyxl.styles.alignment import Alignment
        from openpyxl.styles.borders import Border, Side
        from openpyxl.styles.fonts import Font

        thin = Side(style="thin")
        self.cells, self.letter = cells, letter
        self.frame, self.bold = Border(thin, thin, thin, thin), Font(bold=True)
        self.middle = Alignment("center", "center", wrap_text=True)

    def put(
        self,
        column: int,
        row: int,
        value: Any,
        *,
        head: bool = False,
        width: int = 1,
        height: int = 1,
        framed: bool = True,
    ) -> None:
        if width * height > 1:
            end = f"{self.letter(column + width - 1)}{row + height - 1}"
            self.cells.merge_cells(f"{self.letter(column)}{row}:{end}")
        cell = self.cells[f"{self.letter(column)}{row}"]
        cell.value = value
        if isinstance(value, str):
            cell.data_type, cell.quotePrefix = "s", value.startswith(SEEMS_A_FORMULA)
        elif value is not None:
            cell.number_format = "#,##0"
        if head:
            cell.font, cell.alignment = self.bold, self.middle
        if framed:
            cell.border = self.frame
