"""What the portal checks of every field: that it is there, its type, length, form and code list; and what fields mean
together. One fault is told at a time, by the path of its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CODE = re.compile(r"[0-9A-Z]+(?:\.[0-9A-Z]+)*-\d{6}-\d{4,}")
PROCEDURE = re.compile(r"\d\.\d{6}(?:\.\d{2,3}){0,3}(?:\.[A-Z]\d{2})?")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"https?://[^\s]+")
NUMBER = re.compile(r"\d{9}|\d{12}")
BUSINESS = re.compile(r"\d{10}(?:-\d{3})?")
AMOUNT = re.compile(r"[1-9]\d{0,11}")
RESULT = re.compile(CODE.pattern + r"-KQ\d*")
STATES = frozenset(map(str, range(1, 11)))
YES_NO = frozenset("01")


class Fault(Exception):
    """A field that cannot be taken, and why."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(code)
        self.code, self.field, self.message = code, field, message


@dataclass(frozen=True)
class Rule:
    """One field. `need` is "yes", "no", or the name of a meaning checked afterwards; an empty text is none."""

    most: int = 0
    need: bool = True
    among: frozenset[str] | None = None
    form: re.Pattern[str] | None = None
    moment: bool = False
    inside: Mapping[str, Rule] | None = None
    many: bool = False


def text(most: int, *, need: bool = True, form: re.Pattern[str] | None = None) -> Rule:
    return Rule(most, need, form=form)


def code(*among: str, need: bool = True) -> Rule:
    return Rule(2, need, frozenset(among))


def moment(*, need: bool = False) -> Rule:
    return Rule(14, need, moment=True)


FLAG = Rule(1, among=YES_NO)
STATE = Rule(2, among=STATES)

DOSSIER: Mapping[str, Rule] = {
    "MaHoSo": text(60, form=CODE),
    "MaTTHC": text(40, form=PROCEDURE),
    "TenTTHC": text(500),
    "MaLinhVuc": text(60),
    "TenLinhVuc": text(300),
    "KenhThucHien": code("1", "2", "3"),
    "ChuHoSo": text(250),
    "LoaiDoiTuong": code("1", "2", "3", "4"),
    "MaDoiTuong": text(50, need=False),
    "DinhDanhCHS": Rule(
        inside={"LoaiDinhDanh": code("1", "2", need=False), "SoDinhDanh": text(12, need=False, form=NUMBER)}
    ),
    "TrichYeuHoSo": text(1000),
    "NgayNopHoSo": moment(need=True),
    "NgayTiepNhan": moment(),
    "NgayHenTra": moment(),
    "NgayKetThucXuLy": moment(),
    "NgayTra": moment(),
    "NgayTuChoi": moment(),
    "TrangThaiHoSo": STATE,
    "HinhThuc": code("0", "1", "2"),
    "DonViXuLy": text(250),
    "NoiNopHoSo": code("1", "2"),
    "HoSoCoThanhPhanSoHoa": FLAG,
    "TaiKhoanDuocXacThucVoiVNeID": FLAG,
    "DuocThanhToanTrucTuyen": code("0", "1", "2"),
    "DSKetNoiCSDL": Rule(many=True, inside={"MaCSDL": text(20)}),
    "TaiLieuNop": Rule(
        many=True,
        inside={
            "TepDinhKemId": text(36, form=UUID),
            "TenTepDinhKem": text(255),
            "MaThanhPhanHoSo": text(60),
            "DuongDanTaiTepTin": text(500, form=ADDRESS),
            "DuocSoHoa": FLAG,
            "DuocTaiSuDung": FLAG,
            "DuocLayTuKhoDMQG": FLAG,
            "MaKetQuaThayThe": text(80, need=False),
        },
    ),
    "DanhSachLePhi": Rule(
        many=True,
        inside={
            "MaPhiLePhi": text(40),
            "TenPhiLePhi": text(500),
            "HinhThucThu": code("1", "2", "4"),
            "Gia": text(12, form=AMOUNT),
            "LoaiPhiLePhi": code("1", "2"),
        },
    ),
    "DanhSachHoSoBoSung": Rule(
        many=True,
        inside={
            "HoSoBoSungId": text(36, form=UUID),
            "NoiDungBoSung": text(4000),
            "NgayBoSung": moment(need=True),
            "NgayTiepNhanBoSung": moment(),
            "TrangThaiBoSung": FLAG,
            "NgayHenTraTruoc": moment(),
            "NgayHenTraMoi": moment(),
        },
    ),
    "DanhSachGiayToKetQua": Rule(
        many=True,
        inside={
            "TenGiayTo": text(2000),
            "MaThanhPhanHoSo": text(60, need=False),
            "GiayToId": text(36, form=UUID),
            "DuongDanTepTinKetQua": text(500, form=ADDRESS),
            "MaKetQua": text(80, form=RESULT),
        },
    ),
}

STEP: Mapping[str, Rule] = {
    "MaHoSo": text(60, form=CODE),
    "NguoiXuLy": text(120),
    "ChucDanh": text(120, need=False),
    "ThoiDiemXuLy": moment(need=True),
    "PhongBanXuLy": text(250),
    "NoiDungXuLy": text(500),
    "TrangThai": STATE,
    "NgayBatDau": moment(),
    "NgayKetThucTheoQuyDinh": moment(),
}


def check(record: Any, rules: Mapping[str, Rule], path: str = "") -> None:
    """Raise Fault for the first field that is wrong, unknown ones included."""
    if not isinstance(record, Mapping):
        raise Fault("02", path.rstrip(".") or "data", "không phải một đối tượng")
    if unknown := sorted(set(record) - set(rules)):
        raise Fault("03", path + unknown[0], "trường không có trong đặc tả")
    for name, rule in rules.items():
        if name not in record:
            raise Fault("01", path + name, "thiếu trường")
        _check_one(record[name], rule, path + name)


def _check_one(value: Any, rule: Rule, path: str) -> None:
    if rule.many:
        if not isinstance(value, list):
            raise Fault("02", path, "không phải một danh sách")
        for number, one in enumerate(value):
            check(one, rule.inside or {}, f"{path}[{number}].")
        return
    if rule.inside is not None:
        check(value, rule.inside, f"{path}.")
        return
    if not isinstance(value, str):
        raise Fault("02", path, "không phải một chuỗi ký tự")
    if not value:
        if rule.need:
            raise Fault("01", path, "bắt buộc phải có")
        return
    if len(value) > rule.most:
        raise Fault("04", path, f"dài quá {rule.most} ký tự")
    if rule.among is not None and value not in rule.among:
        raise Fault("05", path, "mã không có trong danh mục")
    if rule.form is not None and not rule.form.fullmatch(value):
        raise Fault("06", path, "sai định dạng")
    if rule.moment:
        _moment(value, path)


def _moment(value: str, path: str) -> None:
    try:
        if not re.fullmatch(r"\d{14}", value) or datetime.strptime(value, "%Y%m%d%H%M%S").year < 2000:  # noqa: DTZ007
            raise ValueError
    except ValueError:
        raise Fault("07", path, "thời điểm phải theo dạng yyyyMMddHHmmss") from None


def whole(dossier: Mapping[str, Any]) -> None:
    """What the fields of a dossier mean together."""
    state, who = dossier["TrangThaiHoSo"], dossier["DinhDanhCHS"]
    needs = {"NgayTiepNhan": {"2", "4", "9", "10"}, "NgayHenTra": {"2", "4", "9", "10"}}
    needs |= {"NgayKetThucXuLy": {"3", "7", "8", "9", "10"}, "NgayTra": {"10"}, "NgayTuChoi": {"3"}}
    for field, states in needs.items():
        if state in states and not dossier[field]:
            raise Fault("08", field, f"bắt buộc phải có khi trạng thái là {state}")
    for field, states in (("NgayTra", {"10"}), ("NgayTuChoi", {"3", "8"})):
        if dossier[field] and state not in states:
            raise Fault("08", field, f"không được có khi trạng thái là {state}")
    if bool(who["LoaiDinhDanh"]) != bool(who["SoDinhDanh"]):
        raise Fault("08", "DinhDanhCHS.LoaiDinhDanh", "phải đi cùng số định danh")
    if who["SoDinhDanh"] and len(who["SoDinhDanh"]) != {"1": 12, "2": 9}[who["LoaiDinhDanh"]]:
        raise Fault("06", "DinhDanhCHS.SoDinhDanh", "số chữ số không hợp với loại định danh")
    if dossier["LoaiDoiTuong"] == "1" and dossier["KenhThucHien"] == "2" and not who["SoDinhDanh"]:
        raise Fault("08", "DinhDanhCHS.SoDinhDanh", "bắt buộc với công dân nộp trực tuyến")
    if dossier["LoaiDoiTuong"] == "2" and not BUSINESS.fullmatch(dossier["MaDoiTuong"]):
        raise Fault("06", "MaDoiTuong", "phải là mã số doanh nghiệp")
    _in_order(dossier)


def _in_order(dossier: Mapping[str, Any]) -> None:
    """Times in the order in which things happen; as text they compare as times do."""
    for earlier, later in (
        ("NgayNopHoSo", "NgayTiepNhan"),
        ("NgayTiepNhan", "NgayHenTra"),
        ("NgayTiepNhan", "NgayKetThucXuLy"),
        ("NgayKetThucXuLy", "NgayTra"),
        ("NgayNopHoSo", "NgayTuChoi"),
    ):
        if dossier[earlier] and dossier[later] and dossier[earlier] > dossier[later]:
            raise Fault("09", later, f"sớm hơn {earlier}")
    waiting = [one for one in dossier["DanhSachHoSoBoSung"] if one["TrangThaiBoSung"] == "0"]
    if dossier["TrangThaiHoSo"] == "5" and not waiting:
        raise Fault("08", "DanhSachHoSoBoSung", "phải có yêu cầu bổ sung đang chờ khi trạng thái là 5")
    for number, one in enumerate(dossier["DanhSachHoSoBoSung"]):
        if (one["TrangThaiBoSung"] == "1") != bool(one["NgayTiepNhanBoSung"]):
            raise Fault("08", f"DanhSachHoSoBoSung[{number}].NgayTiepNhanBoSung", "phải đi cùng trạng thái 1")
