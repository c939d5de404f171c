"""The exported schema and our own rules agree, by an independent validator and answers nobody thought of."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tinhso.core.forms.definition import FormDefinition, FormErrors
from tinhso.core.forms.json_schema import json_schema

from .builders import HOME, TODAY, a_form, answers
from .test_rows import FORM, source

FILE = "0193a5c4-7f00-7000-8000-00000000000{}"
# For each place right answers and wrong ones, whose fault is in the schema's power to see.
PLACES: dict[str, list[Any]] = {
    "requester.full_name": ["Nguyễn Thị Hoa", "H", 7, "x" * 121],
    "requester.birth_date": ["1990-11-22", "1990-13-01", "22/11/1990", "1990-02-30"],
    "requester.sex": ["male", "female", "other", True],
    "requester.national_id": ["066190012345", "12", 66190012345],
    "requester.identity_paper": ["Hộ chiếu C123", "x" * 201],
    "requester.phone": ["0905123456", "1905123456", "09"],
    "requester.address.province": ["66", "999", 66],
    "requester.address.commune": ["24133", "2413", "x"],
    "requester.address.detail": ["12 Lê Duẩn", [], "x" * 201],
    "requester.shoe": [42],
    "purpose": ["marriage", "other", "sale", 1],
    "partner": ["Lê Văn Bình", "L", "x" * 41, {"name": "L"}],
    "copies": [1, 20, 0, 21, True, 1.5, "1"],
    "price": [0, 10**15, -1, 10**15 + 1],
    "reason": ["Một\nHai", "x" * 201],
    "married": [True, False, "yes", 1],
    "languages": [["vi"], ["vi", "en"], ["de"], "vi"],
    "mail": ["hoa@vidu.vn", 7],
    "plate": ["47-A1", "47A1"],
    "earlier.province": ["66"],
    "earlier.commune": ["24133"],
    "earlier.detail": ["Thôn 2"],
    "papers": [[FILE.format(1)], [FILE.format(n) for n in range(3)], ["x"], FILE.format(1)],
    "sure": [True, 1, "yes"],
    "strange": [1],
    "family": [
        [{"name": "An Hoa"}, {"name": "Bình", "born": "1990-11-22", "tie": "child", "income": 5}],
        [{"name": "An Hoa"}],
        [{"name": "An Hoa"}] * 4,
        [{"name": "An Hoa"}, {"born": "1990-11-22"}],
        [{"name": "An Hoa"}, {"name": "Bình", "shoe": 1}],
        [{"name": "An Hoa"}, "Bình"],
        "An Hoa",
    ],
}
RIGHT = answers(partner="Lê Văn Bình", family=[{"name": "An Hoa"}, {"name": "Bình", "tie": "child"}])
VALIDATOR = Draft202012Validator(json_schema(FORM), format_checker=Draft202012Validator.FORMAT_CHECKER)


def right_here(given: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return FORM.validate(given, on=TODAY)
    except FormErrors:
        return None


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """Right answers with a few places changed or left out."""
    made = copy.deepcopy(RIGHT)
    for path in draw(st.lists(st.sampled_from(sorted(PLACES)), max_size=5, unique=True)):
        *outer, last = path.split(".")
        inner: Any = made
        for key in outer:
            inner = inner.setdefault(key, {})
        value = draw(st.sampled_from([None, *PLACES[path]]))
        inner.pop(last, None)
        if value is not None:
            inner[last] = value
    return {key: value for key, value in made.items() if value not in ({}, None)}


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(changed())
def test_what_is_right_here_is_right_by_the_schema_and_the_other_way_round(given: dict[str, Any]) -> None:
    if isinstance(given.get("requester"), dict) and given["requester"].get("address") == {}:
        del given["requester"]["address"]
    clean = right_here(given)
    errors = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(given)]
    assert (clean is not None) is (errors == []), errors
    if clean is not None:
        assert VALIDATOR.is_valid(clean), "canonical answers are right by the schema too"


def test_the_schema_is_one_and_says_what_it_is() -> None:
    for form in (FORM, a_form()):
        schema = json_schema(form)
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"].endswith("2020-12/schema")
    assert VALIDATOR.is_valid(answers())


@pytest.mark.parametrize("word", ["atLeast", "atMost"])
def test_conditions_on_numbers_and_on_silence_are_told(word: str) -> None:
    made = source()
    item = next(i for g in made["layout"]["pages"][1]["groups"] for i in g["items"] if i.get("field") == "reason")
    item["when"] = {"any": [{"field": "copies", word: 5}, {"field": "partner", "answered": False}]}
    made["schema"]["required"].append("reason")
    form = FormDefinition(made)
    validator = Draft202012Validator(json_schema(form))
    for copies in (4, 5, 6):
        for purpose, partner in (("marriage", "Lê Bình"), ("other", "Lê Bình"), ("other", None)):
            told = answers(copies=copies, purpose=purpose, partner=partner, requester={**answers()["requester"]})
            assert validator.is_valid(told) is (form.check(told, on=TODAY).errors == {}), (copies, purpose, partner)


def test_an_address_that_may_be_left_out_is_whole_or_not_there() -> None:
    assert VALIDATOR.is_valid(answers(earlier=dict(HOME)))
    assert not VALIDATOR.is_valid(answers(earlier={"detail": "Thôn 2"}))
