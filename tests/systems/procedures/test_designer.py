"""Designing a case without code: pages and plain posts, as a browser without JavaScript sends them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.house.browser import needs
from tests.systems.procedures.road import joined, words_of
from tests.systems.procedures.test_editing_a_case import begun
from tests.systems.procedures.test_editor import BY, DESK, desk, filled, in_force

from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.models import Entry
from tinhso.systems.procedures import actions, differences
from tinhso.systems.procedures.fees import compute_fee
from tinhso.systems.procedures.models import Revision

pytestmark = pytest.mark.usefixtures("province")


def a_new_procedure() -> Revision:
    """A draft from nothing, with the usual form."""
    start = {"code": "1.999002.000.00.00.H15", "name": "Cấp thẻ chợ phiên", "level": "commune", "new_field": "Chợ"}
    desk("quantri.tinh").post(f"{DESK}moi/", start)
    return Revision.objects.get(code=start["code"])


class Builder:
    """Somebody at the form builder of a draft."""

    def __init__(self, revision: Revision, who: str = "quantri.tinh", part: str = "bieu-mau") -> None:
        self.web: Client = desk(who)
        self.revision, self.part = revision, part
        self.url = f"{DESK}thay-doi/{revision.pk}/default/"

    def look(self, place: str = "", page: str = "") -> Any:
        return self.web.get(f"{self.url}{page or self.part + '/'}", {"chon": place})

    def press(self, do: str, page: str = "", **fields: Any) -> Any:
        return self.web.post(f"{self.url}{page or self.part + '/'}", {"do": do, **fields}, follow=True)

    def settings(self, place: str) -> dict[str, Any]:
        """What a browser sends back of a piece's settings."""
        form = self.look(place).context["piece"]
        sent = {field.html_name: field.value() for field in form}
        return {name: "on" if value is True else value for name, value in sent.items() if value not in (None, False)}

    @property
    def case(self) -> Any:
        self.revision.refresh_from_db()
        return self.revision.data["variants"][0]

    @property
    def form(self) -> FormDefinition:
        return FormDefinition(self.case["form"] if self.part == "bieu-mau" else self.case["result"]["form"])


@pytest.fixture
def builder() -> Builder:
    return Builder(a_new_procedure())


def test_questions_pages_and_options_are_added_and_changed_each_with_its_entry(builder: Builder) -> None:
    before = Entry.objects.filter(subject_id=builder.revision.pk).count()
    builder.press("add", place="p:requester", kind="page", label="Quầy hàng")
    shown = builder.press(
        "add", place="p:quay_hang", kind="choice", label="Loại quầy", required="1", options="Cố định\nLưu động"
    )
    assert shown.context["place"] == "q:loai_quay"
    assert "quay_hang" in builder.form.pages
    question = builder.form.questions["loai_quay"]
    assert (question.required, [value for value, _label in question.options]) == (True, ["co_dinh", "luu_dong"])
    sent = builder.settings("q:loai_quay") | {
        "option_0": "Quầy cố định",
        "option_2": "Quầy theo mùa",
        "help": "Chọn một.",
    }
    assert builder.press("set q:loai_quay", **sent).status_code == 200
    question = builder.form.questions["loai_quay"]
    assert dict(question.options)["co_dinh"] == {"vi": "Quầy cố định"}, "what is called otherwise keeps its value"
    assert question.help == {"vi": "Chọn một."}
    assert Entry.objects.filter(subject_id=builder.revision.pk).count() == before + 3


def test_every_kind_is_saved_as_it_is_shown(builder: Builder) -> None:
    for kind in ("text", "date", "integer", "money", "file", "person", "address", "rows", "confirm"):
        builder.press("add", place="p:request", kind=kind, label=f"Thêm {kind}")
        place = f"q:them_{kind}"
        before = builder.case["form"]
        saved = builder.press(f"set {place}", **builder.settings(place))
        assert saved.status_code == 200, saved.context["piece"].errors
        assert builder.case["form"] == before


def test_a_condition_is_picked_from_lists(builder: Builder) -> None:
    builder.press("add", place="p:request", kind="yes-no", label="Bán đồ ăn?")
    builder.press("add", place="q:ban_do_an", kind="integer", label="Mấy bàn")
    builder.press("add", place="q:may_ban", kind="text", label="Giấy an toàn thực phẩm")
    place = "q:giay_an_toan_thuc_pham"
    offered = builder.press(f"when-add {place}", seen=builder.look(place).context["seen"], new="ban_do_an")
    assert not builder.form.questions["giay_an_toan_thuc_pham"].when, "nothing is kept before it is saved"
    seen = offered.context["seen"]
    test = {"t-0-field": "ban_do_an", "t-0-how": "is", "t-0-value": "yes"}
    other = {"t-1-field": "may_ban", "t-1-how": "least", "t-1-value": "10", "t-1-join": "or"}
    saved = builder.press(f"when {place}", seen=seen, **test, **other)
    assert "Chỉ hỏi khi “Bán đồ ăn?” là Có hoặc “Mấy bàn” từ 10" in saved.content.decode()
    applies = builder.form.questions["giay_an_toan_thuc_pham"].applies
    assert applies({"ban_do_an": True})
    assert applies({"ban_do_an": False, "may_ban": 12})
    assert not applies({"ban_do_an": False, "may_ban": 2})
    refused = builder.press("down q:ban_do_an")
    refused = builder.press("down q:ban_do_an") if refused.status_code == 200 else refused
    assert refused.status_code == 422, "what decides cannot go behind what it decides"
    assert "Giấy an toàn thực phẩm" in refused.content.decode() or "Mấy bàn" in refused.content.decode()


def test_what_something_else_needs_is_not_taken_out(builder: Builder) -> None:
    for place, words in (
        ("q:requester", "người nộp hồ sơ"),
        ("q:place", "nơi giải quyết"),
        ("q:request", "công chức ghi"),
    ):
        refused = builder.press(f"remove {place}")
        assert refused.status_code == 422
        assert words in refused.content.decode()
    builder.press("remove q:declaration")
    assert "declaration" not in builder.form.questions


def test_two_editors_of_one_piece_the_second_sees_what_changed_and_loses_nothing(builder: Builder) -> None:
    second = Builder(builder.revision, "lanhdao.tinh")
    opened = second.settings("q:request")
    builder.press("set q:request", **builder.settings("q:request") | {"label": "Anh/chị xin gì"})
    elsewhere = second.press("add", place="p:request", kind="text", label="Chỗ khác")
    assert elsewhere.status_code == 200, "another piece meets nobody"
    refused = second.press("set q:request", **opened | {"label": "Nội dung xin cấp"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Anh/chị xin gì" in page, "what stands there now"
    assert 'value="Nội dung xin cấp"' in page, "what was typed"
    form = refused.context["piece"]
    again = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    assert second.press("set q:request", **again).status_code == 200
    assert builder.form.questions["request"].words == "Nội dung xin cấp"


def test_the_last_change_is_undone(builder: Builder) -> None:
    before = builder.case
    builder.press("add", place="p:request", kind="text", label="Thừa")
    builder.press("remove q:request")
    builder.press("undo")
    assert builder.case == before
    assert builder.press("undo").status_code == 422


def test_whoever_changed_a_draft_does_not_review_it(builder: Builder) -> None:
    Builder(builder.revision, "lanhdao.tinh").press("add", place="p:request", kind="text", label="Của lãnh đạo")
    builder.web.post(f"{DESK}thay-doi/{builder.revision.pk}/gui-duyet/")
    builder.revision.refresh_from_db()
    assert builder.revision.state == "review"
    assert desk("lanhdao.tinh").post(f"{DESK}thay-doi/{builder.revision.pk}/cong-bo/").status_code == 403


def test_who_may_only_read_sees_the_form_and_changes_nothing(builder: Builder) -> None:
    reader = Builder(builder.revision, "quantri")
    page = reader.look("q:request")
    assert page.status_code == 200
    assert 'name="do" value="set' not in page.content.decode()
    assert reader.press("remove q:declaration").status_code == 403


def test_the_form_is_tried_with_an_example_and_tells_what_is_hidden_and_refused(builder: Builder) -> None:
    builder.press("add", place="p:request", kind="yes-no", label="Bán đồ ăn?")
    builder.press("add", place="q:ban_do_an", kind="text", label="Giấy an toàn", required="1")
    test = {"t-0-field": "ban_do_an", "t-0-how": "is", "t-0-value": "no"}
    builder.press("when q:giay_an_toan", seen=builder.look("q:giay_an_toan").context["seen"], **test)
    edition = Revision.objects.get(pk=builder.revision.pk).edition
    trial = builder.press("", "bieu-mau/thu/", _try="example")
    assert trial.context["outcome"].refused == []
    assert [label for label, _words in trial.context["outcome"].hidden] == ["Giấy an toàn"]
    empty = builder.press("", "bieu-mau/thu/", _try="check")
    assert empty.context["outcome"].refused
    assert "Nhập" in empty.content.decode()
    live = builder.web.post(f"{builder.url}bieu-mau/?chon=p:request", {"_refresh": "1", "ban_do_an": "no"})
    assert 'name="giay_an_toan"' in live.content.decode(), "the preview follows the answers"
    assert Revision.objects.get(pk=builder.revision.pk).edition == edition, "trying changes nothing"


def test_a_fee_by_pages_and_who_is_free_without_code(builder: Builder) -> None:
    for label in ("Số bản", "Số trang"):
        builder.press("add", place="p:request", kind="integer", label=label, required="1")
    builder.press("add", place="p:request", kind="yes-no", label="Hộ nghèo?")
    form = builder.look(page="le-phi/").context["form"]
    sent = {field.html_name: field.value() for field in form if field.value() is not None}
    sent |= {"kind": "per_page", "copies": "so_ban", "pages": "so_trang", "from_0": 1, "tier_0": 2000}
    assert builder.press("save", "le-phi/", **sent | {"pages": ""}).status_code == 422
    sent |= {"from_1": 3, "tier_1": 1000, "most": 200_000, "free_for": "Hộ nghèo"}
    test = {"t-0-field": "ho_ngheo", "t-0-how": "is", "t-0-value": "yes"}
    saved = builder.press("save", "le-phi/", **sent, **test)
    assert saved.status_code == 200
    assert "2 bản, mỗi bản 3 trang" in saved.content.decode()
    rule = builder.case["fee"]
    assert compute_fee(rule, {"so_ban": 2, "so_trang": 3}) == 10_000
    assert compute_fee(rule, {"so_ban": 2, "so_trang": 3, "ho_ngheo": True}) == 0
    assert builder.press("save", "le-phi/", **sent, **test).status_code == 422, "somebody changed it meanwhile: oneself"


def test_what_the_officer_states_begins_with_what_people_answered(builder: Builder) -> None:
    builder.press("add", place="p:request", kind="choice", label="Loại quầy", options="Cố định\nLưu động")
    officer = Builder(builder.revision, part="ket-qua")
    officer.press("add", place="q:decision", kind="text", label="Loại quầy được cấp")
    place = "q:loai_quay_duoc_cap"
    officer.press(f"set {place}", **officer.settings(place) | {"start": "loai_quay"})
    assert officer.case["result"]["start"]["loai_quay_duoc_cap"] == {"read": "loai_quay"}
    assert "văn bản kết quả" in officer.press("remove q:decision").content.decode()


def test_a_letter_of_ones_own_is_written_and_seen(builder: Builder, tmp_path: Path) -> None:
    assert "lời đã cố định" in builder.look(page="van-ban/").content.decode()
    begun = builder.press("begin", "van-ban/")
    assert builder.case["result"]["letter"] == "designed"
    name = begun.context["fields"][0]
    builder.press("title 0", "van-ban/", title="Giấy xác nhận", about="Quầy chợ phiên")
    written = builder.press("add 0", "van-ban/", kind="paragraph", text=f"Ông/bà [{name}] được bán tại chợ {{x}}.")
    part = builder.case["result"]["data"]["body"]["write"][1]
    assert part == {"kind": "paragraph", "text": "Ông/bà {full_name} được bán tại chợ (x)."}
    builder.press("up 1", "van-ban/")
    assert builder.case["result"]["data"]["body"]["write"][0] == part
    test = {"t-0-field": "organisation", "t-0-how": "empty"}
    sometimes = {"kind": "item", "text": "Chỉ cho cá nhân.", "seen": written.context["seen"]}
    assert builder.press("set 1", "van-ban/", **sometimes, **test).status_code == 422, "another part stands there now"
    sometimes["seen"] = builder.press("down 0", "van-ban/").context["seen"]
    builder.press("set 1", "van-ban/", **sometimes, **test)
    assert builder.case["result"]["data"]["body"]["write"][1]["when"] == {"field": "organisation", "answered": False}
    builder.press("add 0", "van-ban/", kind="paragraph", text=f"Ông/bà [{name}] được bán tại chợ.")
    needs("pdftotext", "poppler-utils")
    said = words_of(builder.web.get(f"{builder.url}van-ban.pdf").content, tmp_path)
    assert joined("GIẤY XÁC NHẬN") in said
    assert joined("Ông/bà Nguyễn Văn An được bán tại chợ.") in said
    assert joined("Chỉ cho cá nhân.") not in said, "the example names an organisation"
    picture = builder.web.get(f"{builder.url}van-ban-1.png")
    assert picture.content.startswith(b"\x89PNG")
    assert builder.web.get(f"{builder.url}van-ban-9.png").status_code == 404


def test_an_earlier_version_comes_back_as_a_new_one_with_its_reason() -> None:
    data = differences.data_of(in_force())
    first = in_force()
    actions.publish({**data, "version": {**data["version"], "summary": "Khác"}}, by=BY, at=timezone.now())
    admin = desk("quantri.tinh")
    url = f"{DESK}thu-tuc/1.004873/{first.number}/dung-lai/"
    assert "Dùng lại phiên bản 1" in admin.get(f"{DESK}thu-tuc/1.004873/?moi=1").content.decode()
    assert admin.post(url, {"reason": "?"}).status_code == 422
    admin.post(url, {"reason": "Luật mới bị hoãn"})
    revision = Revision.objects.get(state="review")
    assert "Luật mới bị hoãn" in revision.remark
    desk("lanhdao.tinh").post(f"{DESK}thay-doi/{revision.pk}/cong-bo/")
    assert (in_force().number, in_force().summary) == (3, first.summary)


def test_two_editors_on_the_whole_page_keep_both_their_changes_and_are_told_of_the_same_field() -> None:
    url, form = begun()
    mine, theirs = filled(form, summary="Của tôi"), filled(form, words="Của họ", authority="UBND xã")
    assert desk("lanhdao.tinh").post(url, theirs).status_code == 302
    assert desk("quantri.tinh").post(url, mine).status_code == 302
    data = Revision.objects.get().data
    assert (data["version"]["summary"], data["procedure"]["words"]) == ("Của tôi", "Của họ")
    late = filled(form, summary="Của tôi", authority="UBND phường", result="Bản sao")
    answer = desk("quantri.tinh").post(url, late)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "UBND xã" in page
    assert "UBND phường" in page
    assert Revision.objects.get().data["version"]["authority"] == "UBND xã"
    assert desk("quantri.tinh").post(url, filled(answer.context["form"])).status_code == 302
    version = Revision.objects.get().data["version"]
    assert (version["authority"], version["result"]) == ("UBND phường", "Bản sao")


def test_the_reviewer_of_a_new_procedure_reads_all_of_it(builder: Builder) -> None:
    page = desk("lanhdao.tinh").get(f"{DESK}thay-doi/{builder.revision.pk}/").content.decode()
    assert "Nội dung anh/chị đề nghị *" in page
    assert "10 ngày làm việc" in page


def test_a_form_with_a_mistake_is_not_sent_to_review(builder: Builder) -> None:
    builder.press("add", place="p:request", kind="page", label="Trang trống")
    answer = builder.web.post(f"{DESK}thay-doi/{builder.revision.pk}/gui-duyet/")
    assert answer.status_code == 422
    assert "Trang trống" in answer.content.decode()


def test_a_half_filled_condition_stays_as_typed_with_the_message_at_its_row_when_nothing_is_saved(
    builder: Builder,
) -> None:
    builder.press("add", place="p:request", kind="yes-no", label="Hộ nghèo?")
    builder.press("add", place="q:ho_ngheo", kind="integer", label="Mấy quầy")
    builder.press("add", place="q:may_quay", kind="text", label="Giấy kèm theo")
    whole = {"t-0-field": "ho_ngheo", "t-0-how": "is", "t-0-value": "yes"}
    half = {"t-1-field": "may_quay", "t-1-how": "least", "t-1-value": "mười", "t-1-join": "or"}

    def stays(answer: Any, status: int = 422) -> None:
        assert answer.status_code == status
        first, second = answer.context["when"].rows
        assert (first.how, [value for value, _words, ticked in first.options if ticked]) == ("is", ["yes"])
        assert (second.joined, second.how, second.typed) == ("or", "least", "mười")
        assert (first.wrong, bool(second.wrong)) == ("", status == 422)
        assert answer.content.decode().count("Nhập số nguyên cho “Mấy quầy”") == (2 if status == 422 else 0), (
            "on top, at it"
        )

    place = "q:giay_kem_theo"
    seen = builder.look(place).context["seen"]
    stays(builder.press(f"when {place}", seen=seen, **whole, **half))
    empty = builder.press(f"when {place}", seen=seen, **whole, **half | {"t-1-value": ""})
    assert empty.context["when"].rows[1].how == "least"
    added = builder.press(f"when-add {place}", seen=seen, new="may_quay", **whole, **half)
    assert added.status_code == 200, "what is not finished yet is not blamed while one goes on"
    assert [row.typed for row in added.context["when"].rows] == ["", "mười", ""]
    assert not builder.form.questions["giay_kem_theo"].when

    form = builder.look(page="le-phi/").context["form"]
    sent = {field.html_name: field.value() for field in form if field.value() is not None}
    sent |= {"kind": "flat", "amount": 5000}
    stays(builder.press("save", "le-phi/", **sent, **whole, **half))
    assert "free_when" not in builder.case["fee"]

    builder.part = "ket-qua"
    builder.press("begin", "van-ban/")
    opened = builder.look(page="van-ban/").context
    rows = {"t-0-field": "decision", "t-0-how": "is", "t-0-value": ""}
    part = {"seen": opened["seen"], "kind": opened["kind"], "text": "Chữ mới", **rows}
    refused = builder.press("set 0", "van-ban/", **part)
    assert (refused.status_code, refused.context["text"]) == (422, "Chữ mới")
    assert [bool(row.wrong) for row in refused.context["when"].rows] == [True]


def holding(builder: Builder, **changed: Any) -> None:
    """As an import would have left it: conditions that rows cannot show."""
    revision = builder.revision
    revision.refresh_from_db()
    revision.data["variants"][0].update(changed)
    revision.save()


def test_who_pays_nothing_by_a_condition_that_rows_cannot_show_still_pays_nothing_when_the_amount_changes(
    builder: Builder,
) -> None:
    exempt = {"field": "declaration", "equals": True}  # of a confirmation rows show only whether it is answered
    holding(builder, fee={"kind": "flat", "amount": 5000, "free_when": exempt})

    def saved(**rows: str) -> Any:
        form = builder.look(page="le-phi/").context["form"]
        sent = {field.html_name: field.value() for field in form if field.value() is not None}
        assert builder.press("save", "le-phi/", **sent | {"amount": 6000}, **rows).status_code == 200
        return builder.case["fee"]

    assert saved() == {"kind": "flat", "amount": 6000, "free_when": exempt}
    answered = {"t-0-field": "declaration", "t-0-how": "answered"}
    assert saved(**answered)["free_when"] == {"field": "declaration", "answered": True}
    holding(builder, fee={"kind": "flat", "amount": 5000, "free_when": exempt})
    assert "free_when" not in saved(**{"t-drop": "1"})


def test_a_part_of_a_letter_keeps_a_condition_that_rows_cannot_show_when_its_words_change(builder: Builder) -> None:
    builder.press("begin", "van-ban/")
    either = {"any": [{"field": "decision", "answered": True}, {"field": "organisation", "answered": True}]}
    deep = {"all": [either] * 6}
    result = builder.case["result"]
    result["data"]["body"]["write"][0] |= {"when": deep}
    holding(builder, result=result)
    shown = builder.look("0", "van-ban/")
    assert shown.content.decode().count("<details open>") == 1, "it is there to be seen"
    builder.press("set 0", "van-ban/", seen=shown.context["seen"], kind="item", text="Chữ mới.")
    assert builder.case["result"]["data"]["body"]["write"][0] == {"kind": "item", "text": "Chữ mới.", "when": deep}


def test_a_row_whose_question_has_gone_is_told_before_one_goes_on_and_what_is_kept_is_said_all_the_while(
    builder: Builder,
) -> None:
    builder.press("add", place="p:request", kind="yes-no", label="Hộ nghèo?")
    builder.press("add", place="q:ho_ngheo", kind="integer", label="Mấy quầy")
    builder.press("add", place="q:may_quay", kind="text", label="Giấy kèm theo")
    place, poor = "q:giay_kem_theo", {"t-0-field": "ho_ngheo", "t-0-how": "is", "t-0-value": "yes"}
    builder.press(f"when {place}", seen=builder.look(place).context["seen"], **poor)
    seen = builder.look(place).context["seen"]
    many = {"t-1-field": "may_quay", "t-1-how": "least", "t-1-value": "3"}
    Builder(builder.revision, "lanhdao.tinh").press("remove q:may_quay")
    added = builder.press(f"when-add {place}", seen=seen, new="ho_ngheo", **poor, **many)
    assert added.status_code == 422
    page = added.content.decode()
    assert "“may_quay” không còn được hỏi" in page
    assert "Chỉ hỏi khi “Hộ nghèo?” là Có" in page, "what is kept now, not “always”"
    again = builder.press(f"when-add {place}", seen=seen, new="ho_ngheo", **poor)
    assert (again.status_code, len(again.context["when"].rows)) == (200, 2)
    assert "Chỉ hỏi khi “Hộ nghèo?” là Có" in again.content.decode()


def test_a_condition_changed_meanwhile_is_shown_beside_ones_own_and_not_overwritten_by_adding_a_row(
    builder: Builder,
) -> None:
    builder.press("add", place="p:request", kind="yes-no", label="Hộ nghèo?")
    builder.press("add", place="q:ho_ngheo", kind="text", label="Giấy kèm theo")
    place, test = "q:giay_kem_theo", {"t-0-field": "ho_ngheo", "t-0-how": "is"}
    seen = builder.look(place).context["seen"]
    builder.press(f"when {place}", seen=seen, **test, **{"t-0-value": "yes"})
    mine = {**test, "t-0-value": "no"}
    added = builder.press(f"when-add {place}", seen=seen, new="ho_ngheo", **mine)
    late = builder.press(f"when {place}", seen=added.context["seen"], **mine)
    assert late.status_code == 422
    assert "Hiện tại: “Hộ nghèo?” là Có" in late.content.decode()
    assert [ticked for _value, _words, ticked in late.context["when"].rows[0].options] == [False, True]
    builder.press(f"when {place}", seen=late.context["seen"], **mine)
    assert builder.form.questions["giay_kem_theo"].applies({"ho_ngheo": False}), "once seen, one's own goes over it"
