"""Publishing procedures, finding them, and the pages that explain them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.json_schema import json_schema
from tinhso.core.forms.models import FormVersion
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.ui.navigation import all_errands
from tinhso.core.ui.navigation import find as everywhere
from tinhso.systems.procedures import actions, demo, queries
from tinhso.systems.procedures.models import Facet, ProcedureVersion, Variant

pytestmark = pytest.mark.usefixtures("db")
AT = datetime(2026, 11, 22, tzinfo=UTC)
BY = Actor.system("test")


@pytest.fixture
def loaded(db: Any) -> None:
    demo.load(lambda line: None)


def data(code: str = "1.004873") -> dict[str, Any]:
    return copy.deepcopy(next(one for one in demo.shipped() if one["procedure"]["code"] == code))


def events() -> list[str]:
    return list(Entry.objects.filter(subject_kind="procedures.procedure").values_list("event", flat=True))


def test_loading_twice_changes_nothing(loaded: None) -> None:
    before = Entry.objects.count(), FormVersion.objects.count(), list(Variant.objects.values())
    demo.load(lambda line: None)
    assert (Entry.objects.count(), FormVersion.objects.count(), list(Variant.objects.values())) == before


def test_other_data_for_a_known_code_replace_the_version_in_force() -> None:
    first = actions.publish(data(), by=BY, at=AT)
    changed = data()
    changed["variants"][0]["fee"]["amount"] = 20_000
    second = actions.publish(changed, by=BY, at=AT)
    first.refresh_from_db()
    assert first.withdrawn_at == AT
    assert (second.number, second.withdrawn_at) == (2, None)
    assert events() == ["procedures.published", "procedures.withdrawn", "procedures.published"]
    assert Variant.objects.get(version=first).fee_rule["amount"] == 15_000
    found = queries.variant_in_force("1.004873")
    assert found is not None
    assert found.fee_rule["amount"] == 20_000
    assert FormVersion.objects.filter(key="1.004873-default").count() == 1


def test_only_one_version_can_be_in_force_whoever_writes() -> None:
    version = actions.publish(data(), by=BY, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcedureVersion.objects.create(
            procedure=version.procedure, number=2, digest="x", published_at=AT, online="full"
        )


def test_a_withdrawn_procedure_is_no_longer_offered(loaded: None) -> None:
    version = queries.version_in_force("2.000635")
    assert version is not None
    actions.withdraw(version, by=BY, at=AT)
    assert queries.version_in_force("2.000635") is None
    assert queries.variant_in_force("2.000635", "default") is None
    assert not queries.search("trich luc")
    assert Client(headers={"host": "localhost"}).get("/thu-tuc/2.000635/").status_code == 404
    with pytest.raises(Refused):
        actions.withdraw(version, by=BY, at=AT)


@pytest.mark.parametrize(
    "fault",
    [
        lambda v: v["form"]["layout"]["pages"].pop(),
        lambda v: v["fee"].update(kind="gift"),
        lambda v: v["result"]["start"].update(status="nothing_asked"),
        lambda v: v["result"]["data"].update(status={"read": "nothing_asked"}),
        lambda v: v.update(competence=["requester"]),
        lambda v: v["process"]["steps"]["sign"]["outcomes"].update(signed="nowhere"),
    ],
)
def test_faulty_data_are_refused_whole(fault: Any) -> None:
    wrong = data()
    fault(wrong["variants"][0])
    with pytest.raises(Refused):
        actions.publish(wrong, by=BY, at=AT)
    assert not ProcedureVersion.objects.exists()
    assert not events()


def test_a_procedure_of_the_national_database_is_found_by_its_code(loaded: None) -> None:
    birth = data("2.000635")
    birth["procedure"] |= {"code": "1.001193", "name": "Đăng ký khai sinh"}
    actions.publish(birth, by=BY, at=AT)
    assert [one.code for one in queries.search("1.001193")] == ["1.001193"]
    assert queries.search("KHAI SINH")[0].code == queries.search("khai sịnh")[0].code == "1.001193"


def test_a_procedure_is_found_by_every_agency_that_decides_it() -> None:
    ours = data()
    ours["version"]["authority"] = "Sở Tư pháp, Ủy ban nhân dân cấp xã (nơi cư trú, nơi sinh)"
    actions.publish(ours, by=BY, at=AT)
    agencies = [one for one in queries.facets() if one.key.startswith("agency:")]
    assert {one.name for one in agencies} == {"Sở Tư pháp", "Ủy ban nhân dân cấp xã (nơi cư trú, nơi sinh)"}
    assert all(queries.listing([one.key])[0] for one in agencies)


def test_what_is_published_again_unchanged_is_found_by_what_the_rules_say_by_now() -> None:
    first = actions.publish(data(), by=BY, at=AT)
    before = {one.key: one.services for one in queries.facets()}
    kept = first.facets[:2]
    ProcedureVersion.objects.update(facets=kept)  # as under earlier rules
    Facet.objects.exclude(key__in=kept).delete()
    assert actions.publish(data(), by=BY, at=AT) == first
    assert {one.key: one.services for one in queries.facets()} == before
    assert all(queries.listing([key])[0] for key in before)
    assert events() == ["procedures.published"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("khai sinh", "2.000635"),
        ("Khai Sinh", "2.000635"),
        ("KHAI SINH", "2.000635"),
        ("khai sịnh", "2.000635"),
        ("trích lục", "2.000635"),
        ("doc than", "1.004873"),
        ("dang ky ket hon", "1.004873"),
        ("hon nh", "1.004873"),
        ("sao y", "2.000815"),
        ("cong chung", "2.000815"),
        ("2.000815", "2.000815"),
        ("marital", "1.004873"),
    ],
)
def test_procedures_are_found_by_the_words_people_type(loaded: None, words: str, code: str) -> None:
    found, near = queries.search_near(words)
    assert (found[0].code, near) == (code, False)
    assert queries.search(words) == found


def also_published(*named: tuple[str, str, str]) -> None:
    """Procedures by code, name and other words for them."""
    for code, name, known_as in named:
        one = data()
        one["procedure"].update(code=code, name=name, name_en="", words=known_as, errands=[])
        actions.publish(one, by=BY, at=AT)


def test_whole_sentences_find_what_is_near(loaded: None) -> None:
    also_published(
        ("1.001193", "Đăng ký khai sinh", "giấy khai sinh, làm khai sinh, con mới sinh, em bé"),
        ("1.012345", "Tổ chức cuộc đấu giá quyền sử dụng đất", ""),
        ("1.012346", "Cấp phép quầy dược", "mở bán thuốc"),
        ("1.012347", "Định giá đất", ""),
    )
    for words, code in (
        ("tôi muốn xin giấy độc thân để cưới vợ", "1.004873"),
        ("lam giay khai sinh ban sao cho con", "2.000635"),
        ("giấy xác nhận tình trạng hôn nhân để cưới vợ " * 100, "1.004873"),
        ("xin marital", "1.004873"),
        ("toi can giay doc than gap", "1.004873"),
        ("con tôi mới sinh được hai tuần giờ làm giấy khai sinh thì cần những giấy tờ gì", "1.001193"),
        ("xin đấu giá đất", "1.012345"),
        ("muốn mở quầy bán dược thì cần gì", "1.012346"),
    ):
        found, near = queries.search_near(words)
        assert ([one.code for one in found][:1], near) == ([code], True), words
        assert queries.search(words) == []


def test_pages_of_near_procedures_go_on_to_the_last_and_those_of_exact_ones_end(
    loaded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    also_published(*((f"1.01000{number}", f"Hỗ trợ hộ nghèo đợt {number}", "") for number in range(3)))
    monkeypatch.setattr(queries, "PAGE", 2)
    web = Client(headers={"host": "localhost"})

    def pages(words: str) -> list[str]:
        return [web.get("/thu-tuc/", {"q": words, "trang": number}).content.decode() for number in (0, 1, 2)]

    near = pages("xin hỗ trợ hộ nghèo miền núi")
    assert [page.count('href="1.01') for page in near] == [2, 1, 0]
    assert ['class="button" href="?q=' in page for page in near] == [True, False, False]
    assert "Gần với “xin hỗ trợ hộ nghèo miền núi”" in near[1]
    exact = pages("hỗ trợ hộ nghèo")
    assert [page.count('href="1.01') for page in exact] == [2, 1, 0]
    assert "Thủ tục có “hỗ trợ hộ nghèo”" in exact[2]


def test_near_ones_are_for_the_catalogue_and_not_for_the_desk(loaded: None, rf: Any) -> None:
    words = "tôi muốn xin giấy độc thân để cưới vợ"
    assert everywhere("desk", rf.get("/"), words) == []
    (way,) = everywhere("citizen", rf.get("/"), words)
    assert "1.004873" in Client(headers={"host": "localhost"}).get(way.url).content.decode()
    assert [one["code"] for one in Client().get("/api/v1/procedures", {"q": words}).json()] == ["1.004873"]


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "khai' OR 1=1", "máy bay", "\x00"])
def test_what_is_not_there_is_not_found(loaded: None, words: str) -> None:
    assert queries.search(words) == []
    assert queries.variant_in_force(words) is None
    assert queries.version_in_force(words) is None


def test_a_known_code_with_a_nul_in_it_is_unknown(loaded: None) -> None:
    assert queries.variant_in_force("1.004873\0") is None
    assert queries.variant_in_force("1.004873", "default\0") is None
    assert queries.version_in_force("1.004873\0") is None
    assert Client(headers={"host": "localhost"}).get("/thu-tuc/1.004873%00/").status_code == 404


def test_the_counter_offers_three_and_the_web_two(loaded: None) -> None:
    assert len(queries.variants_by_channel("counter")) == 3
    assert {v.version.procedure.code for v in queries.variants_by_channel("online")} == {"1.004873", "2.000635"}


def test_the_counter_turns_pages_and_finds_by_words(loaded: None) -> None:
    pages = [queries.variants_by_channel("counter", skip=skip, limit=2) for skip in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert [v.version.procedure.code for v in pages[0] + pages[1]] == ["1.004873", "2.000635", "2.000815"]
    assert [v.version.procedure.code for v in queries.variants_by_channel("counter", "sao y")] == ["2.000815"]
    assert not queries.variants_by_channel("counter", "%")


def test_home_shows_eight_errands_each_leading_somewhere(loaded: None) -> None:
    errands = all_errands()
    assert len(errands) == 8
    web = Client(headers={"host": "localhost"})
    assert {web.get(one.url).status_code for one in errands} == {200}


def test_the_search_box_of_the_house_finds_procedures(loaded: None, rf: Any) -> None:
    found = everywhere("citizen", rf.get("/"), "khai sinh")
    assert "/thu-tuc/2.000635/" in [one.url for one in found]


@pytest.mark.parametrize("code", ["1.004873", "2.000635", "2.000815"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_procedure_page_answers_the_three_questions_first(loaded: None, code: str, language: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        page = Client(headers={"host": "localhost", "accept-language": language}).get(f"/thu-tuc/{code}/")
    shown = page.content.decode()
    assert page.status_code == 200
    assert shown.index('class="facts"') < shown.index('id="prepare"') < shown.index('id="complain"')
    assert shown.count("<h1") == 1
    assert len(asked) <= 6


def test_the_catalogue_and_its_empty_answer(loaded: None) -> None:
    web = Client(headers={"host": "localhost"})
    with CaptureQueriesContext(connection) as asked:
        shown = web.get("/thu-tuc/").content.decode()
    assert all(code in shown for code in ("1.004873", "2.000635", "2.000815"))
    assert len(asked) <= 6
    assert "Không tìm thấy" in web.get("/thu-tuc/", {"q": "máy bay"}).content.decode()


def test_unknown_procedures_are_not_found(loaded: None) -> None:
    assert Client(headers={"host": "localhost"}).get("/thu-tuc/9.999999/").status_code == 404


def test_a_machine_gets_the_form_it_has_to_fill_in(loaded: None) -> None:
    web = Client(headers={"host": "localhost"})
    listed = web.get("/api/v1/procedures").json()
    assert isinstance(listed, list), str(listed)
    assert {one["code"] for one in listed} == {"1.004873", "2.000635", "2.000815"}
    assert [one["code"] for one in web.get("/api/v1/procedures", {"q": "sao y"}).json()] == ["2.000815"]
    one = web.get("/api/v1/procedures/2.000635").json()
    (variant,) = one["variants"]
    assert (variant["duration"], variant["unit"], variant["cutoff"]) == (0, "working_days", "15:00")
    assert variant["form"] == data("2.000635")["variants"][0]["form"]
    assert web.get("/api/v1/procedures/9.999999").status_code == 404


def test_a_machine_gets_the_form_as_plain_json_schema(loaded: None) -> None:
    web = Client(headers={"host": "localhost"})
    answer = web.get("/api/v1/procedures/2.000635/forms/default")
    assert answer["Content-Type"] == "application/schema+json"
    schema = json.loads(answer.content)
    Draft202012Validator.check_schema(schema)
    variant = queries.variant_in_force("2.000635")
    assert variant is not None
    assert schema == json_schema(FormDefinition.load(variant.form))
    assert not Draft202012Validator(schema).is_valid({}), "it asks for something"
    assert web.get("/api/v1/procedures/2.000635/forms/other").status_code == 404
    said = web.get("/api/v1/openapi.json").json()["paths"]["/api/v1/procedures/{code}/forms/{variant}"]["get"]
    assert list(said["responses"]["200"]["content"]) == ["application/schema+json"]
