"""The citizens one can be. All of them are constructed; their serial numbers count up from 1."""

from __future__ import annotations

from typing import NamedTuple


class Citizen(NamedTuple):
    number: str
    name: str
    note: str


CITIZENS = [
    Citizen("066190000001", "Nguyễn Thị Hoa", "nữ, sinh 1990"),
    Citizen("066085000002", "Trần Văn Minh", "nam, sinh 1985"),
    Citizen("066199000003", "H'Linh Niê", "nữ, sinh 1999"),
    Citizen("066078000004", "Y Bhăm Êban", "nam, sinh 1978"),
    Citizen("066168000005", "Lê Thị Bích Phượng", "nữ, sinh 1968"),
    Citizen("066203000006", "Phạm Quốc Đạt", "nam, sinh 2003"),
    Citizen("066307000007", "Đỗ Ngọc Ánh", "nữ, sinh 2007"),
    Citizen("066055000008", "Hoàng Văn Thụy", "nam, sinh 1955"),
]
