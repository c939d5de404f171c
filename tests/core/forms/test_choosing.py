"""Conditions picked from lists say the same as conditions written."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.core.forms import choosing
from tinhso.core.forms.choosing import Test as Row
from tinhso.core.forms.conditions import holds
from tinhso.core.forms.when import When

from .builders import a_form

FORM = a_form()
LEAVES = st.one_of(
    st.builds(lambda v: {"field": "purpose", "equals": v}, st.sampled_from(["marriage", "other"])),
    st.just({"field": "purpose", "in": ["marriage", "other"]}),
    st.builds(lambda v: {"field": "languages", "contains": v}, st.sampled_from(["vi", "en"])),
    st.builds(lambda v: {"field": "copies", "atLeast": v}, st.integers(1, 3)),
    st.builds(lambda v: {"field": "reason", "answered": v}, st.booleans()),
    st.builds(lambda v: {"field": "married", "equals": v}, st.booleans()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "purpose": st.sampled_from(["marriage", "other"]),
        "languages": st.lists(st.sampled_from(["vi", "en", "fr"]), min_size=1, unique=True),
        "copies": st.integers(1, 4),
        "reason": st.just("vì thế"),
        "married": st.booleans(),
    },
)


@settings(max_examples=150, deadline=None)
@given(CONDITIONS, ANSWERS)
def test_rows_say_the_same_as_the_condition_they_came_from(condition: dict[str, Any], answers: dict[str, Any]) -> None:
    rows = choosing.rows(condition)
    if rows is None:
        return  # shown in words and kept
    again = choosing.condition(rows)
    assert (holds(again, answers) if again else True) == holds(condition, answers)


def test_or_stands_between_alternatives_and_and_within_them() -> None:
    either = {
        "any": [{"all": [{"field": "a", "equals": 1}, {"field": "b", "answered": True}]}, {"field": "c", "in": [1]}]
    }
    assert choosing.rows(either) == [[Row("a", "is", (1,)), Row("b", "answered")], [Row("c", "is", (1,))]]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"field": "purpose", "equals": "marriage"}, "“Để làm gì” là Kết hôn"),
        (
            {"not": {"field": "purpose", "in": ["marriage", "other"]}},
            "“Để làm gì” không phải là Kết hôn hoặc Việc khác",
        ),
        ({"field": "copies", "atLeast": 3}, "“Số bản” từ 3"),
        ({"field": "languages", "contains": "en"}, "“Tiếng” có chọn Anh"),
        ({"field": "requester.sex", "equals": "female"}, "“Về anh/chị – Giới tính” là Nữ"),
        (
            {"all": [{"field": "married", "equals": True}, {"any": [{"field": "reason", "answered": True}]}]},
            "“Đã kết hôn” là Có và (“Lý do” đã có câu trả lời)",
        ),
        ({"not": {"field": "copies", "atMost": 2}}, "không (“Số bản” không quá 2)"),
    ],
)
def test_a_condition_reads_as_a_sentence(condition: dict[str, Any], words: str) -> None:
    with translation.override("vi"):
        assert choosing.in_words(condition, FORM) == words


def test_what_nests_too_deeply_is_left_as_it_is() -> None:
    pair = {"any": [{"field": "copies", "atLeast": 1}, {"field": "copies", "atMost": 2}]}
    assert choosing.rows({"all": [pair] * 6}) is None


@settings(max_examples=100, deadline=None)
@given(CONDITIONS, ANSWERS)
def test_what_a_page_shows_of_a_condition_and_sends_back_says_the_same(
    condition: dict[str, Any], answers: dict[str, Any]
) -> None:
    shown = When(FORM, FORM.questions, condition)
    sent = QueryDict(mutable=True)
    for row in shown.rows:
        one = f"t-{row.number}"
        sent[f"{one}-field"], sent[f"{one}-how"], sent[f"{one}-join"] = row.path, row.how, row.joined
        sent.setlist(f"{one}-value", [value for value, _words, ticked in row.options if ticked] or [row.typed])
    if shown.kept or not shown.rows:
        return  # stands there in words
    again = When.sent(FORM, FORM.questions, sent, condition).condition
    assert again is not None
    assert holds(again, answers) == holds(condition, answers)


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "copies", "equals": "ba"},
        {"field": "purpose", "equals": "gone"},
        {"field": "reason", "equals": True},
        {"field": "nobody", "atLeast": 3},
    ],
)
def test_what_a_row_could_not_give_back_is_kept_in_words(condition: dict[str, Any]) -> None:
    shown = When(FORM, FORM.questions, condition)
    assert shown.kept
    assert shown.words
