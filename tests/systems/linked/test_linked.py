"""One declaration becomes dossiers at several agencies, each once, with one thread, one promise and one end."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.house.databases import Database
from tests.systems.dossiers.builders import MONDAY, by, citizen
from tinhso.core.accounts.actions import erase_person, issue_api_client
from tinhso.core.accounts.holdings import export
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role
from tinhso.core.indicators.queries import differences
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.notify.kinds import words
from tinhso.core.notify.models import Notice
from tinhso.core.process.queries import open_tasks
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers.models import Consultation, Dossier, Letter, State
from tinhso.systems.linked import actions, demo, jobs, queries
from tinhso.systems.linked.bundles import Planned, Standing, bundle_of, bundles, fault_of
from tinhso.systems.linked.models import Decision, Part

from .builders import HOME, a_joint, answers, follow

pytestmark = pytest.mark.usefixtures("procedures")
COUNTED = ("dossiers.processed", "dossiers.open", "statistics.course")
BY = Actor.system("tests")
REASON = "Giấy chứng sinh điện tử không có trên hệ thống của Sở Y tế."


@pytest.fixture
def procedures(province: Database) -> None:
    demo.publish_procedures()


def page(username: str) -> Client:
    client = Client()
    client.force_login(citizen(username))
    return client


def shown(one: a_joint) -> queries.Joint:
    found = queries.joint(one.row)
    assert found is not None
    return found


def test_each_bundle_asks_once_what_its_parts_must_know() -> None:
    assert set(bundles()) == {"2.000986", "2.002622"}
    assert [fault_of(version) for versions in bundles().values() for version in versions] == ["", ""]


def test_a_joint_application_walks_to_its_end_by_itself_but_for_what_people_decide() -> None:
    one = a_joint().submitted(papers=True)
    assert [row.standing for row in shown(one).rows] == [Standing.READY, Standing.WAITING, Standing.WAITING]
    assert shown(one).last is None, "nothing is promised before the counter has looked"
    one.accepted()
    assert list(one) == ["birth"], "residence and insurance need the number of the certificate"
    birth = one["birth"]
    assert birth.state == State.ACCEPTED, "the counter has checked the whole, once"
    assert birth.components.get().file_id != one.row.components.get().file_id, "each dossier holds the paper itself"
    assert birth.components.get().file.file_id == one.row.components.get().file.file_id, "the bytes are there once"
    assert shown(one).sure is False
    one.birth_issued(national_id="066326000009")
    residence, insurance = one["residence"], one["insurance"]
    for part in (residence, insurance):
        assert part.answers["certificate_number"] == "1/KS"
        assert part.answers["certificate_date"] == "2026-11-23"
        assert part.answers["child_id"] == "066326000009"
        assert part.applicant_id == one.row.applicant_id
        assert [task.kind for task in open_tasks(part)] == ["elsewhere"]
    assert shown(one).sure is True
    promised = [each.due_at for each in (one.row, residence, insurance) if each.due_at]
    assert shown(one).last == max(promised)
    one.granted("residence")
    assert one.row.state == State.ACCEPTED, "the insurance card is not there yet"
    one.granted("insurance", "TE1666600012345")
    assert one.row.state == State.PROCESSED
    one.returned("birth", "residence")
    assert one.row.state == State.PROCESSED
    one.returned("insurance")
    assert one.row.state == State.RETURNED
    follow()
    assert [f"{name} {found}" for name in COUNTED for found in differences(name)] == []
    events = list(Entry.objects.filter(subject_id=one.pk).values_list("event", flat=True))
    assert events.count("linked.part_opened") == 3


def test_parts_are_opened_from_the_ledger_each_once_also_after_a_crash() -> None:
    one = a_joint().submitted()
    dossiers.accept(one.row, by=by(Role.RECEPTIONIST), at=one.later())
    follow()
    assert [job.args for job in ProcrastinateJob.objects.filter(task_name="linked.go_on")] == [{"joint": str(one.pk)}]
    for _run in range(2):  # the worker was killed after its work and before it said so
        jobs.go_on(joint=str(one.pk))
    assert Part.objects.filter(joint=one.pk).count() == 1
    assert Dossier.objects.filter(procedure_code="1.001193").count() == 1


def test_two_workers_at_once_open_a_part_once() -> None:
    one = a_joint().submitted()
    dossiers.accept(one.row, by=by(Role.RECEPTIONIST), at=one.later())
    failed: list[BaseException] = []

    def work() -> None:
        try:
            jobs.go_on(joint=str(one.pk))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed
    assert Dossier.objects.filter(procedure_code="1.001193").count() == 1


def test_a_crash_in_the_middle_of_opening_leaves_nothing_and_the_next_run_opens_it(monkeypatch: Any) -> None:
    one = a_joint().submitted()
    dossiers.accept(one.row, by=by(Role.RECEPTIONIST), at=one.later())

    def killed(*_given: Any, **_more: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(dossiers, "accept", killed)
        with pytest.raises(SystemExit):
            one.goes_on()
    assert not Dossier.objects.filter(procedure_code="1.001193").exists()
    one.goes_on()
    assert list(one) == ["birth"]


def test_a_refused_first_part_stops_the_rest_with_the_reason_in_a_letter() -> None:
    one = a_joint().submitted().accepted()
    dossiers.refuse(one["birth"], reason=REASON, by=by(Role.OFFICER), at=one.later())
    one.goes_on()
    assert list(one) == ["birth"]
    assert one.row.state == State.STOPPED
    letter = Letter.objects.get(dossier=one.pk, form=Letter.Form.STOP)
    assert REASON in letter.reason
    assert "Đăng ký thường trú cho trẻ dưới 6 tuổi; Cấp thẻ bảo hiểm y tế" in letter.reason
    rows = shown(one).rows
    assert [row.standing for row in rows] == [Standing.ENDED, Standing.DROPPED, Standing.DROPPED]


def test_one_part_refused_elsewhere_does_not_take_the_other_results_away() -> None:
    one = a_joint().submitted().accepted().birth_issued()
    dossiers.refuse(one["residence"], reason="Công an: chỗ ở không hợp pháp.", by=by(Role.RECEPTIONIST), at=one.later())
    one.goes_on().granted("insurance")
    assert one.row.state == State.PROCESSED
    assert [row.standing for row in shown(one).rows] == [Standing.DONE, Standing.ENDED, Standing.DONE]


def test_withdrawing_the_whole_withdraws_what_is_open_and_leaves_what_is_decided() -> None:
    one = a_joint().submitted().accepted().birth_issued()
    dossiers.withdraw(one.row, reason="", by=Actor("account", str(citizen().pk)), at=one.later())
    one.goes_on()
    states = {key: one[key].state for key in one}
    assert states == {"birth": State.PROCESSED, "residence": State.WITHDRAWN, "insurance": State.WITHDRAWN}
    assert not open_tasks(one.row)


def test_the_applicant_is_asked_once_on_the_joint_page_and_the_promise_moves_with_the_part() -> None:
    one = a_joint().submitted().accepted().birth_issued()
    until = (MONDAY + timedelta(days=20)).date()
    missing = "Giấy tờ chứng minh chỗ ở hợp pháp."
    dossiers.ask_supplement(one["residence"], reason=missing, until=until, by=by(Role.RECEPTIONIST), at=one.later())
    address = f"/ho-so/{one.pk}/lien-thong/"
    hoa = page("hoa")
    asked = hoa.get(address).content.decode()
    assert missing in asked
    assert "Gửi bổ sung" in asked
    empty = hoa.post(f"{address}residence/bo-sung/", {"note": ""})
    assert empty.status_code == 422
    promised = one.row.due_at
    dossiers.supplement(
        one["residence"], papers=(), note="Đã bổ sung.", by=Actor("account", str(citizen().pk)),
        at=one.later(24 * 10),
    )  # fmt: skip
    one.goes_on()
    assert "Gửi bổ sung" not in hoa.get(address).content.decode()
    assert promised is not None
    moved = one.row.due_at
    assert moved is not None
    assert moved > promised
    assert moved == one["residence"].due_at
    assert hoa.post(f"{address}residence/bo-sung/", {"note": "Thêm nữa."}).status_code == 302
    assert page("minh").get(address).status_code == 404


def test_the_applicant_has_one_thread() -> None:
    one = a_joint().submitted().accepted().birth_issued()
    follow()
    told = {(notice.kind, notice.subject_id) for notice in Notice.objects.filter(account=citizen())}
    assert {kind for kind, _subject in told} == {"dossiers.submitted", "dossiers.accepted", "linked.result_issued"}
    assert {subject for _kind, subject in told} == {one.pk}
    said = words(Notice.objects.filter(kind="linked.result_issued").latest("at"))
    assert one["birth"].code in said.body
    assert one.row.code in said.title
    assert said.url == f"/ho-so/{one.pk}/lien-thong/"


def test_officials_follow_the_whole_and_record_what_others_decided() -> None:
    one = a_joint(timezone.now() - timedelta(hours=8)).submitted().accepted().birth_issued()
    counter = page("motcua")
    assert one.row.code in counter.get("/ban-lam-viec/lien-thong/").content.decode()
    whole = counter.get(f"/ban-lam-viec/lien-thong/{one.pk}/").content.decode()
    assert "Công an cấp xã" in whole
    part = one["residence"]
    work = counter.get(f"/ban-lam-viec/ho-so/{part.pk}/").content.decode()
    assert "Ghi kết quả họ đã giải quyết" in work
    address = f"/ban-lam-viec/ho-so/{part.pk}/ket-qua-noi-khac/"
    assert counter.post(address, {"number": "", "day": "2026-01-01"}).status_code == 422
    early = counter.post(address, {"number": "12/TB", "day": "2020-01-01"})
    assert early.status_code == 422
    day = timezone.localdate().isoformat()
    assert counter.post(address, {"number": "12/TB", "day": day}).status_code == 302
    assert Decision.objects.get(dossier=part).agency == "Công an cấp xã"
    assert counter.get(address).status_code == 404, "decided already"
    for there in (f"/ban-lam-viec/lien-thong/{one.pk}/", f"/ban-lam-viec/ho-so/{part.pk}/"):
        assert counter.get(there).status_code == 200, "no officer of this house had a hand in that result"
    assert page("tuphap").get(address).status_code == 403
    assert page("motcua2").get(f"/ban-lam-viec/lien-thong/{one.pk}/").status_code == 404


def test_officials_of_a_part_alone_see_the_whole_and_open_only_what_is_theirs() -> None:
    _province, _home, sibling = agencies.home()
    one = a_joint().submitted().accepted().birth_issued()
    Dossier.objects.filter(pk=one["residence"].pk).update(agency=sibling, receiving_agency=sibling)
    whole = page("motcua2").get(f"/ban-lam-viec/lien-thong/{one.pk}/").content.decode()
    assert f"/ban-lam-viec/ho-so/{one['residence'].pk}/" in whole
    assert f"/ban-lam-viec/ho-so/{one['birth'].pk}/" not in whole


def test_after_a_death_what_comes_later_has_the_number_of_the_extract() -> None:
    one = a_joint(code="2.002622").submitted().accepted()
    assert list(one) == ["death"]
    register = {"registered_on": "2026-11-23", "register_number": "7", "copies": 1}
    one.issued("death", **register)
    assert one["removal"].answers["extract_number"] == "1/TLKT"
    assert [task.kind for task in open_tasks(one["removal"])] == ["elsewhere"]
    assert [task.kind for task in open_tasks(one["allowance"])] == ["appraise"], "the commune decides that one itself"


def test_a_part_that_is_not_asked_for_is_never_opened_nor_spoken_of() -> None:
    one = a_joint(code="2.002622").submitted(allowance="none").accepted()
    assert [row.planned.key for row in shown(one).rows] == ["death", "removal"]
    one.issued("death", registered_on="2026-11-23", register_number="7", copies=1)
    assert list(one) == ["death", "removal"]
    one.granted("removal")
    assert one.row.state == State.PROCESSED, "nothing else is waited for"


def test_a_part_opens_at_once_when_an_answer_says_so_and_what_comes_after_it_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (version,) = bundles()["2.002622"]
    death, removal, allowance = version.parts
    first = replace(removal, key="first", after="", give={}, when={"field": "cause", "equals": "Tai nạn"})
    parts = (death, first, replace(removal, after="first", give={}), allowance)
    planned = replace(version, parts=parts)
    monkeypatch.setattr("tinhso.systems.linked.bundles.bundles", lambda: {"2.002622": [planned]})
    assert [one.key for one in bundle_parts(a_joint(code="2.002622").submitted())] == ["death", "allowance"]
    accident = a_joint(MONDAY + timedelta(hours=1), code="2.002622").submitted(cause="Tai nạn")
    assert [one.key for one in bundle_parts(accident)] == ["death", "first", "removal", "allowance"]
    ready = {row.planned.key for row in shown(accident).rows if row.standing == Standing.READY}
    assert ready == {"death", "first"}, "it waits for nothing but the counter"


@pytest.mark.parametrize("when", [{"field": "nobody_asks", "equals": 1}, {"code": "import os"}])
def test_a_bundle_whose_condition_cannot_stand_is_told(when: dict[str, Any]) -> None:
    (version,) = bundles()["2.002622"]
    death, *others = version.parts
    assert fault_of(replace(version, parts=(death, replace(others[0], when=when))))
    assert fault_of(replace(version, parts=(replace(death, when={"field": "cause", "answered": True}), *others)))


def bundle_parts(one: a_joint) -> tuple[Planned, ...]:
    found = bundle_of(one.row)
    assert found is not None
    return found.parts


def test_machines_hand_in_and_follow_joint_applications() -> None:
    _province, home, _sibling = agencies.home()
    scopes = ["dossiers:read", "dossiers:submit"]
    _client, token = issue_api_client("Bệnh viện", scopes=scopes, agency=home, by=BY, at=timezone.now())
    api = Client(HTTP_AUTHORIZATION=f"Bearer {token}")
    body = {"procedure": "2.000986", "agency": home.code, "answers": answers()}
    made = api.post("/api/v1/dossiers", body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="a")
    assert made.status_code == 201, made.content
    found = api.get(f"/api/v1/linked/{made.json()['code']}").json()
    assert found["law"] == "63/2024/NĐ-CP"
    assert (found["parts"][0]["key"], found["parts"][0]["standing"]) == ("birth", "ready")
    other = a_joint().submitted().row
    Dossier.objects.filter(pk=other.pk).update(procedure_code="1.004873")
    assert api.get(f"/api/v1/linked/{other.code}").status_code == 404, "no joint dossier"


def test_who_came_to_the_counter_follows_all_parts_by_the_one_slip() -> None:
    one = a_joint().submitted().accepted()
    answer = Client().post("/tra-cuu/", {"code": one.row.code, "secret": one.row.secret}).content.decode()
    assert "Cấp thẻ bảo hiểm y tế cho trẻ dưới 6 tuổi" in answer
    assert f"/ho-so/{one['birth'].pk}/" not in answer


def test_what_others_decided_is_exported_and_goes_with_the_person() -> None:
    one = a_joint().submitted().accepted().birth_issued().granted("residence", "000777/TB")
    person = citizen().person
    assert person is not None
    assert export(person)["linked"][0]["number"] == "000777/TB"
    erase_person(person, by=BY, at=one.later())
    assert not Decision.objects.exists()
    assert not Part.objects.exists()
    one_gone = str(one.pk)
    jobs.go_on(joint=one_gone)  # nothing to do, and no failure


def test_the_law_of_the_day_it_was_handed_in_holds() -> None:
    one = a_joint().submitted()
    before = one.row
    before.submitted_at = before.submitted_at.replace(year=2024, month=3)
    assert bundle_of(before) is None
    with pytest.raises(Refused):
        actions.finish(one.row, by=BY, at=one.later())


def test_another_commune_verifies_the_parents_marriage() -> None:
    _province, home, sibling = agencies.home()
    father = {"full_name": "Trần Văn An", "birth_date": "1988-05-05", "ethnicity": "Kinh", "nationality": "Việt Nam"}
    married: dict[str, Any] = {
        "parents": "married",
        "father": {**father, "national_id": "066088000007", "address": HOME},
        "marriage_place": {"province": "66", "commune": sibling.unit_code},
    }
    one = a_joint().submitted(**married).accepted()
    question = "Đề nghị xác minh việc đăng ký kết hôn của cha mẹ trẻ."
    dossiers.consult(one["birth"], question=question, form=True, papers=(), by=by(Role.OFFICER), at=one.later())
    asked = Consultation.objects.get(dossier=one["birth"])
    assert asked.task.agency == sibling
    assert asked.task.due_at is not None
    dossiers.answer(asked, outcome="agree", opinion="Có đăng ký.", file=None, by=_officer(), at=one.later())
    assert [task.kind for task in open_tasks(one["birth"])] == ["appraise"]
    own = a_joint(MONDAY + timedelta(hours=1))
    own.submitted(**married | {"marriage_place": {"province": "66", "commune": home.unit_code}}).accepted()
    with pytest.raises(Refused) as refused:
        dossiers.consult(own["birth"], question=question, form=True, papers=(), by=by(Role.OFFICER), at=own.later())
    assert refused.value.code == "asks_itself"


def _officer() -> Actor:
    account = Account.objects.get(username="tuphap2")
    return Actor("account", str(account.pk))
