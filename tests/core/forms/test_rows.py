"""Rows that repeat: a family, member by member."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tinhso.core.forms import flow
from tinhso.core.forms.definition import DefinitionError, FormDefinition, FormErrors
from tinhso.core.forms.prefill import earlier_source, prefill

from .builders import TODAY, a_source, answers, posted

FAMILY: dict[str, Any] = {
    "type": "array",
    "minItems": 2,
    "maxItems": 3,
    "items": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 2},
            "born": {"type": "string", "format": "date", "formatMaximum": "today"},
            "tie": {"type": "string", "enum": ["child", "parent"]},
            "income": {"type": "integer", "format": "money"},
        },
    },
}
ITEM: dict[str, Any] = {
    "field": "family",
    "label": {"vi": "Thành viên", "en": "Members"},
    "row": {"vi": "Người", "en": "Person"},
    "columns": [
        {"field": "name", "label": {"vi": "Họ tên", "en": "Name"}},
        {"field": "born", "label": {"vi": "Ngày sinh", "en": "Born"}},
        {"field": "tie", "label": {"vi": "Quan hệ", "en": "Tie"}, "options": {"child": "Con", "parent": "Cha mẹ"}},
        {"field": "income", "label": {"vi": "Thu nhập", "en": "Income"}},
    ],
}
HOA, BINH = {"name": "Nguyễn Thị Hoa", "born": "1990-11-22"}, {"name": "Lê Bình", "tie": "child", "income": 5_000_000}


def source(schema: dict[str, Any] | None = None, item: dict[str, Any] | None = None) -> dict[str, Any]:
    made = a_source(family=schema or FAMILY)
    made["layout"]["pages"][1]["groups"].append({"items": [item or ITEM]})
    return made


FORM = FormDefinition(source())


def wrong(family: Any) -> dict[str, str]:
    with translation.override("en"), pytest.raises(FormErrors) as errors:
        FORM.validate(answers(family=family), on=TODAY)
    return errors.value.errors


def test_rows_are_kept_clean_and_empty_ones_left_out() -> None:
    rows = [{**HOA, "name": "  Nguyễn  Thị Hoa "}, {"name": "", "born": ""}, BINH]
    assert FORM.validate(answers(family=rows), on=TODAY)["family"] == [HOA, BINH]
    assert "family" not in FORM.validate(answers(family=[{}, {}]), on=TODAY), "none at all: it is optional"


def test_what_is_wrong_is_said_at_the_row() -> None:
    assert wrong([HOA, {"born": "2099-01-01", "shoe": 42}]) == {
        "family.1.name": "Enter: Name.",
        "family.1.born": "This date lies too far ahead.",
        "family.1.shoe": "This form does not ask this.",
    }
    assert wrong([HOA, "Bình"]) == {"family.1": "Give each row as an object."}
    assert wrong([HOA]) == {"family": "Give at least 2 here."}
    assert wrong([HOA] * 4) == {"family": "Give at most 3 here."}
    assert wrong({"name": "Hoa"}).keys() == {"family.name"}
    assert wrong("Hoa") == {"family": "Give a list of rows."}


def test_rows_are_read_out_line_by_line() -> None:
    with translation.override("vi"):
        sections = flow.summary(FORM, answers(family=[HOA, BINH]))
    (row,) = [row for section in sections for row in section.rows if row.path == "family"]
    assert row.value == (
        "1. Họ tên: Nguyễn Thị Hoa; Ngày sinh: 22/11/1990\n2. Họ tên: Lê Bình; Quan hệ: Con; Thu nhập: 5.000.000 đ"
    )


def page(data: dict[str, Any] | None, kept: dict[str, Any] | None = None) -> Any:
    return flow.bind(FORM, "what", posted(data) if data is not None else None, answers=kept or answers(), on=TODAY)


TYPED = {"purpose": "other", "copies": "1", "family": "2", "family.0.name": "Hoa", "family.1.name": "Bình"}


def test_rows_are_added_and_taken_out_by_buttons_that_need_no_script() -> None:
    more = page({**TYPED, "_refresh": "family+"})
    assert more.raw["family"] == [{"name": "Hoa"}, {"name": "Bình"}, {}]
    assert [name for name in more.fields if name.startswith("family.2")] == [
        "family.2.name",
        "family.2.born",
        "family.2.tie",
        "family.2.income",
    ]
    fewer = page({**TYPED, "_refresh": "family-0"})
    assert fewer.raw["family"] == [{"name": "Bình"}]
    full = {**TYPED, "family": "3", "family.2.name": "Cúc"}
    assert len(page({**full, "_refresh": "family+"}).raw["family"]) == 3, "no more than there may be"
    with translation.override("en"):
        html = render_to_string("forms/form.html", {"form": page(full)})
    assert "Add: Person" not in html
    assert 'value="family-2"' in html
    assert html.count('name="family.1.name"') == 1


@pytest.mark.parametrize("count", ["-1", "x", "", "99999999", "²"])
def test_a_count_nobody_could_have_sent_adds_no_rows(count: str) -> None:
    assert len(page({**TYPED, "family": count}).raw.get("family", [])) <= 50


def test_errors_of_rows_stand_beside_their_fields_and_what_was_typed_stays() -> None:
    form = page({**TYPED, "family.1.born": "31/02/2020", "family.1.income": "nhiều"})
    assert not form.is_valid()
    assert {"family.1.born", "family.1.income"} <= form.errors.keys()
    with translation.override("vi"):
        html = render_to_string("forms/form.html", {"form": form})
    assert 'href="#f-family.1.born"' in html
    assert "31/02/2020" in html
    assert page(None, {**answers(), "family": [HOA]}).initial["family.0.born"] == "22/11/1990"


def test_a_form_that_needs_rows_begins_with_as_many_as_it_needs() -> None:
    needed = source()
    needed["schema"]["required"].append("family")
    form = flow.bind(FormDefinition(needed), "what", None, answers={}, on=TODAY)
    assert "family.1.name" in form.fields
    assert "family.2.name" not in form.fields
    with translation.override("en"), pytest.raises(FormErrors) as errors:
        FormDefinition(needed).validate(answers(family=[{}]), on=TODAY)
    assert errors.value.errors == {"family": "Add at least one: Members."}


def test_rows_of_an_earlier_dossier_are_offered_as_a_whole() -> None:
    offered = prefill(FORM, [earlier_source({"family": [HOA, BINH]}, "hồ sơ trước")], consent=True)
    assert offered.answers["family"] == [HOA, BINH]


@pytest.mark.parametrize(
    ("schema", "item"),
    [
        ({**FAMILY, "minItems": 4}, None),
        ({**FAMILY, "maxItems": 51}, None),
        ({**FAMILY, "items": {**FAMILY["items"], "required": ["shoe"]}}, None),
        ({**FAMILY, "items": {**FAMILY["items"], "additionalProperties": True}}, None),
        (None, {**ITEM, "columns": ITEM["columns"][:3]}),
        (None, {**ITEM, "columns": [*ITEM["columns"], ITEM["columns"][0]]}),
        (None, {k: v for k, v in ITEM.items() if k != "row"}),
    ],
)
def test_rows_that_cannot_be_asked_are_refused(schema: Any, item: Any) -> None:
    with pytest.raises(DefinitionError):
        FormDefinition(source(schema, item))
