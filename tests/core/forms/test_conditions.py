"""Questions that depend on other answers."""

from __future__ import annotations

from typing import Any

import pytest

from tinhso.core.forms import conditions, flow
from tinhso.core.forms.conditions import holds

from .builders import TODAY, a_form, answers, posted

FORM = a_form()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "a", "equals": 1}, True),
        ({"field": "a", "equals": True}, False),
        ({"field": "b", "equals": True}, True),
        ({"field": "b", "equals": 1}, False),
        ({"field": "missing", "equals": None}, False),
        ({"field": "missing", "answered": False}, True),
        ({"field": "a", "answered": True}, True),
        ({"field": "a", "in": [2, 1]}, True),
        ({"field": "c", "contains": "x"}, True),
        ({"field": "a", "contains": "x"}, False),
        ({"not": {"field": "a", "equals": 1}}, False),
        ({"all": [{"field": "a", "equals": 1}, {"field": "c", "contains": "y"}]}, False),
        ({"any": [{"field": "a", "equals": 2}, {"field": "c", "contains": "x"}]}, True),
    ],
)
def test_conditions_say_what_they_say(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition, {"a": 1, "b": True, "c": ["x"]}) is expected


@pytest.mark.parametrize(
    "wrong",
    [
        "a",
        {},
        {"field": "a"},
        {"field": "later", "equals": 1},
        {"field": "a", "equals": 1, "in": []},
        {"field": "a", "matches": ".*"},
        {"all": []},
        {"all": [{"field": "later", "equals": 1}]},
        {"not": {"field": "a", "equals": 1}, "field": "a"},
    ],
)
def test_a_condition_that_cannot_stand_is_named(wrong: Any) -> None:
    assert conditions.problem(wrong, {"a": 1})


def test_a_question_that_does_not_apply_is_neither_asked_for_nor_kept() -> None:
    clean = FORM.validate(answers(purpose="other", partner="Lê Văn Bình"), on=TODAY)
    assert "partner" not in clean


def test_a_question_that_applies_is_required() -> None:
    assert FORM.check(answers(purpose="marriage"), on=TODAY).errors.keys() == {"partner"}


def test_an_answer_that_is_wrong_decides_nothing() -> None:
    assert FORM.check(answers(purpose="theft", partner="x"), on=TODAY).errors.keys() == {"purpose"}


def test_without_javascript_the_dependent_question_is_shown_with_its_hint() -> None:
    fresh = flow.bind(FORM, "what", None, answers={}, on=TODAY)
    assert "partner" in fresh.fields
    assert "Chỉ khi để kết hôn." in fresh.render()
    chosen = flow.bind(FORM, "what", None, answers=answers(purpose="marriage"), on=TODAY)
    assert "Chỉ khi để kết hôn." not in chosen.render()


def test_with_javascript_it_comes_and_goes() -> None:
    ask = {"_refresh": "1", "purpose": "other"}
    gone = flow.bind(FORM, "what", posted(ask), answers={}, on=TODAY, now_only=True)
    assert "partner" not in gone.fields
    assert not gone.is_bound
    there = flow.bind(FORM, "what", posted(ask | {"purpose": "marriage"}), answers={}, on=TODAY, now_only=True)
    assert "partner" in there.fields


def test_what_an_earlier_page_decided_is_decided() -> None:
    source = dict(FORM.source)
    pages = [dict(page) for page in source["layout"]["pages"]]
    pages[2] = pages[2] | {"when": {"field": "purpose", "equals": "marriage"}}
    form = type(FORM)(source | {"layout": {"pages": pages}})
    assert [step.key for step in flow.steps(form, answers(), on=TODAY)] == ["who", "what"]
    assert "sure" not in flow.bind(form, "papers", None, answers=answers(), on=TODAY).fields
    assert form.validate(answers(sure=None), on=TODAY)["purpose"] == "other"
    assert flow.next_page(form, answers(), "what", on=TODAY) is None
    assert flow.next_page(form, answers(purpose="marriage"), "what", on=TODAY) == "papers"
