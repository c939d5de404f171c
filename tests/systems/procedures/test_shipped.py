"""The three procedures that come with the install, from form to letter."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tinhso.core.forms.definition import FormDefinition, flat
from tinhso.core.letters.render import render
from tinhso.core.process.check import checked
from tinhso.systems.procedures.demo import shipped
from tinhso.systems.procedures.fees import check_fee, compute_fee
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.results import check_mapping, letter_data, starting_content

NATIONAL = Path(__file__).resolve().parents[4] / "shared/data/national_procedures_400.jsonl"
TODAY = date(2026, 11, 22)
DATA = {one["procedure"]["code"]: one for one in shipped()}
HOME = {"province": "66", "commune": "24133", "detail": "12 Lê Duẩn"}
HOA = {"full_name": "Nguyễn Thị Hoa", "national_id": "066190012345", "phone": "0912345678", "address": HOME}
OWN = {"birth_date": "1990-05-02", "sex": "female", "ethnicity": "Kinh", "nationality": "Việt Nam"}
CHILD = {"full_name": "Nguyễn An", "birth_date": "2015-01-02", "sex": "male"}

STATUS: dict[str, Any] = {
    "relation": "self",
    "requester": HOA,
    "own": OWN,
    "status": "never",
    "purpose": "property",
    "earlier_paper": "none",
    "copies": 1,
    "exemption": "none",
    "receive": "online",
    "declaration": True,
}
TO_MARRY = {
    "status": "divorced",
    "spouse": "Trần Văn An",
    "divorce_paper": "Bản án 12/2020 của Tòa án nhân dân TP Buôn Ma Thuột",
    "purpose": "marriage",
    "partner_name": "Lê Văn Bình",
    "partner_birth_date": "1988-01-01",
    "partner_paper": "Căn cước 066088000001",
    "wedding_place": "Ủy ban nhân dân phường Tân Lập",
}
EXTRACT: dict[str, Any] = {
    "kind": "birth_copy",
    "relation": "child",
    "requester": HOA,
    "subject": CHILD,
    "place": {"province": "66", "commune": "24133"},
    "registered_at": "UBND phường Tân Lợi",
    "registered_on": "2015-01-10",
    "copies": 3,
    "purpose": "nhập học",
    "receive": "counter",
    "declaration": True,
}
CERTIFIED: dict[str, Any] = {
    "requester": HOA,
    "document": "Bằng tốt nghiệp đại học",
    "issuer": "Trường Đại học Tây Nguyên",
    "origin": "vietnam",
    "pages": 4,
    "copies": 2,
    "original_shown": True,
}
CASES = [("1.004873", STATUS), ("1.004873", STATUS | TO_MARRY), ("2.000635", EXTRACT), ("2.000815", CERTIFIED)]


def variant_of(code: str) -> dict[str, Any]:
    return DATA[code]["variants"][0]


def form_of(code: str) -> FormDefinition:
    return FormDefinition(variant_of(code)["form"])


def a_variant(code: str, monkeypatch: pytest.MonkeyPatch) -> Variant:
    """The variant without a database: its two forms stand in for their stored versions."""
    result = variant_of(code)["result"]
    forms = {"form": form_of(code), "result_form": FormDefinition(result["form"])}
    monkeypatch.setattr(Variant, "form", forms["form"], raising=False)
    monkeypatch.setattr(Variant, "result_form", forms["result_form"], raising=False)
    monkeypatch.setattr(FormDefinition, "load", staticmethod(lambda version: version))
    return Variant(result_start=result["start"], result_data=result["data"], result_letter=result["letter"])


def test_three_procedures_come_with_the_install() -> None:
    assert set(DATA) == {"1.004873", "2.000635", "2.000815"}


@pytest.mark.parametrize("code", DATA)
def test_forms_processes_fees_and_mappings_stand(code: str) -> None:
    variant = variant_of(code)
    form, result = form_of(code), variant["result"]
    assert check_fee(variant["fee"], form) == ""
    assert check_mapping(result["start"], form) == ""
    assert check_mapping(result["data"], FormDefinition(result["form"])) == ""
    assert checked(variant["process"]).start == "receive"
    assert f"{variant['applicant']}.full_name" in form.questions
    for path in variant["competence"]:
        assert f"{path}.commune" in form.questions
    for component in variant["components"]:
        assert component.get("field", "declaration") in {*form.questions, "declaration"}


@pytest.mark.parametrize("code", DATA)
def test_every_word_of_the_forms_is_there_in_both_languages(code: str) -> None:
    def texts(value: Any) -> Any:
        if isinstance(value, dict):
            if "vi" in value:
                yield value
            for inner in value.values():
                yield from texts(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)

    for one in texts(DATA[code]):
        assert one["vi"].strip()
        assert one["en"].strip()


@pytest.mark.parametrize("code", DATA)
def test_facts_are_those_of_the_national_database(code: str) -> None:
    if not NATIONAL.exists():
        pytest.skip(f"{NATIONAL} is not here")
    rows = (json.loads(line) for line in NATIONAL.read_text(encoding="utf-8").splitlines())
    row = next(one for one in rows if one["ma_thu_tuc"] == code)
    data = DATA[code]
    assert data["procedure"]["name"] == row["ten_thu_tuc"]
    assert data["version"]["decision"] == row["so_quyet_dinh"]
    assert data["procedure"]["field"]["name"] == row["linh_vuc"]
    for law in data["version"]["legal_basis"]:
        assert law["number"] in row["can_cu_phap_ly"]
    if fee := re.search(r"([\d,]+) (?:VNĐ|Việt Nam Đồng)", row["cach_thuc_thuc_hien"]):
        amount = int(fee[1].replace(",", ""))
        rule = variant_of(code)["fee"]
        assert amount in (rule.get("amount"), rule.get("tiers", [{}])[0].get("amount"))


@pytest.mark.parametrize(("code", "given"), CASES)
def test_an_applicants_answers_become_the_result_letter(
    code: str, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = a_variant(code, monkeypatch)
    clean = form_of(code).validate(given, on=TODAY)
    content = starting_content(variant, clean)
    if code == "2.000635":  # what only the register knows
        content |= {"register_number": "12", "content": "Theo sổ đăng ký khai sinh."}
    stated = FormDefinition(variant_of(code)["result"]["form"]).validate(content, on=TODAY)
    data = letter_data(variant, stated) | {
        "parent_agency": "",
        "agency": "Ủy ban nhân dân phường Buôn Ma Thuột",
        "place": "Buôn Ma Thuột",
        "notation": variant_of(code)["result"]["notation"],
        "number": "",
        "date": "",
        "signer": {"lines": ["TM. ỦY BAN NHÂN DÂN"], "title": "CHỦ TỊCH", "name": "Trần Văn Minh"},
    }
    pdf = render(f"procedures/{variant.result_letter}", data, at=datetime(2026, 11, 22, tzinfo=UTC))
    assert pdf.startswith(b"%PDF-")


def test_the_certificate_says_whom_one_will_marry(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = a_variant("1.004873", monkeypatch)
    content = starting_content(variant, form_of("1.004873").validate(STATUS | TO_MARRY, on=TODAY))
    assert content["purpose"] == "kết hôn với Lê Văn Bình"
    assert content["status"].startswith("Đã đăng ký kết hôn nhưng đã ly hôn theo Bản án 12/2020")
    assert content["honorific"] == "bà"
    assert content["residence"] == "12 Lê Duẩn, Phường Buôn Ma Thuột, Tỉnh Đắk Lắk"


def test_the_papers_of_who_asks_are_never_taken_for_those_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = a_variant("2.000635", monkeypatch)
    content = starting_content(variant, form_of("2.000635").validate(EXTRACT, on=TODAY))
    assert content["full_name"] == "Nguyễn An"
    assert "id_paper" not in content
    assert "residence" not in content


def test_the_commune_of_the_person_concerned_decides() -> None:
    form = form_of("1.004873")
    variant = Variant(competence=variant_of("1.004873")["competence"])
    own = flat(form.validate(STATUS, on=TODAY))
    assert variant.deciding_commune(own) == "24133"
    other = CHILD | OWN | {"national_id": "066090012345", "address": {"province": "01", "commune": "00004"}}
    for_another = flat(form.validate(STATUS | {"relation": "child", "subject": other}, on=TODAY))
    assert variant.deciding_commune(for_another) == "00004"
    assert Variant(competence=[]).deciding_commune(own) == ""


def test_poor_households_pay_nothing_for_the_certificate() -> None:
    rule = variant_of("1.004873")["fee"]
    assert [compute_fee(rule, STATUS | {"exemption": who}) for who in ("none", "merit", "poor", "disabled")] == [
        15_000,
        0,
        0,
        0,
    ]


def test_limits_are_three_working_days_or_the_same_day_before_three_in_the_afternoon() -> None:
    limits = {code: variant_of(code)["duration"] for code in DATA}
    same_day = {"amount": 0, "unit": "working_days", "cutoff": "15:00"}
    assert limits == {
        "1.004873": {"amount": 3, "unit": "working_days"},
        "2.000635": same_day,
        "2.000815": same_day,
    }
    assert variant_of("2.000815")["channels"] == ["counter"]
