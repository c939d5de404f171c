"""Reading the national database: forty rows read by eye, and the traps of its run-together text."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.systems.procedures.generate import doubts
from tinhso.systems.procedures.national.doubts import Why
from tinhso.systems.procedures.national.papers import HEADER as PAPERS
from tinhso.systems.procedures.national.papers import read_papers
from tinhso.systems.procedures.national.row import BadRow, Row, _plain, read_row
from tinhso.systems.procedures.national.texts import read_laws, read_results
from tinhso.systems.procedures.national.ways import HEADER, read_ways

NATIONAL = Path(__file__).resolve().parents[5] / "shared/data/national_procedures_400.jsonl"
BY_HAND = json.loads((Path(__file__).parent / "checked_by_hand.json").read_text(encoding="utf-8"))
SEED = 20261122
there = pytest.mark.skipif(not NATIONAL.exists(), reason=f"{NATIONAL} is not here")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in NATIONAL.read_text(encoding="utf-8").splitlines()]


@there
def test_the_forty_were_chosen_by_chance(rows: list[dict[str, Any]]) -> None:
    chosen = sorted(random.Random(SEED).sample(range(len(rows)), 40))
    assert [one["line"] for one in BY_HAND] == [index + 1 for index in chosen]


@there
@pytest.mark.parametrize("expected", BY_HAND, ids=lambda one: one["code"])
def test_what_the_reader_says_is_what_a_person_read(expected: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    row = read_row(rows[expected["line"] - 1])
    assert row.code == expected["code"]
    read = [(w.channel, w.time.amount, w.time.unit or None, w.fee.amount) for w in row.ways]
    assert read == [(w["channel"], w["amount"], w["unit"], w["fee"]) for w in expected["ways"]]
    if "results" in expected:
        assert [code for _name, code in row.results] == expected["results"]
    if "last_paper" in expected:
        papers = [paper for case in row.cases for paper in case.papers]
        last = {"originals": papers[-1].originals, "copies": papers[-1].copies} if papers else None
        assert last == expected["last_paper"]


def values(row: Row) -> Iterator[tuple[str, bool, bool]]:
    """Each limit and fee: where it stands, whether the row states it with its unit, whether a person is asked. A fee
    that the province's council sets is not stated, whatever is written before it; foreign money is not ours."""
    asked = {doubt.where for doubt in row.doubts if doubt.blocks}
    unstated = {doubt.where for doubt in row.doubts if doubt.why in (Why.FEE_MISSING, Why.FEE_COUNCIL)}
    for index, way in enumerate(row.ways):
        time, fee = f"ways.{index}.time", f"ways.{index}.fee"
        yield time, way.time.stated, time in asked
        if way.fee.currency in ("", "VND"):
            whole = bool(way.fees) and all(one.amount is not None for one in way.fees)
            yield fee, whole and fee not in unstated, fee in asked


@there
def test_few_that_state_value_and_unit_wait_for_a_person_by_ways_and_by_rows(rows: list[dict[str, Any]]) -> None:
    ways: dict[str, list[bool]] = {}  # those that state all: whether a person is asked
    for row in map(read_row, rows):
        by_way: dict[str, list[tuple[bool, bool]]] = {}
        for where, stated, asked in values(row):
            by_way.setdefault(f"{row.code} {where.rpartition('.')[0]}", []).append((stated, asked))
        ways |= {way: [a for _s, a in both] for way, both in by_way.items() if all(s for s, _a in both)}
    by_row: dict[str, bool] = {}
    for way, asked_of in ways.items():
        by_row[way.split()[0]] = by_row.get(way.split()[0], False) or any(asked_of)
    assert len(ways) > 600
    assert len(by_row) > 200
    assert sum(map(any, ways.values())) / len(ways) <= 0.10
    assert sum(by_row.values()) / len(by_row) <= 0.10


@there
def test_whatever_is_not_stated_is_asked_of_a_person(rows: list[dict[str, Any]]) -> None:
    for row in map(read_row, rows):
        for where, stated, asked in values(row):
            assert stated or asked, f"{row.code} {where}"


@there
def test_each_excerpt_stands_in_its_row_and_is_short(rows: list[dict[str, Any]]) -> None:
    for raw in rows:
        row = read_row(raw)
        whole = bare("".join(text for text in raw.values() if text))
        for doubt in doubts(row, date(2026, 11, 23)):
            assert len(doubt.excerpt) <= 300
            assert doubt.excerpt, f"{row.code} {doubt.where}"
            for piece in doubt.excerpt.removesuffix("…").split("; "):  # of several amounts one is not behind the other
                assert bare(piece) in whole, f"{row.code} {doubt.where}: {doubt.excerpt}"


def bare(text: str) -> str:
    """Letters and digits alone, as the reader sees them: an excerpt leaves the parentheses of notes out."""
    return "".join(filter(str.isalnum, _plain(text)))


@there
def test_nothing_of_the_table_is_lost(rows: list[dict[str, Any]]) -> None:
    for raw in rows:
        ways, _doubts = read_ways(raw["cach_thuc_thuc_hien"])
        assert HEADER + "".join(way.text for way in ways) == raw["cach_thuc_thuc_hien"].strip()


def whys(text: str) -> set[str]:
    return {str(doubt.why) for doubt in read_ways(HEADER + text)[1]}


@pytest.mark.parametrize(
    ("text", "amount", "unit", "fee"),
    [
        ("Trực tuyến15 Ngày làm việcMiễn phí", 15, "working_days", 0),
        ("Trực tiếp30 Ngày50,000 VNĐ(đồng/lần)", 30, "days", 50_000),
        ("Dịch vụ bưu chính3 Giờ2,500,000 Việt Nam Đồng", 3, "hours", 2_500_000),
        ("Trực tiếp6 Tháng10 USD(/thẻ)", 6, "months", 10),
        ("Trực tuyến2 Ngày làm việcKhông có thông tin07 ngày làm việc kể từ ngày nhận", 2, "working_days", None),
        ("Trực tuyếnKhông quá 05  ngày  làm việc50.000 VNĐNộp hồ sơ tại xã", 5, "working_days", 50_000),
        ("Trực tiếp3 Ngày1.250.000,00 đồng(1.250.000 đồng/hồ sơ)", 3, "days", 1_250_000),
        ("Dịch vụ bưu chính công ích1 Tuần8000 VND", 1, "weeks", 8_000),
    ],
)
def test_value_and_unit_are_read(text: str, amount: int, unit: str, fee: int | None) -> None:
    (way,), _doubts = read_ways(HEADER + text)
    assert (way.time.amount, way.time.unit, way.fee.amount) == (amount, unit, fee)
    assert not {"time_number", "fee_joined"} & whys(text)


@pytest.mark.parametrize(
    "limit",
    [
        *("5-7 Ngày làm việc", "5 Ngày, hoặc 7 Ngày", "5 Ngày (hoặc 7 ngày)", "15 Ngày LV", "15 NgàyLàm việc"),
        *("1,000 Ngày", "2,5 Tháng", "30 Phút", "Trong ngày", "5 Ngày/lần", "1515 Ngày"),
    ],
)
def test_a_limit_that_says_more_than_a_number_and_a_unit_is_asked_about(limit: str) -> None:
    assert whys(f"Trực tuyến{limit}Miễn phí") & {"time_words", "time_missing"}


@pytest.mark.parametrize(
    "fee",
    [
        *("50 nghìn đồng", "0,1% giá trị", "50,000(lệ phí)", "50 000 VNĐ", "50,000 - 100,000 VNĐ", "50.000đ"),
        *("50,000 VNĐ - 100,000 VNĐ", "Miễn phí50,000 VNĐ", "Miễn phí(Cấp lại: 135.000 đồng/lần)"),
        "800,000 VNĐ(áp dụng mức phí 400.000 đồng đến hết ngày 31/12/2026)",
    ],
)
def test_a_fee_that_is_not_one_certain_amount_is_asked_about(fee: str) -> None:
    (way,), doubts = read_ways(f"{HEADER}Trực tiếp5 Ngày làm việc{fee}")
    assert way.time.amount == 5
    assert [doubt.where for doubt in doubts if doubt.blocks]


def test_letters_that_only_look_alike_are_read_too() -> None:
    text = HEADER + "Trực tuyến5\xa0Ngày\u200b làm việc20,000 VN\u00d0"
    (way,) = read_row({**MINIMAL, "cach_thuc_thuc_hien": text}).ways
    assert (way.time.unit, way.fee.amount) == ("working_days", 20_000)


@pytest.mark.parametrize("text", ["Trực tuyến7Miễn phí", "Trực tiếp7Không có thông tin", "Trực tiếp7"])
def test_a_bare_number_is_asked_about_and_never_guessed(text: str) -> None:
    (way,), _doubts = read_ways(HEADER + text)
    assert (way.time.amount, way.time.unit) == (7, "")
    assert "time_number" in whys(text)


@pytest.mark.parametrize("text", ["Trực tuyến310,000 VNĐ", "Trực tuyến120 VNĐ(20.000 đ/tờ khai)", "Trực tiếp1100 VNĐ"])
def test_a_number_that_runs_into_an_amount_is_asked_about(text: str) -> None:
    (way,), _doubts = read_ways(HEADER + text)
    assert way.time.amount is None
    assert way.fee.amount is None
    assert {"time_number", "fee_joined"} <= whys(text)


def test_an_amount_without_its_thousands_is_asked_about() -> None:
    assert "fee_small" in whys("Trực tuyến7 Ngày làm việc100 VNĐ(100.000 đồng/lần.)")


def test_two_amounts_for_one_way_are_asked_about() -> None:
    assert whys("Trực tiếp5 Ngày50,000 VNĐ(lệ phí)20,000 VNĐ(phí)") == {"fee_several"}


def test_channels_named_in_a_description_are_no_rows() -> None:
    text = (
        "Trực tiếp5 Ngày làm việcMiễn phí+ Trực tiếp: nộp tại xã. + Trực tuyến: nộp hồ sơ trực tuyến. Trực tiếp tại xã"
    )
    ways, doubts = read_ways(HEADER + text)
    assert [way.channel for way in ways] == ["counter"]
    assert not doubts


def test_several_rows_of_a_channel_are_several_cases() -> None:
    ways, _doubts = read_ways(HEADER + "Trực tuyến30 NgàyMiễn phíKhông kiểm tra.Trực tuyến40 NgàyMiễn phíCó kiểm tra.")
    assert [(int(way.time.amount or 0), way.description) for way in ways] == [
        (30, "Không kiểm tra."),
        (40, "Có kiểm tra."),
    ]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Đơn1 bản chínhGiấy khai sinh0 bản chính,2 bản sao", [("Đơn", 1, 0), ("Giấy khai sinh", 0, 2)]),
        ("Nộp 01 bản chính, kèm ảnh1 bản chính", [("Nộp 01 bản chính, kèm ảnh", 1, 0)]),
        ("Gồm:0 bản chính+ Tờ khai1 bản chính", [("Gồm:", 0, 0), ("+ Tờ khai", 1, 0)]),
        ("Mẫu số 181 bản chính", [("Mẫu số 18", 1, 0)]),
    ],
)
def test_papers_are_cut_at_their_counts(text: str, counts: list[tuple[str, int, int]]) -> None:
    ((case), *_more), _doubts = read_papers(f"--{PAPERS}{text}")
    assert [(paper.name, paper.originals, paper.copies) for paper in case.papers] == counts


def test_a_count_behind_a_digit_is_asked_about() -> None:
    _cases, (doubt,) = read_papers(f"--{PAPERS}Mẫu ngày 25/6/20241 bản chính")
    assert doubt.why is Why.COUNT


def test_a_form_is_told_from_the_paper_only_where_it_can_be() -> None:
    (case,), _doubts = read_papers(f"--{PAPERS}Tờ khai của Chính phủ.Mẫu M01a-2024.docx1 bản chính")
    assert (case.papers[0].name, case.papers[0].form) == ("Tờ khai của Chính phủ.", "Mẫu M01a-2024.docx")
    (case,), _doubts = read_papers(f"--{PAPERS}Bản đồ theo Mus02.docx1 bản chính")
    assert case.papers[0].form == ""


def test_cases_have_their_titles() -> None:
    cases, _doubts = read_papers(f"Trường hợp 1:{PAPERS}Đơn1 bản chínhTrường hợp 2:{PAPERS}Ảnh2 bản chính")
    assert [(case.title, case.papers[0].name) for case in cases] == [("Trường hợp 1:", "Đơn"), ("Trường hợp 2:", "Ảnh")]


def test_laws_and_results_are_told_apart() -> None:
    laws = "Tên văn bản pháp lýMã văn bảnLuật 54/2014/QH1354/2014/QH13Nghị định số 7/2025/NĐ-CP sửa đổi07/2025/NĐ-CP"
    assert [law["number"] for law in read_laws(laws)] == ["54/2014/QH13", "07/2025/NĐ-CP"]
    text = "Giấy khai sinhMã: KQ.G15.000031Bản saoMã: KQ.G15.000040Từ khóaKhông có thông tin"
    assert read_results(text) == [("Giấy khai sinh", "KQ.G15.000031"), ("Bản sao", "KQ.G15.000040")]


def test_letters_with_their_marks_apart_are_read_like_others() -> None:
    apart = unicodedata.normalize("NFD", HEADER + "Trực tuyến5 Ngày làm việcMiễn phí")
    row = read_row({**MINIMAL, "ten_thu_tuc": unicodedata.normalize("NFD", "Cấp giấy"), "cach_thuc_thuc_hien": apart})
    assert row.name == "Cấp giấy"
    assert row.ways[0].time.unit == "working_days"


MINIMAL = {"ma_thu_tuc": "1.000001", "ten_thu_tuc": "Thủ tục", "cap_thuc_hien": "Cấp xã", "linh_vuc": "Hộ tịch"}


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {},
        {**MINIMAL, "ten_thu_tuc": " "},
        {**MINIMAL, "ma_thu_tuc": "x"},
        {**MINIMAL, "cap_thuc_hien": "Cấp huyện"},
        {**MINIMAL, "ket_qua_xu_ly": 7},
    ],
)
def test_a_row_that_names_no_procedure_is_bad(raw: Any) -> None:
    with pytest.raises(BadRow):
        read_row(raw)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["cach_thuc_thuc_hien", "thanh_phan_ho_so", "ket_qua_xu_ly"]), st.text()))
def test_no_text_breaks_the_reader(texts: dict[str, str]) -> None:
    assert isinstance(read_row({**MINIMAL, **texts}), Row)
