"""Other agencies are asked at once, each sees what it needs as long as it needs it, and the work waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from tinhso.core.accounts.actions import create_account, erase_person
from tinhso.core.accounts.holdings import export
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.actions import add_staff
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.files.models import FileLink
from tinhso.core.ledger import loop
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused
from tinhso.core.ledger.models import AccessEntry, Entry, Remark
from tinhso.core.ledger.queries import timeline
from tinhso.core.notify.models import Notice
from tinhso.core.process import actions as process
from tinhso.core.process.bpmn.reading import read as read_drawing
from tinhso.core.process.bpmn.writing import write
from tinhso.core.process.graph import read as graph_of_body
from tinhso.core.process.models import Task
from tinhso.core.process.queries import inbox, open_tasks
from tinhso.systems.dossiers import actions, queries
from tinhso.systems.dossiers.models import Consultation, Result
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import _variant, variant_in_force

from .builders import a_dossier, by, citizen, staff

BY = Actor.system("tests")
QUESTION = "Đề nghị cho ý kiến về tình trạng hôn nhân của bà Hoa."
OPINION = "Chưa thấy thông tin đăng ký kết hôn của bà Hoa."
PDF = b"%PDF-1.4\n%%EOF\n"


def asking() -> dict[str, Any]:
    """The shipped process, with a way to ask the department of justice and the province's committee."""
    variant = variant_in_force("1.004873")
    assert variant is not None
    body: dict[str, Any] = deepcopy(variant.process.body)
    body["steps"]["appraise"]["outcomes"]["consult"] = ["justice", "province"]
    ways = dict.fromkeys(("agree", "disagree", "no_opinion", "waived"), "answers")
    step = {"kind": "consult", "role": "officer", "outcomes": ways, "duration": {"amount": 4, "unit": "working_hours"}}
    body["steps"] |= {
        "justice": {**step, "agency": "H15.02", "name": {"vi": "Lấy ý kiến Sở Tư pháp"}},
        "province": {**step, "agency": "above.province", "name": {"vi": "Lấy ý kiến UBND tỉnh"}},
    }
    body["joins"] = {"answers": {"waits_for": "all", "next": "appraise"}}
    return body


@pytest.fixture
def asked_for(province: Any) -> Iterator[None]:
    """The procedure runs by that process."""
    variant = variant_in_force("1.004873")
    assert variant is not None
    Variant.objects.filter(pk=variant.pk).update(process=process.define(asking()))
    _variant.cache_clear()  # what a variant says never changes, but here
    yield
    _variant.cache_clear()


def an_officer(username: str, agency: Agency, *roles: str) -> Staff:
    at = timezone.now() - timedelta(days=90)
    account = create_account(username, kind="official", display_name=username.title(), by=BY, at=at)
    return add_staff(account, agency, roles=list(roles or (Role.OFFICER,)), by=BY, at=at)


@pytest.fixture
def justice(asked_for: None) -> Staff:
    return an_officer("tuphap.so", Agency.objects.get(code="H15.02"))


@pytest.fixture
def above(asked_for: None) -> Staff:
    return an_officer("chuyenvien.tinh", agencies.home()[0])


def page(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def a_dossier_with_a_paper(days_ago: int = 7) -> a_dossier:
    """Its officer has it; the applicant handed in one paper."""
    from tinhso.core.files import actions as files
    from tinhso.systems.dossiers.models import Component

    one = a_dossier(timezone.now().replace(hour=2, minute=0) - timedelta(days=days_ago)).submitted()
    me = Actor("account", str(citizen().pk))
    link = files.store_bytes(PDF, name="ho-khau.pdf", by=me, at=one.at)
    files.attach(link, one.row, by=me, at=one.at)
    Component.objects.create(dossier=one.row, key="evidence", name="Giấy tờ chứng minh", file=link)
    return one.accepted().assigned()


def asked(one: a_dossier) -> dict[str, Consultation]:
    """The officer asks for opinions on the page; returns what was asked, by step."""
    paper = one.row.components.get()
    response = page(staff(Role.OFFICER).account).post(
        f"/ban-lam-viec/ho-so/{one.pk}/hoi-y-kien/", {"question": QUESTION, "form": "1", "papers": [str(paper.pk)]}
    )
    assert response.status_code == 302
    return {c.task.step: c for c in Consultation.objects.filter(dossier=one.pk).select_related("task__agency")}


def address(consultation: Consultation) -> str:
    return f"/ban-lam-viec/y-kien/{consultation.task_id}/"


def test_two_agencies_are_asked_at_once_and_the_officer_goes_on_when_both_have_answered(
    justice: Staff, above: Staff
) -> None:
    one = a_dossier_with_a_paper()
    officer = staff(Role.OFFICER)
    assert "Lấy ý kiến Sở Tư pháp" in page(officer.account).get(f"/ban-lam-viec/ho-so/{one.pk}/").content.decode()
    both = asked(one)
    assert [t.agency.code for t in open_tasks(one.row)] == [both[s].task.agency.code for s in ("justice", "province")]
    assert inbox(officer) == []

    theirs = page(justice.account)
    queue = theirs.get("/ban-lam-viec/").content.decode()
    assert address(both["justice"]) in queue
    shown = theirs.get(address(both["justice"])).content.decode()
    assert QUESTION in shown
    assert "066190000001" in shown  # what was applied for
    file = FileLink.objects.get(name="ho-khau.pdf")
    read = theirs.get(f"/tep/{file.pk}")
    read.close()
    assert read.status_code == 200

    upload = SimpleUploadedFile("cong-van.pdf", PDF + b"%1\n", "application/pdf")
    sent = theirs.post(address(both["justice"]), {"answer": "agree", "opinion": OPINION, "file": upload})
    assert sent.status_code == 302
    assert [t.step for t in open_tasks(one.row)] == ["province"]
    autodiscover_modules("consumers")
    while loop.round_once():
        pass
    told = Notice.objects.get(kind="dossiers.consultation_answered")
    assert (told.account, told.subject_id) == (officer.account, one.pk)
    assert page(above.account).post(address(both["province"]), {"answer": "no_opinion"}).status_code == 302

    (task,) = open_tasks(one.row)
    assert (task.kind, task.assignee) == ("appraise", officer.account)
    seen = page(officer.account).get(f"/ban-lam-viec/ho-so/{one.pk}/").content.decode()
    assert OPINION in seen
    assert "cong-van.pdf" in seen
    one.later(30 * 24)
    one.at = timezone.now()
    one.proposed().signed().issued().returned()
    events = [h.event.removeprefix("dossiers.") for h in timeline(one.row) if "consult" in h.event]
    assert events == ["consultation_asked"] * 2 + ["consultation_answered"] * 2
    said = "".join(str(row) for row in Entry.objects.filter(subject_id=one.pk).values_list("payload", flat=True))
    assert "Hoa" not in said
    assert '"answer":"agree"' in said.replace(" ", "")


def test_a_consulted_agency_sees_this_dossier_only_while_it_is_asked(justice: Staff, above: Staff) -> None:
    one = a_dossier_with_a_paper()
    other = a_dossier_with_a_paper()
    both = asked(one)
    mine, theirs = page(justice.account), address(both["justice"])
    paper = one.row.components.get().file_id

    for closed in (
        f"/ban-lam-viec/ho-so/{one.pk}/",  # the dossier itself: its history, clock, letters, other dossiers
        address(both["province"]),
        f"/tep/{other.row.components.get().file_id}",
    ):
        assert mine.get(closed).status_code == 404, closed
    assert mine.get(theirs).status_code == 200
    assert AccessEntry.objects.filter(actor=f"account:{justice.account_id}", event="dossiers.seen").exists()
    assert queries.in_reach(justice).count() == 0

    mine.post(theirs, {"answer": "agree", "opinion": OPINION})
    after = mine.get(theirs).content.decode()
    assert OPINION in after
    assert "066190000001" not in after
    assert "Nguyễn Thị Hoa" not in after
    assert mine.get(f"/tep/{paper}").status_code == 404


def test_what_the_officer_does_not_show_stays_closed(justice: Staff, above: Staff) -> None:
    one = a_dossier_with_a_paper()
    page(staff(Role.OFFICER).account).post(f"/ban-lam-viec/ho-so/{one.pk}/hoi-y-kien/", {"question": QUESTION})
    question = Consultation.objects.get(dossier=one.pk, task__step="justice")
    shown = page(justice.account).get(address(question)).content.decode()
    assert "066190000001" not in shown
    assert page(justice.account).get(f"/tep/{one.row.components.get().file_id}").status_code == 404


def test_others_cannot_open_or_answer_it(justice: Staff, above: Staff) -> None:
    both = asked(a_dossier_with_a_paper())
    at = address(both["justice"])
    clerk = an_officer("vanthu.so", justice.agency, Role.CLERK)
    neighbour = an_officer("noivu.so", Agency.objects.get(code="H15.03"))
    for account in (clerk.account, neighbour.account, staff(Role.OFFICER).account, staff(Role.LEADER).account):
        assert page(account).get(at).status_code == 404
        assert page(account).post(at, {"answer": "agree"}).status_code == 404
    assert page(citizen()).get(at).status_code == 403
    assert Task.objects.get(pk=both["justice"].task_id).closed_at is None


def test_who_does_not_agree_says_why_and_keeps_what_was_typed(justice: Staff, above: Staff) -> None:
    both = asked(a_dossier_with_a_paper())
    refused = page(justice.account).post(address(both["justice"]), {"answer": "disagree", "opinion": "Không."})
    assert refused.status_code == 422
    assert "Không." in refused.content.decode()
    assert FileLink.objects.filter(owner_kind=None).count() == 0


def test_of_two_answers_the_first_counts(justice: Staff, above: Staff) -> None:
    both = asked(a_dossier_with_a_paper())
    question = both["justice"]
    who = Actor("account", str(justice.account_id), justice.agency_id)
    actions.answer(question, outcome="agree", opinion="", file=None, by=who, at=timezone.now())
    with pytest.raises(Refused, match="Tuphap"):
        actions.answer(question, outcome="disagree", opinion=OPINION, file=None, by=who, at=timezone.now())
    second = page(justice.account).post(address(question), {"answer": "disagree", "opinion": OPINION})
    assert second.status_code == 409
    assert f"{OPINION}</textarea>" in second.content.decode(), "it can be copied"
    late = page(staff(Role.OFFICER).account).post(f"{address(question)}khong-cho/", {"reason": OPINION})
    assert f"{OPINION}</textarea>" in late.content.decode()


def test_a_late_answer_is_seen_and_the_work_may_go_on_without_it(justice: Staff, above: Staff) -> None:
    one = a_dossier_with_a_paper()
    officer = staff(Role.OFFICER)
    both = asked(one)
    actions.answer(both["province"], outcome="agree", opinion="", file=None, by=by(Role.OFFICER), at=timezone.now())
    question = both["justice"]
    assert question.task.due_at is not None
    with pytest.raises(Refused, match="thời gian"):
        actions.go_on_without(
            question, staff=officer, reason=OPINION, by=by(Role.OFFICER), at=question.task.due_at - timedelta(hours=1)
        )
    Task.objects.filter(pk=question.task_id).update(due_at=timezone.now() - timedelta(hours=1))
    queue = page(officer.account).get("/ban-lam-viec/").content.decode()
    assert "Sở Tư pháp" in queue
    assert "Quá hạn" in queue
    work = f"/ban-lam-viec/ho-so/{one.pk}/"
    assert f"{address(question)}khong-cho/" in page(officer.account).get(work).content.decode()
    question.refresh_from_db()
    with pytest.raises(NotAllowed):
        actions.go_on_without(question, staff=justice, reason=OPINION, by=BY, at=timezone.now())
    went = page(officer.account).post(f"{address(question)}khong-cho/", {"reason": "Đã quá hạn, hồ sơ đủ căn cứ."})
    assert went.status_code == 302
    (task,) = open_tasks(one.row)
    assert (task.kind, task.assignee) == ("appraise", officer.account)
    waived = next(h for h in timeline(one.row) if h.event == "dossiers.consultation_waived")
    assert waived.words == "Đã quá hạn, hồ sơ đủ căn cứ."
    assert page(justice.account).post(address(question), {"answer": "agree"}).status_code == 409


def test_more_time_is_asked_for_while_others_have_the_work(justice: Staff, above: Staff) -> None:
    one = a_dossier_with_a_paper(days_ago=0)
    asked(one)
    work, ask = f"/ban-lam-viec/ho-so/{one.pk}/", f"/ban-lam-viec/ho-so/{one.pk}/xin-gia-han/"
    given = {"reason": "Sở Tư pháp chưa trả lời.", "until": f"{timezone.localdate() + timedelta(days=30)}"}
    for stranger in (staff(Role.CLERK), staff(Role.LEADER)):
        assert ask not in page(stranger.account).get(work).content.decode()
        assert page(stranger.account).post(ask, given).status_code == 409
    officer = page(staff(Role.OFFICER).account)
    assert ask in officer.get(work).content.decode()
    assert officer.post(ask, given).status_code == 302
    assert ask not in officer.get(work).content.decode(), "once"
    leader = page(staff(Role.LEADER).account)
    assert leader.post(f"{work}gia-han/").status_code == 302
    assert one.row.due_at is not None
    assert timezone.localdate(one.row.due_at) == timezone.localdate() + timedelta(days=30)
    assert sorted({task.kind for task in open_tasks(one.row)}) == ["consult"]


def test_the_applicant_reads_that_it_was_asked_and_not_what_was_said(justice: Staff, above: Staff) -> None:
    one = a_dossier_with_a_paper()
    both = asked(one)
    upload = SimpleUploadedFile("cong-van.pdf", PDF + b"%2\n", "application/pdf")
    page(justice.account).post(address(both["justice"]), {"answer": "disagree", "opinion": OPINION, "file": upload})
    shown = page(citizen()).get(f"/ho-so/{one.pk}/").content.decode()
    assert "Sở Tư pháp đã cho ý kiến" in shown
    assert OPINION not in shown
    assert "Không đồng ý" not in shown
    assert page(citizen()).get(f"/tep/{FileLink.objects.get(name='cong-van.pdf').pk}").status_code == 404


def test_an_opinion_goes_with_the_person_it_is_about(justice: Staff, above: Staff) -> None:
    one = a_dossier_with_a_paper()
    both = asked(one)
    upload = SimpleUploadedFile("cong-van.pdf", PDF + b"%3\n", "application/pdf")
    page(justice.account).post(address(both["justice"]), {"answer": "agree", "opinion": OPINION, "file": upload})
    person = citizen().person
    assert person is not None
    (held,) = [d for d in export(person)["dossiers"] if d["code"] == one.row.code]
    assert OPINION in [each["opinion"] for each in held["opinions"]]
    erase_person(person, by=BY, at=timezone.now())
    assert not Consultation.objects.exists()
    assert not FileLink.objects.filter(name="cong-van.pdf").exists()
    assert not Remark.objects.filter(subject_id=one.pk).exists()
    assert not Task.objects.filter(subject_id=one.pk, closed_at=None).exists()
    assert not Result.objects.filter(dossier=one.pk).exists()


def test_the_drawing_of_a_consultation_is_read_back_equal_and_stays_small() -> None:
    body = asking_body()
    drawn = write(graph_of_body(body), "Có lấy ý kiến")
    assert read_drawing(drawn).body == body
    assert drawn.decode().count('sourceRef="justice"') == 1  # one way on, however it ends


def asking_body() -> dict[str, Any]:
    """`asking()` without a database."""
    step = {"role": "officer", "agency": "competent"}
    ways = dict.fromkeys(("agree", "disagree", "no_opinion", "waived"), "answers")
    consult = {"kind": "consult", "role": "officer", "outcomes": ways}
    return {
        "start": "appraise",
        "steps": {
            "appraise": {
                "name": {"vi": "Thẩm tra"}, "kind": "appraise", **step,
                "outcomes": {"propose": None, "consult": ["justice", "province"]},
            },
            "justice": {"name": {"vi": "Sở Tư pháp"}, "agency": "H15.02", **consult},
            "province": {"name": {"vi": "UBND tỉnh"}, "agency": "above.province", **consult},
        },
        "joins": {"answers": {"waits_for": "all", "next": "appraise"}},
    }  # fmt: skip


def test_a_process_that_forgets_an_answer_or_names_no_such_agency_is_not_published(db: Any) -> None:
    body = asking_body()
    del body["steps"]["justice"]["outcomes"]["waived"]
    body["steps"]["province"]["agency"] = "above.ministry"
    with pytest.raises(Refused) as refused:
        process.define(body)
    assert "“waived”" in str(refused.value)
    assert "“above.ministry”" in str(refused.value)
