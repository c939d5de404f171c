"""Capacity, as it is printed above a name."""

from __future__ import annotations

import pytest

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Kind, Staff
from tinhso.core.letters.signatory import signatory


@pytest.mark.parametrize(
    ("kind", "capacity", "title", "lines"),
    [
        (Kind.COMMUNE, "TM", "Chủ tịch", ["TM. Ủy ban nhân dân"]),
        (Kind.COMMUNE, "KT", "Phó Chủ tịch", ["TM. Ủy ban nhân dân", "KT. Chủ tịch"]),
        (Kind.COMMUNE, "TL", "Chánh Văn phòng", ["TL. Chủ tịch"]),
        (Kind.COMMUNE, "TUQ", "Trưởng phòng", ["TUQ. Chủ tịch"]),
        (Kind.DEPARTMENT, "", "Giám đốc", []),
        (Kind.DEPARTMENT, "KT", "Phó Giám đốc", ["KT. Giám đốc"]),
    ],
)
def test_who_signs_in_whose_name(kind: str, capacity: str, title: str, lines: list[str]) -> None:
    staff = Staff(agency=Agency(kind=kind), account=Account(display_name="Trần Thị Mỹ"), capacity=capacity, title=title)
    assert signatory(staff) == {"lines": lines, "title": title, "name": "Trần Thị Mỹ"}
