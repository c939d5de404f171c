"""The letters that dossiers and procedures send, each with the data its head asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.signing.life import letter_data

from tinhso.core.letters.render import render

from .test_letters import text

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
COUNTER = "Bộ phận Tiếp nhận và Trả kết quả phường Buôn Ma Thuột"
CODE = "H15.24133-261123-0975"
APPLICANT = {"name": "Nguyễn Thị Hường", "address": "Số 12 đường Phan Chu Trinh", "phone": "0905 123 456", "email": ""}


def slip(**changed: Any) -> dict[str, Any]:
    data = letter_data(
        number="123/TNHS",
        date="2026-11-23",
        counter=COUNTER,
        code=CODE,
        secret="K7PM-3XQ9",
        applicant=APPLICANT,
        procedure="Cấp Giấy xác nhận tình trạng hôn nhân (1.004873)",
        request="",
        components=[{"name": "Tờ khai", "form": "bản điện tử"}, {"name": "Quyết định ly hôn", "form": ""}],
        sets=1,
        time_limit="03 ngày làm việc",
        received_at="2026-11-23T08:30",
        due_at="2026-11-26T08:30",
        return_at="Cổng dịch vụ công",
        fee="15.000 đồng",
        receiver={"title": "", "name": "Lê Quang Vinh"},
    )
    return {**data, **changed}


def test_the_slip_tells_when_to_come_and_how_to_look() -> None:
    words = text(render("dossiers/appointment_slip", slip(), at=AT))
    for part in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        CODE,
        "K7PM-3XQ9",
        "08 giờ 30 phút, ngày 26 tháng 11 năm 2026",
        "1. Tờ khai (bản điện tử)",
        "2. Quyết định ly hôn",
        "01 bộ",
        "15.000 đồng",
        "Lê Quang Vinh",
    ):
        assert part in words


@pytest.mark.parametrize("changed", [{"components": []}, {"due_at": ""}, {"fee": ""}, {"request": "hai bản"}])
def test_the_slip_does_without_what_a_dossier_lacks(changed: dict[str, Any]) -> None:
    assert CODE in text(render("dossiers/appointment_slip", slip(**changed), at=AT))


def test_a_long_list_of_papers_goes_on_to_a_numbered_page() -> None:
    papers = [{"name": f"Giấy tờ thứ {n}", "form": "bản chính"} for n in range(60)]
    words = text(render("dossiers/appointment_slip", slip(components=papers), at=AT))
    assert "60. Giấy tờ thứ 59" in words
    assert " 2 " in words  # page number, from the second page on


@pytest.mark.parametrize("reasons", [["Thiếu chữ ký."], ["Thiếu chữ ký.", "Không thuộc thẩm quyền."]])
def test_the_refusal_gives_every_reason(reasons: list[str]) -> None:
    data = letter_data(
        number="7/TC",
        date="2026-11-23",
        counter=COUNTER,
        code=CODE,
        applicant=APPLICANT,
        procedure="Cấp Giấy xác nhận tình trạng hôn nhân (1.004873)",
        title="Phiếu từ chối tiếp nhận, giải quyết hồ sơ",
        times=[["Thời gian nhận hồ sơ", "2026-11-23T08:30"]],
        lead="Qua xem xét, phường không tiếp nhận hồ sơ này:",
        reasons=reasons,
        next_steps=["Anh/chị nộp lại tại phường Tân An."],
        complaint="",
        receiver={"title": "", "name": "Lê Quang Vinh"},
    )
    words = text(render("dossiers/notice", data, at=AT))
    assert "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ" in words
    assert all(reason in words for reason in reasons)
    assert "Anh/chị nộp lại tại phường Tân An." in words


def test_the_extract_says_what_the_register_says() -> None:
    data = letter_data(
        kind="Trích lục khai sinh",
        registered_at="Ủy ban nhân dân xã Ea Kao",
        registered_on="1998-02-11",
        register_number="45",
        register_book="01/1998",
        content="Họ tên mẹ: H'Wing Niê Kđăm.\nHọ tên cha: Y Thuần.",
        copies=2,
    )
    words = text(render("procedures/civil_extract", data, at=AT))
    for part in ("TRÍCH LỤC KHAI SINH", "(BẢN SAO)", "11/02/1998", "01/1998", "Họ tên cha: Y Thuần."):
        assert part in words


@pytest.mark.parametrize("date", ["2019-07-01", ""])
def test_the_certified_copy_names_the_paper(date: str) -> None:
    data = letter_data(
        document="Bằng tốt nghiệp đại học",
        issuer="Trường Đại học Tây Nguyên",
        document_number="B 123456",
        document_date=date,
        pages=2,
        copies=3,
    )
    words = text(render("procedures/certified_copy", data, at=AT))
    assert "Bằng tốt nghiệp đại học" in words
    assert "đúng với bản chính" in words
