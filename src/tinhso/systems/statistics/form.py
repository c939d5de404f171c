"""The periodic table of TT 01/2020/TT-VPCP, forms II.06a (by field) and II.06b (by agency): how many dossiers were
received, decided and are in hand, and how they stand to their promise. Its words are Vietnamese, whoever reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tinhso.core.ledger.events import canonical

from .indicators import What
from .periods import Period
from .queries import Cut, Line, Scope, table


class Form(StrEnum):
    """Which rows: see ADR 0033 for how sure the letters are."""

    BY_FIELD = "06a"
    BY_AGENCY = "06b"


TITLE = "Tình hình, kết quả giải quyết thủ tục hành chính"
FIRST = {Form.BY_FIELD: "Lĩnh vực giải quyết", Form.BY_AGENCY: "Đơn vị"}
CUTS = {Form.BY_FIELD: Cut.FIELD, Form.BY_AGENCY: Cut.AGENCY}
NOT_IN_CATALOGUE = "Thủ tục không còn trong danh mục"
# (head, its columns); a column: head above it within the group ("" where none), head, number as in the form
GROUPS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Số lượng hồ sơ tiếp nhận",
        (
            ("", "Tổng số", "(3)=(4)+(5)+(6)"),
            ("Trong kỳ", "Trực tuyến", "(4)"),
            ("Trong kỳ", "Trực tiếp, dịch vụ bưu chính", "(5)"),
            ("", "Từ kỳ trước", "(6)"),
        ),
    ),
    (
        "Số lượng hồ sơ đã giải quyết",
        (
            ("", "Tổng số", "(7)=(8)+(9)+(10)"),
            ("", "Trước hạn", "(8)"),
            ("", "Đúng hạn", "(9)"),
            ("", "Quá hạn", "(10)"),
        ),
    ),
    (
        "Số lượng hồ sơ đang giải quyết",
        (("", "Tổng số", "(11)=(12)+(13)"), ("", "Trong hạn", "(12)"), ("", "Quá hạn", "(13)")),
    ),
)
COLUMNS = tuple(column for _head, columns in GROUPS for column in columns)
# Where a column opens to; None: a difference or a sum that no list stands for.
LISTS = (None, "online", None, None, None, What.EARLY, None, What.LATE, "end", None, "overdue")
Figures = list[int | None]


@dataclass(frozen=True)
class Row:
    """A line of the table: its key (field or agency), label, and columns 3 to 13; None where it is not known."""

    key: str
    label: str
    figures: Figures


@dataclass(frozen=True)
class Official:
    """The table of an agency and a period, and how far the ledger was read for it."""

    form: Form
    rows: list[Row]
    total: Row
    position: int
    as_of: datetime | None

    def content(self) -> dict[str, Any]:
        """As it is kept and its digest made."""
        plain = [[row.key, row.label, *row.figures] for row in (*self.rows, self.total)]
        # `as_of` as the ledger writes times, so that it reads back as it was written
        at = canonical({"at": self.as_of})[7:-2] if self.as_of else ""
        return {"rows": plain[:-1], "total": plain[-1], "position": self.position, "as_of": at}


def official(form: Form, of: Scope, when: Period, *, at: datetime) -> Official:
    """The table as the indicators have it now."""
    found = table(CUTS[form], of, when, at=at)
    rows = [Row(line.key, line.label or NOT_IN_CATALOGUE, _figures(line)) for line in found.lines]
    total = Row("", "Tổng số", _figures(found.total))
    return Official(form, [r for r in rows if any(r.figures)], total, found.as_of.position, found.as_of.at)


def of_content(form: str, content: dict[str, Any], as_of: datetime | None) -> Official:
    """The table as it was sent."""
    *rows, total = [Row(row[0], row[1], list(row[2:])) for row in (*content["rows"], content["total"])]
    return Official(Form(form), rows, total, content["position"], as_of)


def _figures(line: Line) -> Figures:
    """Refused, stopped and withdrawn are decided, and on time; what came by transfer or merger is "of before"."""
    online, received = line.counts["online"], line.counts[What.RECEIVED]
    early, late = line.counts[What.EARLY], line.counts[What.LATE]
    on_time = sum(line.counts[what] for what in (What.ON_TIME, What.REFUSED, What.STOPPED, What.WITHDRAWN))
    decided, end = early + on_time + late, line.end or 0
    before = end + decided - received
    in_time = None if line.overdue is None else end - line.overdue
    return [
        *(received + before, online, received - online, before),
        *(decided, early, on_time, late),
        *(end, in_time, line.overdue),
    ]


@dataclass(frozen=True)
class Compared:
    """A row as sent and how today's figures differ: one number a column, 0 where they are the same."""

    row: Row
    differences: Figures


def compared(sent: Official, now: Official) -> list[Compared]:
    """Row by row; a row that came later was nothing when the report was sent."""
    nothing: Figures = [0] * len(COLUMNS)
    before = {row.key: row for row in (*sent.rows, sent.total)}
    today = {row.key: row for row in (*now.rows, now.total)}
    keys = [row.key for row in sent.rows] + [key for key in today if key not in before] + [""]
    result = []
    for key in keys:
        row = before.get(key) or Row(key, today[key].label, nothing)
        after = today[key].figures if key in today else nothing
        pairs = zip(row.figures, after, strict=True)
        result.append(Compared(row, [None if a is None or b is None else b - a for a, b in pairs]))
    return result
