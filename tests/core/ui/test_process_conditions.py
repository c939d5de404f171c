"""Where work goes at a gateway is chosen from lists: what is compared, how, with what. Nothing typed, nothing lost."""

from __future__ import annotations

import copy
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from tests.core.ui.test_calendar_page import an_agency as an_office
from tests.core.ui.test_calendar_page import signed_in
from tests.core.ui.test_process_pages import BODY, begun
from tests.house.databases import Database

from tinhso.core.process.bpmn.reading import read
from tinhso.core.process.bpmn.ways import ways
from tinhso.core.process.graph import body_of
from tinhso.core.process.graph import read as graph_of_body
from tinhso.core.process.models import Definition, Drawing

MARRIAGE = {"field": "purpose", "equals": "marriage"}


def parting(condition: dict[str, Any]) -> dict[str, Any]:
    """The shipped process with a choice in it: some applications are signed without being appraised."""
    body = copy.deepcopy(BODY)
    body["steps"]["assign"]["outcomes"]["assigned"] = "how"
    body["choices"] = {"how": {"ways": [{"when": condition, "next": "appraise"}], "otherwise": "sign"}}
    return body


class Board:
    """The pages of one drawing, in an administrator's browser without scripts."""

    def __init__(self, condition: dict[str, Any] = MARRIAGE) -> None:
        from tinhso.core.process import actions

        self.client: Client = signed_in(an_office())
        definition = actions.define(parting(condition))
        self.address = begun(self.client, definition=definition.pk) + "dieu-kien/"
        (gate,) = [gate for gate in self.ways.gateways if {way.default for way in gate.ways} == {True, False}]
        self.way, self.other = sorted(gate.ways, key=lambda way: way.default)

    @property
    def drawing(self) -> Drawing:
        return Drawing.objects.get()

    @property
    def ways(self) -> Any:
        return ways(self.drawing.xml.encode())

    @property
    def text(self) -> str:
        return str(self.ways.find(self.way.id)[1].text)

    @property
    def chosen(self) -> str:
        return f"{self.address}?duong={self.way.id}"

    def page(self) -> str:
        return _plain(self.client.get(self.chosen).content)

    def choose_form(self) -> None:
        found = self.client.get(f"{self.address}?tim=hon+nhan").content.decode()
        (key,) = re.findall(r'name="form" value="(1\.004873[^"]*)"', found)
        assert self.client.post(self.chosen, {"do": "form", "form": key}).status_code == 302

    def post(self, do: str, *rows: dict[str, Any], **more: Any) -> Any:
        data = {"do": do, "seen": self.text, **more}
        for number, row in enumerate(rows):
            data |= {f"t-{number}-{name}": value for name, value in row.items()}
        return self.client.post(self.chosen, data)


def _plain(content: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content.decode())).split())


def test_a_condition_is_chosen_from_the_questions_of_a_form_and_from_how_steps_ended(province: Database) -> None:
    board = Board()
    assert "Đi đường này khi “purpose” là marriage." in board.page(), "whose question that is, nobody has said yet"
    board.choose_form()
    assert "“Giấy xác nhận dùng để làm gì?” là Kết hôn" in board.page(), "now in the words of the form"

    marriage = {"field": "purpose", "how": "is", "value": "marriage"}
    asked = board.post("when-add w", marriage, new="outcome.receive", **{"new-join": "or"})
    assert asked.status_code == 200
    assert "tiếp nhận" in _plain(asked.content), "outcomes of a step are offered in words"
    again = {"field": "outcome.receive", "join": "or", "how": "not", "value": "refuse"}
    property_ = {"field": "copies", "join": "and", "how": "least", "value": "3"}
    saved = board.post("when", {**marriage, "value": ["marriage", "abroad"]}, again, property_)
    assert saved.status_code == 302
    assert "hoặc (“kết quả lần cuối của bước Tiếp nhận” không phải là từ chối và “Số bản” từ 3)" in board.page()

    expected = parting(
        {
            "any": [
                {"field": "purpose", "in": ["marriage", "abroad"]},
                {
                    "all": [
                        {"not": {"field": "outcome.receive", "equals": "refuse"}},
                        {"field": "copies", "atLeast": 3},
                    ]
                },
            ]
        }
    )
    reading = read(board.drawing.xml.encode())
    assert reading.findings == []
    assert reading.body is not None
    assert graph_of_body(reading.body) == graph_of_body(expected), "all else came back equal"
    board.client.post(board.address.replace("dieu-kien/", "cong-bo"))
    assert Definition.objects.filter(pk=board.drawing.definition_id).get().body == body_of(graph_of_body(expected))


def test_somebody_else_s_choice_is_not_overwritten_unseen_and_one_s_own_stays_on_the_page(province: Database) -> None:
    board = Board()
    board.choose_form()
    before = board.text
    board.post("when", {"field": "copies", "how": "least", "value": "3"})
    theirs = board.text
    late = board.post("when", {"field": "purpose", "how": "is", "value": "credit"}, seen=before)
    assert late.status_code == 409
    assert board.text == theirs
    page = late.content.decode()
    assert re.search(r'value="credit"[^>]* checked', page)
    (seen,) = set(re.findall(r'name="seen" value="([^"]*)"', page))
    board.post("when", {"field": "purpose", "how": "is", "value": "credit"}, seen=unescape(seen))
    assert board.text == 'purpose = "credit"'


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([], 422),
        ([{"field": "copies", "how": "least", "value": "nhiều"}], 422),
        ([{"field": "purpose", "how": "is"}], 422),
        ([{"field": "nothing", "how": "is", "value": "x"}], 422),
        ([{"field": "outcome", "how": "not", "value": "assigned"}], 422),
    ],
)
def test_what_is_no_condition_is_refused_and_the_old_one_stays(
    province: Database, rows: list[dict[str, str]], status: int
) -> None:
    board = Board()
    board.choose_form()
    answer = board.post("when", *rows)
    assert answer.status_code == status
    assert board.text == 'purpose = "marriage"'
    assert "nhiều" not in str(rows) or 'value="nhiều"' in answer.content.decode()


def test_what_lists_cannot_show_stays_in_words_or_as_it_is_until_something_else_is_chosen(province: Database) -> None:
    either = {"any": [{"field": "copies", "atLeast": 1}, {"field": "copies", "atMost": 2}]}
    board = Board({"all": [either] * 6})
    board.choose_form()
    deep = board.text
    assert "Điều kiện này không hiện được từng dòng" in board.page()
    assert board.post("when").status_code == 422
    assert board.text == deep

    code = "${execution.getVariable('x')}"
    drawing = board.drawing
    drawing.xml = drawing.xml.replace(deep.replace(">", "&gt;").replace("<", "&lt;"), code)
    drawing.save()
    assert code in board.page()
    board.way, way = board.other, board.way
    board.post("when", {"field": "outcome.assign", "how": "is", "value": "assigned"})
    board.way = way
    assert board.text == code, "another way was changed, not this one"
    assert "mặc định" in " ".join(one.message for one in read(board.drawing.xml.encode()).findings)
    board.post("otherwise")
    assert board.text == ""
    assert board.ways.find(way.id)[1].default
    reading = read(board.drawing.xml.encode())
    assert reading.body is not None, "one way says when, the other is for the rest"


def test_a_way_by_how_the_step_before_ended_is_chosen_too(province: Database) -> None:
    board = Board()
    (board.way,) = [way for gate in board.ways.gateways for way in gate.ways if way.text == 'outcome = "accept"']
    assert "“kết quả của bước ngay trước (Tiếp nhận)” là tiếp nhận" in board.page()
    xml = board.drawing.xml
    assert board.post("when", {"field": "outcome", "how": "is", "value": "accept"}).status_code == 302
    assert read(board.drawing.xml.encode()).body == read(xml.encode()).body


def test_a_process_that_never_parts_says_what_to_do(db: Any) -> None:
    client = signed_in(an_office())
    address = begun(client)
    drawing = Drawing.objects.get()
    drawing.xml = re.sub(r"<bpmn:exclusiveGateway.*?</bpmn:exclusiveGateway>", "", drawing.xml, flags=re.DOTALL)
    drawing.save()
    assert "Quy trình chưa có chỗ rẽ nhánh" in client.get(f"{address}dieu-kien/").content.decode()
