"""Where in the catalogue a procedure stands and at which level it is decided: changed, seen, brought back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from tests.systems.procedures.national.test_reading import there
from tests.systems.procedures.test_editing_a_case import begun, published, the_variant
from tests.systems.procedures.test_editor import BY, DESK, desk, filled, in_force
from tests.systems.procedures.test_national import ROWS, a_row, read

from tinhso.systems.procedures import actions, differences, generate
from tinhso.systems.procedures.checks import faults_of
from tinhso.systems.procedures.generated_form import form_of
from tinhso.systems.procedures.models import Facet, Field, Revision
from tinhso.systems.procedures.national.row import read_row

pytestmark = pytest.mark.usefixtures("province")


def test_a_change_of_level_and_field_is_read_afterwards_and_an_old_version_comes_back_under_its_own() -> None:
    was, admin = in_force("2.000815"), desk("quantri.tinh")
    other = Field.objects.exclude(pk=was.procedure.field_id).first()
    assert other
    url, form = begun()
    assert admin.post(url, filled(form, field=str(other.pk), level="province")).status_code == 302
    procedure = published("2.000815", url).version.procedure
    assert (procedure.level, procedure.field) == ("province", other)
    for page in (f"{DESK}thu-tuc/2.000815/", url):
        told = {change.label: change.lines for change in admin.get(page).context["changes"]}
        assert told["Cấp thực hiện"] == [("-", "Xã, phường"), ("+", "Tỉnh")], page
        assert told["Lĩnh vực"] == [("-", was.procedure.field.name), ("+", other.name)], page

    admin.post(f"{DESK}thu-tuc/2.000815/1/dung-lai/", {"reason": "Phân cấp lại"})
    asked = Revision.objects.get(state="review")
    desk("lanhdao.tinh").post(f"{DESK}thay-doi/{asked.pk}/cong-bo/")
    back = in_force("2.000815").procedure
    assert (back.level, back.field) == ("commune", was.procedure.field)
    assert the_variant("2.000815").decider == ""


def the_case() -> Any:
    (case,) = Revision.objects.get(state="draft").data["variants"]
    return case


@there
@pytest.mark.parametrize(
    ("code", "level", "decided"),
    [("1.004845", "province", ("province", [])), ("2.001333", "commune", ("", ["place"]))],
)
def test_an_imported_procedure_asks_for_the_commune_at_the_level_where_a_commune_decides(
    code: str, level: str, decided: tuple[str, list[str]]
) -> None:
    read(ROWS[code])
    before, old = differences.data_of(in_force(code))["variants"], in_force(code).procedure.level
    admin, (url, form) = desk("quantri.tinh"), begun(code)
    assert admin.post(url, filled(form, level=level)).status_code == 302
    case = the_case()
    assert (case["decider"], case["competence"]) == decided
    made = form_of(read_row(json.loads(ROWS[code])), level, per_copy=False)
    assert case["form"] == made["form"]
    assert case["components"] == made["components"], "it has papers of several cases"
    assert not faults_of(case)
    assert admin.post(url, filled(admin.get(url).context["form"], level=old)).status_code == 302
    assert Revision.objects.get().data["variants"] == before


def test_a_designed_form_goes_to_another_level_and_comes_back_as_it_was() -> None:
    before, admin = differences.data_of(in_force("2.000815")), desk("quantri.tinh")
    url, form = begun()
    assert admin.post(url, filled(form, level="province")).status_code == 302
    assert (the_case()["decider"], the_case()["competence"]) == ("province", [])
    back = admin.post(url, filled(admin.get(url).context["form"], level="commune"))
    assert back.status_code == 302
    assert Revision.objects.get().data["variants"] == before["variants"]


def test_what_is_applied_for_online_and_asks_for_no_address_asks_for_the_commune() -> None:
    data = generate.at_level(differences.data_of(in_force("2.000815")), "province")
    data["variants"][0]["channels"] = ["online"]
    (case,) = generate.at_level(data, "commune")["variants"]
    assert case["competence"] == ["place"]
    assert not faults_of(case)
    assert generate.at_level(generate.at_level(data, "commune"), "province") == data


@there
def test_what_no_longer_fits_at_another_level_is_said_there_and_not_saved() -> None:
    read(ROWS["1.000419"])
    url, form = begun("1.000419")
    result = the_case()["result"]
    result["start"]["organisation"] = "place.commune"
    said = {"case-0-result": json.dumps({key: result[key] for key in ("form", "start", "data")})}
    answer = desk("quantri.tinh").post(url, filled(form, level="province", **said))
    assert answer.status_code == 422
    assert "place.commune" in answer.context["form"].errors["level"][0]
    assert Revision.objects.get().data["procedure"]["level"] == "commune"


@there
def test_what_begins_like_or_is_taken_over_from_a_procedure_of_another_level_is_decided_at_its_own() -> None:
    read(ROWS["1.000419"])
    start = {"code": "1.999001.000.00.00.H15", "name": "Cấp thẻ", "level": "province", "new_field": "Chợ"}
    page = desk("quantri.tinh").post(f"{DESK}moi/", start | {"like": "1.000419"}, follow=True)
    assert (the_case()["decider"], the_case()["competence"]) == ("province", [])
    assert "place" not in the_case()["form"]["schema"]["properties"]
    sent = filled(page.context["form"], **{"case-0-take": "2.000815", "case-0-fee_kind": "free"})
    assert desk("quantri.tinh").post(page.request["PATH_INFO"], sent).status_code == 302
    sent["case-0-take"], sent["edition"] = "1.000419", Revision.objects.get().edition
    assert desk("quantri.tinh").post(page.request["PATH_INFO"], sent).status_code == 302
    assert the_case()["components"]
    assert "place" not in the_case()["form"]["schema"]["properties"]


@there
def test_people_are_let_apply_only_once_it_is_said_who_decides() -> None:
    read(a_row("1.000020", cap_thuc_hien="Cấp bộ"))
    assert in_force("1.000020").procedure.level == "ministry"
    admin, (url, form) = desk("quantri.tinh"), begun("1.000020")
    answer = admin.post(url, filled(form, add="1", summary="Vừa gõ"))
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"level"}
    assert answer.context["form"]["summary"].value() == "Vừa gõ"
    assert admin.post(url, filled(form, add="1", level="commune")).status_code == 302
    assert the_case()["competence"] == ["place"]


def test_a_field_that_is_there_is_not_named_anew_by_who_types_it_otherwise() -> None:
    url, form = begun()
    admin = desk("quantri.tinh")
    for nothing in ("---", "\u200b"):
        answer = admin.post(url, filled(form, field="", new_field=nothing))
        assert answer.context["form"].errors.keys() == {"new_field"}
    assert admin.post(url, filled(form, field="", new_field="Ho tich")).status_code == 302
    civil = {"key": "ho-tich", "name": "Hộ tịch", "name_en": "Civil status"}
    assert Revision.objects.get().data["procedure"]["field"] == civil
    published("2.000815", url)
    data = differences.data_of(in_force())
    for origin, name in (("national", "Hộ tịch"), ("editor", "Ho tich")):  # as drafted before the field was there
        data["procedure"]["field"] = {"key": "ho-tich", "name": name}
        actions.publish(data, origin=origin, by=BY, at=timezone.now())
    for named in (Field.objects.get(key="ho-tich"), Facet.objects.get(key="field:ho-tich")):
        assert (named.name, named.name_en) == ("Hộ tịch", "Civil status")


def test_a_new_field_is_spelt_anew_while_only_the_draft_has_it() -> None:
    url, form = begun()
    admin = desk("quantri.tinh")
    for name in ("Lao đông", "Lao động"):
        form = admin.get(url).context["form"]
        assert admin.post(url, filled(form, field="", new_field=name)).status_code == 302
        assert Revision.objects.get().data["procedure"]["field"] == {"key": "lao-dong", "name": name}


def test_what_two_editors_chose_at_once_is_told_by_its_name() -> None:
    url, form = begun()
    civil, mine = Field.objects.get(key="ho-tich"), Field.objects.create(key="dat-dai", name="Đất đai")
    theirs = filled(form, field=str(civil.pk), level="province")
    assert desk("lanhdao.tinh").post(url, theirs).status_code == 302
    answer = desk("quantri.tinh").post(url, filled(form, field=str(mine.pk), level="both"))
    assert answer.status_code == 422
    told = dict(answer.context["both"])
    assert (told["Lĩnh vực"], told["Cấp thực hiện"]) == ("Hộ tịch", "Tỉnh")
    assert str(civil.pk) not in answer.content.decode().partition("<fieldset")[0]
