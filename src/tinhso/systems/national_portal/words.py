"""Refusals in words that an official can act on."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Item

# What an official calls the fields of the portal (standards §2); of a list the name before the bracket.
FIELDS: dict[str, Any] = {
    "MaHoSo": gettext_lazy("Code of the dossier"),
    "MaTTHC": gettext_lazy("Code of the procedure"),
    "TenTTHC": gettext_lazy("Name of the procedure"),
    "MaLinhVuc": gettext_lazy("Code of the field"),
    "TenLinhVuc": gettext_lazy("Name of the field"),
    "KenhThucHien": gettext_lazy("Channel"),
    "ChuHoSo": gettext_lazy("Applicant"),
    "LoaiDoiTuong": gettext_lazy("Kind of applicant"),
    "MaDoiTuong": gettext_lazy("Enterprise code"),
    "DinhDanhCHS": gettext_lazy("The applicant's ID number"),
    "TrichYeuHoSo": gettext_lazy("Summary of the dossier"),
    "NgayNopHoSo": gettext_lazy("Time of submission"),
    "NgayTiepNhan": gettext_lazy("Time of acceptance"),
    "NgayHenTra": gettext_lazy("Promised time"),
    "NgayKetThucXuLy": gettext_lazy("End of processing"),
    "NgayTra": gettext_lazy("Time of return"),
    "NgayTuChoi": gettext_lazy("Time of refusal"),
    "TrangThaiHoSo": gettext_lazy("State"),
    "HinhThuc": gettext_lazy("Way of returning the result"),
    "DonViXuLy": gettext_lazy("Agency that decides"),
    "TaiLieuNop": gettext_lazy("Papers"),
    "DanhSachLePhi": gettext_lazy("Fees"),
    "DanhSachHoSoBoSung": gettext_lazy("Requests to complete the dossier"),
    "DanhSachGiayToKetQua": gettext_lazy("Results"),
    "NguoiXuLy": gettext_lazy("Who did it"),
    "ChucDanh": gettext_lazy("Title"),
    "ThoiDiemXuLy": gettext_lazy("When it was done"),
    "PhongBanXuLy": gettext_lazy("Agency that did it"),
    "NoiDungXuLy": gettext_lazy("What was done"),
    "TrangThai": gettext_lazy("State"),
    "NgayBatDau": gettext_lazy("Beginning of the step"),
    "NgayKetThucTheoQuyDinh": gettext_lazy("Due time of the step"),
}


def field_of(path: str) -> str:
    """`TaiLieuNop[0].TenTepDinhKem` → Papers (TaiLieuNop[0].TenTepDinhKem)."""
    head = path.partition(".")[0].partition("[")[0]
    return f"{FIELDS[head]} ({path})" if head in FIELDS else path


def explained(item: Item) -> str:
    """Why it was refused: the field as officials call it, then the portal's own words and code."""
    if item.code.startswith("here:"):
        return _("It cannot be put together here (%(fault)s). The log says more.") % {"fault": item.code[5:]}
    if item.code.startswith("http:"):
        return _("The portal does not take this call (HTTP %(status)s).") % {"status": item.code[5:]}
    said = item.reason or _("without a reason")
    where = f"{field_of(item.field)}: " if item.field else ""
    return f"{where}{said} ({item.code})"
