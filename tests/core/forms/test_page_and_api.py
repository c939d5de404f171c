"""The page and the API keep the same rules: what one accepts the other does, with the same clean answers."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.core.agencies import units
from tinhso.core.forms import flow
from tinhso.core.forms.definition import FormErrors, flat, nested

from .builders import HOME, TODAY, a_form, answers, posted

FORM = a_form()
WORDS = st.text(alphabet="aăâđêôơưừễỳ NTH'<>&\u0303\u200b\u202e\x00-.", max_size=45)


@st.composite
def addresses(draw: Any) -> dict[str, Any]:
    province = draw(st.sampled_from(units.provinces())).code
    commune = draw(st.sampled_from(units.communes(draw(st.sampled_from([province, "66"])))))
    return {"province": province, "commune": commune.code, "detail": draw(WORDS)}


FILLED = st.fixed_dictionaries(
    {
        "requester.full_name": WORDS,
        "requester.national_id": st.sampled_from(["066190012345", "066 190 012 345", "1", ""]),
        "requester.birth_date": st.dates(date(1880, 1, 1), date(2030, 1, 1)).map(lambda d: d.isoformat())
        | st.just("31/02/1990"),
        "purpose": st.sampled_from(["marriage", "other", "theft", ""]),
        "partner": WORDS,
        "copies": st.integers(-5, 30) | st.just("hai"),
        "price": st.integers(0, 10**12),
        "reason": WORDS,
        "married": st.sampled_from([True, False, ""]),
        "languages": st.lists(st.sampled_from(["vi", "en", "fr", "de"]), unique=True),
        "sure": st.sampled_from([True, ""]),
    }
)


@settings(deadline=None, max_examples=60)
@given(FILLED, addresses())
def test_the_page_and_the_api_agree_on_any_answers(filled: dict[str, Any], address: dict[str, Any]) -> None:
    filled |= {f"requester.address.{part}": value for part, value in address.items()}
    as_json = nested({path: value for path, value in filled.items() if value not in ("", [])})
    browser = {path: FORM.questions[path].kind.shown_in_field(value) for path, value in filled.items()}
    page = flow.bind(FORM, None, posted(browser), answers={}, on=TODAY)
    try:
        by_api: Any = FORM.validate(as_json, on=TODAY)
    except FormErrors as wrong:
        by_api = wrong.errors
    if page.is_valid():
        assert page.clean_answers == by_api
        assert FORM.validate(page.clean_answers, on=TODAY) == page.clean_answers
    else:
        assert {path: messages[0] for path, messages in page.errors.items()} == {
            path: message for path, message in by_api.items() if path in page.fields
        }


@settings(deadline=None, max_examples=30)
@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from(["{:%d/%m/%Y}", "{0.day}/{0.month}/{0.year}", "{:%d-%m-%Y}"]))
def test_a_date_typed_the_vietnamese_way_is_the_date(day: date, shape: str) -> None:
    typed = shape.format(day)
    page = flow.bind(FORM, "who", posted({"requester.birth_date": typed}), answers={}, on=TODAY)
    assert page.checked.clean["requester.birth_date"] == day.isoformat()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**12))
def test_money_may_be_typed_as_it_is_written(amount: int) -> None:
    for typed in (f"{amount:,}".replace(",", "."), f"{amount} đ", f"{amount:,}".replace(",", " ") + " VND"):
        page = flow.bind(FORM, "what", posted({"price": typed}), answers={}, on=TODAY)
        assert page.checked.clean["price"] == amount


def test_what_was_typed_wrong_is_shown_again_as_typed() -> None:
    page = flow.bind(FORM, "who", posted({"requester.birth_date": "31/2/1990"}), answers={}, on=TODAY)
    assert not page.is_valid()
    assert 'value="31/2/1990"' in page.render()
    again = flow.bind(FORM, "who", None, answers=page.raw, on=TODAY)
    assert 'value="31/02/1990"' in again.render()


def test_a_page_answers_only_for_itself() -> None:
    page = flow.bind(FORM, "papers", posted({"sure": "yes"}), answers={}, on=TODAY)
    assert page.is_valid()
    assert page.raw == {"sure": True}


def test_a_page_leaves_the_answers_of_others_alone() -> None:
    page = flow.bind(FORM, "papers", posted({"sure": "yes", "purpose": "marriage"}), answers=answers(), on=TODAY)
    assert page.raw["purpose"] == "other"


def test_an_emptied_answer_is_gone() -> None:
    page = flow.bind(FORM, "what", posted({"purpose": "other", "copies": ""}), answers=answers(), on=TODAY)
    assert "copies" not in page.raw
    assert page.errors.keys() == {"copies"}


def test_names_with_markup_are_shown_as_text() -> None:
    evil = answers(reason='"><img src=x onerror=alert(1)>')
    shown = flow.bind(FORM, None, None, answers=evil, on=TODAY).render()
    assert "<img" not in shown
    assert "&lt;img" in shown


class Labels(HTMLParser):
    """Collects ids, and what points at them."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.points: set[str] = set()
        self.inputs: set[str] = set()
        self.labelled: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        self.points |= set(found.get("aria-describedby", "").split())
        if tag == "a" and found.get("href", "").startswith("#"):
            self.points.add(found["href"][1:])
        if tag in ("input", "select", "textarea"):
            self.inputs.add(found["id"])
        if tag == "label":
            self.labelled.add(found["for"])


def test_every_input_has_its_label_and_every_pointer_its_target() -> None:
    page = flow.bind(FORM, None, posted({"requester.birth_date": "x"}), answers={}, on=TODAY)
    assert not page.is_valid()
    seen = Labels()
    seen.feed(page.render())
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.inputs <= seen.labelled
    assert seen.points <= set(seen.ids)
    assert {f"f-{path}_error" for path in page.errors} <= seen.points


def test_what_people_fill_in_about_themselves_can_be_completed_by_the_browser() -> None:
    shown = flow.bind(FORM, "who", None, answers={}, on=TODAY).render()
    for token in ("name", "bday", "tel", "street-address"):
        assert f'autocomplete="{token}"' in shown


def test_files_come_from_the_draft_never_from_the_posted_text() -> None:
    stolen = "00000000-0000-4000-8000-000000000001"
    page = flow.bind(FORM, "papers", posted({"papers": stolen, "sure": "yes"}), answers={}, on=TODAY)
    assert "papers" not in flat(page.raw)
    assert HOME["province"] not in page.render()
