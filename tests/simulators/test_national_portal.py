"""The stand-in for the national portal takes what is right and names the field of what is not."""

from __future__ import annotations

import copy
import json
import urllib.error
import urllib.request
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tinhso.simulators.national_portal.portal import Manner, Portal
from tinhso.simulators.national_portal.server import PortalServer

DOSSIER: dict[str, Any] = {
    "MaHoSo": "H15.24133-261123-0001",
    "MaTTHC": "1.004873",
    "TenTTHC": "Cấp giấy xác nhận tình trạng hôn nhân",
    "MaLinhVuc": "ho-tich",
    "TenLinhVuc": "Hộ tịch",
    "KenhThucHien": "2",
    "ChuHoSo": "Nguyễn Thị Hoa",
    "LoaiDoiTuong": "1",
    "MaDoiTuong": "",
    "DinhDanhCHS": {"LoaiDinhDanh": "1", "SoDinhDanh": "066190000001"},
    "TrichYeuHoSo": "Xin xác nhận",
    "NgayNopHoSo": "20261123090000",
    "NgayTiepNhan": "",
    "NgayHenTra": "",
    "NgayKetThucXuLy": "",
    "NgayTra": "",
    "NgayTuChoi": "",
    "TrangThaiHoSo": "1",
    "HinhThuc": "2",
    "DonViXuLy": "Ủy ban nhân dân phường Buôn Ma Thuột",
    "NoiNopHoSo": "2",
    "HoSoCoThanhPhanSoHoa": "0",
    "TaiKhoanDuocXacThucVoiVNeID": "1",
    "DuocThanhToanTrucTuyen": "0",
    "DSKetNoiCSDL": [],
    "TaiLieuNop": [
        {
            "TepDinhKemId": "01a20449-6f25-7703-89ed-9cc52cef2279",
            "TenTepDinhKem": "don.pdf",
            "MaThanhPhanHoSo": "evidence",
            "DuongDanTaiTepTin": "https://tinh.example/cong-quoc-gia/tep/x/y",
            "DuocSoHoa": "0",
            "DuocTaiSuDung": "0",
            "DuocLayTuKhoDMQG": "0",
            "MaKetQuaThayThe": "",
        }
    ],
    "DanhSachLePhi": [{"MaPhiLePhi": "a", "TenPhiLePhi": "b", "HinhThucThu": "4", "Gia": "15000", "LoaiPhiLePhi": "2"}],
    "DanhSachHoSoBoSung": [],
    "DanhSachGiayToKetQua": [],
}
STEP = {
    "MaHoSo": "H15.24133-261123-0001",
    "NguoiXuLy": "Trần Văn Minh",
    "ChucDanh": "",
    "ThoiDiemXuLy": "20261123093000",
    "PhongBanXuLy": "Bộ phận một cửa",
    "NoiDungXuLy": "Đã tiếp nhận",
    "TrangThai": "2",
    "NgayBatDau": "20261123090000",
    "NgayKetThucTheoQuyDinh": "",
}


@pytest.fixture
def portal() -> Portal:
    one = Portal("H15", "tinh", "bi-mat")
    one.session = one.login({"username": "tinh", "password": "bi-mat"})["session"]  # type: ignore[attr-defined]
    return one


def told(portal: Portal, service: str, *data: Any, **more: Any) -> tuple[str, str]:
    """(error_code, field)."""
    body = {"session": portal.session, "madonvi": "H15", "service": service, "data": list(data)} | more  # type: ignore[attr-defined]
    answer = portal.call(body)
    return answer["error_code"], answer.get("field", "")


def dossier(portal: Portal, updating: Any = "False", **changes: Any) -> tuple[str, str]:
    return told(portal, "DongBoHoSoMC", DOSSIER | changes, isUpdating=updating)


def step(portal: Portal, **changes: Any) -> tuple[str, str]:
    return told(portal, "CapNhatTienDoHoSoMC", STEP | changes)


def inside(name: str, **changes: Any) -> dict[str, Any]:
    one = copy.deepcopy(DOSSIER[name])
    (one[0] if isinstance(one, list) else one).update(changes)
    return {name: one}


@pytest.mark.parametrize("field", DOSSIER)
def test_a_dossier_without_any_one_field_is_refused(portal: Portal, field: str) -> None:
    record = {name: value for name, value in DOSSIER.items() if name != field}
    assert told(portal, "DongBoHoSoMC", record, isUpdating="False") == ("01", field)


@pytest.mark.parametrize("field", STEP)
def test_a_step_without_any_one_field_is_refused(portal: Portal, field: str) -> None:
    dossier(portal)
    assert told(portal, "CapNhatTienDoHoSoMC", {k: v for k, v in STEP.items() if k != field}) == ("01", field)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"TrangThaiHoSo": 1}, "02", "TrangThaiHoSo"),
        ({"TaiLieuNop": {}}, "02", "TaiLieuNop"),
        ({"DinhDanhCHS": "066190000001"}, "02", "DinhDanhCHS"),
        ({"Them": "x"}, "03", "Them"),
        ({"ChuHoSo": ""}, "01", "ChuHoSo"),
        ({"TrichYeuHoSo": "a" * 1001}, "04", "TrichYeuHoSo"),
        ({"TrangThaiHoSo": "11"}, "05", "TrangThaiHoSo"),
        ({"KenhThucHien": "4"}, "05", "KenhThucHien"),
        ({"MaHoSo": "H15-1"}, "06", "MaHoSo"),
        ({"MaTTHC": "1004873"}, "06", "MaTTHC"),
        ({"NgayNopHoSo": "2026-11-23"}, "07", "NgayNopHoSo"),
        ({"NgayNopHoSo": "20261323090000"}, "07", "NgayNopHoSo"),
        ({"TrangThaiHoSo": "2"}, "08", "NgayTiepNhan"),
        ({"NgayTra": "20261124090000"}, "08", "NgayTra"),
        (inside("DinhDanhCHS", SoDinhDanh="12345"), "06", "DinhDanhCHS.SoDinhDanh"),
        (inside("DinhDanhCHS", LoaiDinhDanh="2"), "06", "DinhDanhCHS.SoDinhDanh"),
        (inside("DinhDanhCHS", LoaiDinhDanh="", SoDinhDanh=""), "08", "DinhDanhCHS.SoDinhDanh"),
        ({"LoaiDoiTuong": "2"}, "06", "MaDoiTuong"),
        ({"TrangThaiHoSo": "5"}, "08", "DanhSachHoSoBoSung"),
        ({"NgayTiepNhan": "20261122090000"}, "09", "NgayTiepNhan"),
        (inside("TaiLieuNop", DuocSoHoa="x"), "05", "TaiLieuNop[0].DuocSoHoa"),
        (inside("TaiLieuNop", DuongDanTaiTepTin="/tep"), "06", "TaiLieuNop[0].DuongDanTaiTepTin"),
        (inside("DanhSachLePhi", Gia=15000), "02", "DanhSachLePhi[0].Gia"),
        (inside("DanhSachLePhi", HinhThucThu="3"), "05", "DanhSachLePhi[0].HinhThucThu"),
    ],
)
def test_each_kind_of_fault_names_its_field(portal: Portal, changes: dict[str, Any], code: str, field: str) -> None:
    assert dossier(portal, **changes) == (code, field)
    assert portal.heard == []


def test_order_and_doubles(portal: Portal) -> None:
    assert step(portal) == ("11", "MaHoSo")  # progress before its dossier
    assert dossier(portal, "True") == ("10", "MaHoSo")
    assert dossier(portal, True) == ("05", "isUpdating")
    assert dossier(portal) == ("0", "")
    assert dossier(portal) == ("0", "")  # the same bytes again
    assert dossier(portal, ChuHoSo="Khác") == ("10", "MaHoSo")
    assert dossier(portal, "True", ChuHoSo="Khác") == ("0", "")
    assert step(portal) == step(portal) == ("0", "")
    assert step(portal, ThoiDiemXuLy="20261123092900") == ("12", "ThoiDiemXuLy")
    assert step(portal, ThoiDiemXuLy="20261123094000", NgayBatDau="20261123095000") == ("09", "NgayBatDau")
    assert (len(portal.heard), portal.repeated) == (3, 2)


def test_it_knows_over_a_restart_what_it_was_told(tmp_path: Path) -> None:
    journal = tmp_path / "portal.jsonl"
    first = Portal("H15", "tinh", "bi-mat", journal=journal)
    first.remember("DongBoHoSoMC", DOSSIER)
    first.remember("CapNhatTienDoHoSoMC", STEP)
    first.remember("application", {"MaHoSoQuocGia": "G22-1"})
    first.remember("answer", {"MaHoSoQuocGia": "G22-1", "MaHoSo": "x"})
    again = Portal("H15", "tinh", "bi-mat", journal=journal)
    assert (again.heard, again.seen()["answers"]) == (first.heard, first.answers)
    assert again.applications == first.applications


def test_on_its_socket_it_lets_in_who_may_and_behaves_as_told() -> None:
    portal = Portal("H15", "tinh", "bi-mat")
    with PortalServer(("127.0.0.1", 0), portal) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

        def post(path: str, **body: Any) -> dict[str, Any]:
            kind = {"Content-Type": "application/json"}
            request = urllib.request.Request(server.url + path, json.dumps(body).encode(), kind, method="POST")
            with urllib.request.urlopen(request, timeout=5) as answer:
                read: dict[str, Any] = json.load(answer)
                return read

        assert post("/mapi/login", username="tinh", password="x")["error_code"] == "401"
        session = post("/mapi/login", username="tinh", password="bi-mat")["session"]
        call = {
            "session": session,
            "madonvi": "H15",
            "service": "DongBoHoSoMC",
            "isUpdating": "False",
            "data": [DOSSIER],
        }
        assert post("/mapi/g", **call | {"session": "x"})["error_code"] == "401"
        assert post("/mapi/g", **call | {"madonvi": "H01"})["error_code"] == "20"
        assert post("/mapi/g", **call | {"service": "X"})["error_code"] == "21"
        assert post("/mapi/g", **call)["error_code"] == "0"
        post("/mo-phong", mode="refuse", field="TenTTHC")
        assert post("/mapi/g", **call)["field"] == "TenTTHC"
        post("/mo-phong", mode="busy")
        with pytest.raises(urllib.error.HTTPError, match="503"):
            post("/mapi/g", **call)
        post("/mo-phong", mode="down")
        with pytest.raises(OSError, match=r"closed connection|reset"):
            post("/mapi/g", **call)
        assert Manner("down", until=0).now == "ok"  # for some seconds only
        seen = post("/mo-phong", mode="ok", apply="1.004873")
        assert (seen["repeated"], list(seen["dossiers"])) == (0, [DOSSIER["MaHoSo"]])
        waiting = post("/mapi/g", **call | {"service": "LayDanhSachHoSo"})["result"]
        assert [one["MaTTHC"] for one in waiting] == ["1.004873"]
        page = urllib.request.urlopen(server.url + "/", timeout=5).read().decode()
        assert "mô phỏng" in page
        assert "Nguyễn Thị Hoa" not in page
        server.shutdown()
