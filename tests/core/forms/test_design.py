"""A form is built piece by piece, and can be read after every step."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.utils import translation

from tinhso.core.forms.conditions import holds
from tinhso.core.forms.definition import FormDefinition, flat
from tinhso.core.forms.design import NEW, Design
from tinhso.core.forms.examples import example
from tinhso.core.forms.findings import findings
from tinhso.core.ledger.actions import Refused

from .builders import TODAY, a_source


def read(design: Design) -> FormDefinition:
    return FormDefinition(design.checked())


def test_a_form_of_every_kind_is_built_from_one_question() -> None:
    design = Design(
        {
            "key": "new",
            "title": {"vi": "Mới"},
            "schema": {"type": "object", "required": [], "properties": {"first": {"type": "string"}}},
            "layout": {
                "pages": [
                    {
                        "key": "one",
                        "title": {"vi": "Một"},
                        "groups": [{"items": [{"field": "first", "label": {"vi": "Đầu"}}]}],
                    }
                ]
            },
        }
    )
    page = design.add_page("Trang hai", "p:one")
    place = design.add_group("Nhóm", page)
    for kind in NEW:
        place = design.add_question(kind, f"Hỏi {kind}", place, required=True, options=["Một", "Hai"])
        read(design)
    rows = next(one for one, raw in design.places() if raw.get("columns"))
    design.add_question("date", "Ngày sinh", f"c:{rows[2:]}:")
    design.add_note("Đọc kỹ.", page)
    form = read(design)
    given = example(form, on=TODAY)
    assert form.check(given, on=TODAY).errors == {}, "every kind has an example that is right"
    assert flat(given).keys() >= {"hoi_text", "hoi_choice", "hoi_rows", "hoi_person.full_name", "hoi_confirm"}


def test_names_come_from_the_words_and_never_meet() -> None:
    design = Design(a_source())
    assert design.add_question("text", "Đơn vị công tác", "q:purpose") == "q:don_vi_cong_tac"
    assert design.add_question("text", "Đơn vị công tác", "q:purpose") == "q:don_vi_cong_tac_2"
    assert design.add_question("text", "123 !", "q:purpose") == "q:muc_123"
    asked = list(read(design).questions)
    assert asked.index("don_vi_cong_tac_2") < asked.index("don_vi_cong_tac"), "each after the piece that was chosen"


def test_what_decides_stays_before_what_it_decides() -> None:
    design = Design(a_source())
    with translation.override("vi"):
        design.move("q:purpose", 1)
        with pytest.raises(Refused) as refused:
            design.checked()
        assert "Kết hôn với ai" in str(refused.value)
        gone = Design(a_source())
        gone.remove("q:purpose")
        with pytest.raises(Refused, match="Kết hôn với ai"):
            gone.checked()


def test_a_question_moves_over_the_border_of_its_page_and_back() -> None:
    design = Design(a_source())
    assert design.move("q:earlier", 1) == "q:earlier"
    assert next(one["field"] for one in design.pages[2]["groups"][0]["items"] if "field" in one) == "earlier"
    read(design)
    design.move("q:earlier", -1)
    assert design.form == a_source()


def test_dragging_puts_a_piece_before_the_one_it_is_dropped_on_or_last_on_a_page() -> None:
    design = Design(a_source())
    design.move_to("q:mail", "q:copies")
    design.move_to("q:reason", "p:papers")
    asked = list(read(design).questions)
    assert asked.index("mail") == asked.index("copies") - 1
    assert asked[-1] == "reason"
    design.move_to("p:papers", "p:who")
    assert [page["key"] for page in design.pages] == ["papers", "who", "what"]


def test_taking_out_a_page_takes_its_questions_along() -> None:
    design = Design(a_source())
    design.remove("p:papers")
    form = read(design)
    assert {"papers", "sure"}.isdisjoint(form.questions)
    assert "sure" not in design.schema["required"]


def test_a_piece_knows_that_it_was_changed_since() -> None:
    design = Design(a_source())
    seen = design.seen("q:copies")
    design.move("q:copies", 1)
    assert design.seen("q:copies") == seen, "moving changes nothing of it"
    design.change("q:copies", {"label": {"vi": "Bao nhiêu bản"}}, design.schema_of("q:copies"), False)
    assert design.seen("q:copies") != seen


def test_a_condition_is_set_and_taken_off() -> None:
    design = Design(a_source())
    design.set_when("q:reason", {"field": "copies", "atLeast": 3})
    question = read(design).questions["reason"]
    assert holds(question.when[0], {"copies": 3})
    design.set_when("q:reason", None)
    assert read(design).questions["reason"].when == ()


def test_what_is_no_good_form_though_it_can_be_read_is_found() -> None:
    design = Design(a_source())
    assert findings(design.form) == []
    design.add_page("Trống", "p:who")
    design.change("q:purpose", {"options": {"other": {"vi": "Việc khác"}}}, {"type": "string", "enum": ["other"]}, True)
    with translation.override("vi"):
        words = [message for _place, message in findings(design.checked())]
    assert len(words) == 3
    assert any("Kết hôn với ai" in one for one in words), "it waits for an option that is gone"


@pytest.mark.parametrize("seed", range(8))
def test_whatever_one_presses_the_form_can_be_read_or_the_step_is_refused(seed: int) -> None:
    dice = random.Random(seed)
    form: dict[str, Any] = a_source()
    for _press in range(60):
        design = Design(form)
        places = [place for place, _raw in design.places()]
        place = dice.choice(places)
        try:
            press = dice.randrange(5)
            if press == 0:
                design.add_question(dice.choice(list(NEW)), "Hỏi thêm", place, options=["Một", "Hai"])
            elif press == 1:
                design.remove(place)
            elif press == 2:
                design.move(place, dice.choice((-1, 1)))
            elif press == 3:
                design.move_to(place, dice.choice(places))
            else:
                design.add_page("Trang", place)
            form = design.checked()
        except Refused:
            continue
        asked = FormDefinition(form)
        assert list(design.places())
        example(asked, on=TODAY)
