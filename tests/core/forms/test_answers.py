"""Which answers are accepted, how they are kept, and what a person is told about the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.core.forms.definition import FormErrors, flat
from tinhso.core.forms.text import Invalid, clean_text

from .builders import HOME, TODAY, a_form, answers

FORM = a_form()


def kept(**changes: Any) -> dict[str, Any]:
    return flat(FORM.validate(answers(**changes), on=TODAY))


def refused(**changes: Any) -> dict[str, str]:
    with pytest.raises(FormErrors) as caught:
        FORM.validate(answers(**changes), on=TODAY)
    return caught.value.errors


def requester(**changes: Any) -> dict[str, Any]:
    return {"full_name": "Nguyễn Thị Hoa", "national_id": "066190012345", "address": HOME} | changes


def test_valid_answers_are_kept_as_given() -> None:
    assert FORM.validate(answers(), on=TODAY) == answers()


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("mail", " ten@vidu.vn ", "ten@vidu.vn"),
        ("tax", "0100233488", "0100233488"),
        ("languages", ["fr", "vi", "fr"], ["vi", "fr"]),
        ("price", 15000, 15000),
        ("married", False, False),
        ("reason", "Dòng một \r\nDòng hai", "Dòng một\nDòng hai"),
        ("plate", "47-A1", "47-A1"),
    ],
)
def test_an_answer_has_one_canonical_form(field: str, given: Any, expected: Any) -> None:
    assert kept(**{field: given})[field] == expected


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("national_id", "066 190 012 345", "066190012345"),
        ("phone", "+84 912.345.678", "0912345678"),
        ("full_name", "  Nguyê\u0303n   Văn\u00a0A\u200b ", "Nguyễn Văn A"),
    ],
)
def test_numbers_and_names_are_cleaned_of_how_people_type_them(path: str, given: str, expected: str) -> None:
    assert kept(requester=requester(**{path: given}))[f"requester.{path}"] == expected


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("purpose", "divorce"),
        ("purpose", ["other"]),
        ("copies", 0),
        ("copies", 21),
        ("copies", "2"),
        ("copies", True),
        ("copies", 2.0),
        ("price", -1),
        ("married", "yes"),
        ("languages", ["de"]),
        ("languages", "vi"),
        ("languages", [["vi"]]),
        ("tax", "0100233489"),
        ("mail", "ten@"),
        ("plate", "47A1"),
        ("reason", "x" * 201),
        ("reason", 5),
        ("papers", ["not an id"]),
        ("papers", [5]),
        ("papers", [f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)]),
        ("sure", False),
        ("sure", None),
        ("earlier", {"detail": "12 Lê Duẩn", "province": "66", "commune": "00004"}),
        ("earlier", "Đắk Lắk"),
    ],
)
def test_a_wrong_answer_is_named_by_its_path(field: str, wrong: Any) -> None:
    errors = refused(**{field: wrong})
    assert {path.split(".")[0] for path in errors} == {field}
    assert all(errors.values())


@pytest.mark.parametrize(
    "wrong", ["31/02/1990", "1990-02-31", "23/11/2026", "2026-11-23", "1890-01-01", "hôm nay", 1990]
)
def test_a_date_is_real_and_not_in_the_future(wrong: Any) -> None:
    assert list(refused(requester=requester(birth_date=wrong))) == ["requester.birth_date"]


def test_today_is_not_the_future() -> None:
    assert kept(requester=requester(birth_date="2026-11-22"))["requester.birth_date"] == "2026-11-22"


def test_one_of_two_papers_is_enough_and_one_is_needed() -> None:
    card = requester(identity_paper="Hộ chiếu B1234567")
    del card["national_id"]
    assert kept(requester=card)["requester.identity_paper"] == "Hộ chiếu B1234567"
    del card["identity_paper"]
    assert list(refused(requester=card)) == ["requester.national_id"]


def test_what_the_form_does_not_ask_is_refused_not_swallowed() -> None:
    assert list(refused(role="admin")) == ["role"]
    assert list(refused(requester=requester(salary=5))) == ["requester.salary"]


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b", None, []])
def test_an_optional_answer_may_be_left_out_in_any_way(nothing: Any) -> None:
    assert "tax" not in kept(tax=None if nothing == [] else nothing)
    assert "languages" not in kept(languages=[] if nothing == [] else None)


def test_an_optional_address_is_whole_or_absent() -> None:
    assert not [path for path in kept(earlier={"province": "", "commune": ""}) if path.startswith("earlier")]
    assert list(refused(earlier={"detail": "12 Lê Duẩn"})) == ["earlier.province", "earlier.commune"]


def test_messages_come_in_the_language_of_the_reader() -> None:
    with override("vi"):
        assert refused(copies=0)["copies"] == "Nhập số từ 1 đến 20."
        assert refused(purpose=None)["purpose"] == "Anh/chị chưa chọn: Để làm gì."
    with override("en"):
        assert refused(purpose=None)["purpose"] == "Choose: Purpose."


@pytest.mark.parametrize("char", ["\x00", "\x07", "\u202e", "\u2066", "\ud800", "\ufffe"])
def test_characters_that_deceive_or_break_are_refused(char: str) -> None:
    errors = refused(reason=f"Ngân{char}hàng")
    assert list(errors) == ["reason"]


def test_markup_is_text_like_any_other() -> None:
    assert kept(reason="<script>alert(1)</script>")["reason"] == "<script>alert(1)</script>"


def test_a_deep_or_odd_shape_is_refused_without_falling_over() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = {"a": deep}
    assert "requester.full_name.a" in refused(requester=requester(full_name={"a": deep}))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_clean_text_stays_as_it_is(text: str) -> None:
    try:
        cleaned = clean_text(text)
    except Invalid:
        return
    assert clean_text(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    cleaned.encode()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(FORM.source["schema"]["properties"])), _JSON))
def test_no_json_whatever_brings_the_check_down(given_answers: dict[str, Any]) -> None:
    checked = FORM.check(given_answers, on=TODAY)
    assert checked.errors
    assert not checked.clean.keys() & checked.errors.keys()
