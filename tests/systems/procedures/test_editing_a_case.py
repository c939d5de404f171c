"""What an official changes of a case: process, papers and their questions, letter; and a procedure of one's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.systems.dossiers.builders import MONDAY
from tests.systems.procedures.test_editor import BY, DESK, desk, filled, in_force, someone

from tinhso.core.agencies.models import Agency
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.process import drawings
from tinhso.core.process.models import Definition
from tinhso.systems.procedures import differences, generate, queries
from tinhso.systems.procedures.checks import letters
from tinhso.systems.procedures.demo import shipped
from tinhso.systems.procedures.models import Field, Revision, Variant
from tinhso.systems.procedures.papers import with_papers

pytestmark = pytest.mark.usefixtures("province")


def the_variant(code: str) -> Variant:
    (variant,) = in_force(code).variants.all()
    return variant


def published(code: str, url: str) -> Variant:
    """Sent to review by its author, published by a leader."""
    desk("quantri.tinh").post(f"{url}gui-duyet/")
    assert Revision.objects.get(code=code).state == "review"
    desk("lanhdao.tinh").post(f"{url}cong-bo/")
    return the_variant(code)


def faults(page: Any) -> list[Any]:
    """What a page complains of."""
    form = page.context["form"]
    return [form.errors, *((case.errors, [paper.errors for paper in case.papers]) for case in form.cases)]


def begun(code: str = "2.000815") -> tuple[str, Any]:
    page = desk("quantri.tinh").post(f"{DESK}thu-tuc/{code}/sua/", follow=True)
    return page.request["PATH_INFO"], page.context["form"]


def a_drawing() -> Definition:
    """Another procedure's process, drawn and published under a name."""
    other = the_variant("1.004873").process
    agency = Agency.objects.filter(parent=None).first()
    assert agency is not None
    who: Any = {"by": someone("quantri.tinh"), "at": MONDAY}
    drawing = drawings.begin_from("Có thẩm tra", other, agency=agency.pk, **who)
    drawing = drawings.publish(drawing, by=BY, at=MONDAY)
    assert drawing.definition is not None
    return drawing.definition


def test_process_papers_and_limit_are_chosen_and_the_reviewer_reads_what_differs() -> None:
    definition = a_drawing()
    url, form = begun()
    new = f"case-0-paper-{len(form.cases[0].variant['components'])}"
    said = {
        "case-0-process": definition.pk,
        "case-0-amount": "2",
        f"{new}-name": "Giấy giới thiệu",
        f"{new}-copies": "1",
        f"{new}-kind": "original",
        f"{new}-required": "on",
    }
    saved = desk("quantri.tinh").post(url, filled(form, **said))
    assert saved.status_code == 302, faults(saved)
    shown = desk("lanhdao.tinh").get(url).content.decode()
    assert "Giấy giới thiệu (1 bản chính) *" in shown
    assert "Thẩm tra" in shown
    variant = published("2.000815", url)
    assert (variant.process, variant.amount) == (definition, 2)
    paper = variant.components[-1]
    question = FormDefinition.load(variant.form).questions[paper["field"]]
    assert (question.words, question.required) == ("Giấy giới thiệu", True)
    assert paper["field"] not in str(
        in_force("2.000815").procedure.versions.get(number=1).variants.get().form.definition
    )


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("case-0-form", '{\n "key": "x",,\n}', "dòng 2, cột 13"),
        ("case-0-form", "[1]", "phải là một đối tượng"),
        ("case-0-form", "{}", "thiếu"),
        (
            "case-0-result",
            '{"form": {"key": "x", "title": {"vi": "x"}, "schema": {}}, "start": 1, "data": []}',
            "schema",
        ),
        ("case-0-letter", "marital_status", "person"),
        ("case-0-fee_rule", '{"kind": "per_page", "tiers": 7, "pages": "no", "copies": "no"}', "cấu trúc"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_kept_as_typed(field: str, text: str, said: str) -> None:
    url, form = begun()
    answer = desk("quantri.tinh").post(url, filled(form, **{field: text}))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert said.lower() in shown.lower()
    assert answer.context["form"].cases[0][field.removeprefix("case-0-")].value() == text
    assert differences.data_of(in_force("2.000815"))["variants"] == Revision.objects.get().data["variants"]


def test_a_procedure_of_ones_own_is_drafted_published_and_applied_for() -> None:
    admin = desk("quantri.tinh")
    start = {"code": "1.999001.000.00.00.H15", "name": "Cấp thẻ chợ phiên", "level": "commune", "new_field": "Chợ"}
    assert admin.post(f"{DESK}moi/", start | {"code": "1.004873"}).status_code == 422
    assert desk("quantri").post(f"{DESK}moi/", start).status_code == 403
    page = admin.post(f"{DESK}moi/", start, follow=True)
    url, form = page.request["PATH_INFO"], page.context["form"]
    assert admin.post(url, filled(form, **{"case-0-fee_kind": "flat", "case-0-fee": "20000"})).status_code == 302
    variant = published(start["code"], url)
    assert (variant.amount, variant.unit, variant.fee_rule["amount"]) == (10, "working_days", 20_000)
    assert variant.result_data["procedure"] == {"value": "Cấp thẻ chợ phiên"}
    assert queries.search("the cho phien")[0].code == start["code"]
    assert "20.000 đ" in admin.get(f"/thu-tuc/{start['code']}/").content.decode()


def test_form_papers_and_letter_are_taken_over_from_another_procedure() -> None:
    url, form = begun()
    saved = desk("quantri.tinh").post(url, filled(form, **{"case-0-take": "1.004873", "case-0-fee_kind": "free"}))
    assert saved.status_code == 302, faults(saved)
    variant, other = published("2.000815", url), the_variant("1.004873")
    assert variant.result_letter == other.result_letter == "marital_status"
    assert variant.form.key != other.form.key
    assert variant.form.definition["schema"] == other.form.definition["schema"]
    assert variant.fee_rule == {"kind": "free"}


def test_a_case_is_added_and_removed() -> None:
    url, form = begun()
    admin = desk("quantri.tinh")
    again = admin.post(url, filled(form, add="1"), follow=True).context["form"]
    assert [one.variant["key"] for one in again.cases] == ["default", "case-2"]
    admin.post(url, filled(again, **{"case-0-drop": "on", "case-1-drop": "on"}))
    informs = admin.get(url).context["form"]
    assert not informs.cases
    assert Revision.objects.get().data["version"]["online"] == "information"
    usable = admin.post(url, filled(informs, why="Tạm dừng", place="Bộ phận một cửa", add="1"), follow=True)
    assert len(usable.context["form"].cases) == 1


def test_a_paper_left_out_takes_its_question_along_unless_another_needs_it() -> None:
    variant = next(one for one in shipped() if one["procedure"]["code"] == "1.004873")["variants"][0]
    papers = variant["components"]
    assert with_papers(variant, papers) == variant
    one_less = with_papers(variant, [paper for paper in papers if paper["key"] != "residence"])
    assert json.dumps(one_less["form"]) == json.dumps(variant["form"]), "`evidence` is asked for another paper, too"
    without = with_papers(variant, [paper for paper in papers if paper["key"] != "authority"])
    assert "authority" not in without["form"]["schema"]["properties"]


def test_every_letter_says_what_it_needs() -> None:
    known = {one["variants"][0]["result"]["letter"] for one in shipped()}
    assert known | {"generic_result", "designed"} <= letters().keys()
    assert letters()["marital_status"][1] == {"person", "requester", "status", "purpose"}


def test_field_and_level_of_a_draft_are_changed_and_what_nobody_designed_follows_the_level() -> None:
    admin = desk("quantri.tinh")
    start = {"code": "1.999001.000.00.00.H15", "name": "Cấp thẻ chợ phiên", "level": "province", "new_field": "Chợ"}
    page = admin.post(f"{DESK}moi/", start, follow=True)
    url, form = page.request["PATH_INFO"], page.context["form"]
    assert (form["new_field"].value(), form["level"].value()) == ("Chợ", "province")
    assert admin.post(url, filled(form, new_field="")).status_code == 422
    assert admin.post(url, filled(form, new_field="Thương mại", level="commune")).status_code == 302
    there = {**start, "level": "commune", "field": {"key": "thuong-mai", "name": "Thương mại"}}
    (case,) = Revision.objects.get().data["variants"]
    (usual,) = generate.begin(there, on=MONDAY.date())["variants"]
    for part in ("decider", "competence", "process", "form", "result"):
        assert case[part] == usual[part], part
    procedure = published(start["code"], url).version.procedure
    assert (procedure.field.name, procedure.level) == ("Thương mại", "commune")

    url, form = begun(start["code"])
    other = Field.objects.exclude(name="Thương mại").first()
    assert other
    saved = admin.post(url, filled(form, field=str(other.pk), level="province"))
    assert saved.status_code == 302, "a new version may stand elsewhere, too"
    told = desk("lanhdao.tinh").get(url).context["changes"]
    assert {"Lĩnh vực", "Cấp thực hiện"} <= {change.label for change in told}, "its reviewer reads it"
