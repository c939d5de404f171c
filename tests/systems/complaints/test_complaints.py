"""A complaint goes to who had no hand in the dossier and is answered by a signed letter; nobody else reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.systems.dossiers.builders import MONDAY, a_dossier, by, citizen, clock
from tests.systems.dossiers.test_roads import refusal
from tinhso.core.accounts.actions import erase_person
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.agencies.succession import merge_agency
from tinhso.core.files.models import FileLink
from tinhso.core.files.queries import read_bytes
from tinhso.core.indicators.queries import differences, figure
from tinhso.core.ledger.actions import Actor, NotAllowed
from tinhso.core.ledger.consumers import REGISTRY
from tinhso.core.ledger.models import AccessEntry, Entry
from tinhso.core.notify.models import Notice
from tinhso.core.signing import documents, work
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.keys import personal_key
from tinhso.core.signing.validation import validate
from tinhso.simulation.check import settle
from tinhso.systems.complaints import actions, consumers, jobs, notices, queries
from tinhso.systems.complaints.limits import limits
from tinhso.systems.complaints.models import Complaint, State

pytestmark = pytest.mark.usefixtures("province")

WORDS = "Hồ sơ trả trễ ba ngày, tôi phải nghỉ làm hai lần.\nĐề nghị xem lại."
WHY = "Qua kiểm tra, việc trả kết quả đúng là trễ. Phường xin lỗi ông/bà và đã chấn chỉnh."


def done(at: datetime = MONDAY) -> a_dossier:
    """Signed by the chair, returned."""
    one = a_dossier(at).submitted().accepted().assigned()
    return one.proposed().signed().issued().returned()


def post(username: str) -> Staff:
    return Staff.objects.select_related("account", "agency").get(account__username=username)


def actor(staff: Staff) -> Actor:
    return Actor("account", str(staff.account_id), staff.agency_id)


def at(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username))
    return client


def filed(one: a_dossier, **changed: Any) -> Complaint:
    me = citizen()
    given: dict[str, Any] = {"kind": "complaint", "about": "decision", "words": WORDS, "at": one.at, **changed}
    return actions.file(one.row, account=me, by=Actor("account", str(me.pk)), **given)


def answered(one: Complaint, judge: Staff, *, at: Any, outcome: str = "right") -> Complaint:
    """Taken on, written, signed by its writer's own key, sealed."""
    if outcome != "not_taken_on":
        actions.take_on(one, complex_case=False, staff=judge, by=actor(judge), at=at)
    written = actions.write_answer(one, outcome=outcome, words=WHY, staff=judge, by=actor(judge), at=at)
    jobs.draft_answer(complaint=str(one.pk), revision=written.revision)
    (document,) = documents.waiting(judge)
    key = personal_key(judge.account_id, DEMO_PASSPHRASE)
    work.sign(document, key, staff=judge, by=actor(judge), at=at)
    with clock(at):
        jobs.seal_answer(complaint=str(one.pk))
    return Complaint.objects.get(pk=one.pk)


def test_a_citizen_complains_and_reads_the_signed_answer_of_who_had_no_hand_in_it() -> None:
    one = done(timezone.now() - timedelta(days=2))  # pages take a complaint for ninety days
    mine, page = at("hoa"), reverse("complaints:mine", args=[one.pk])
    assert page in mine.get(reverse("dossiers:one", args=[one.pk])).content.decode()
    short = mine.post(page, {"kind": "complaint", "about": "decision", "words": "Trễ quá"})
    assert short.status_code == 422
    assert "Trễ quá" in short.content.decode(), "nothing typed is lost"
    mine.post(page, {"kind": "complaint", "about": "decision", "words": WORDS})
    row = Complaint.objects.get()
    chair, deputy = post("chutich"), post("phochutich")
    assert row.agency == chair.agency, "the deputy of the same commune had no hand in it"
    given = (timezone.localtime(row.due_at).date() - timezone.localdate()).days
    assert given >= 10, "ten days to take it on, Luật Khiếu nại điều 27"

    assert "complaints.notices" in REGISTRY, (consumers.__name__, notices.__name__)
    settle(timezone.now())
    assert [n.account_id for n in Notice.objects.filter(kind="complaints.filed")] == [deputy.account_id]
    judge = reverse("complaints:judge", args=[row.pk])
    assert at("chutich").get(judge).status_code == 404, "never to whom it is about"
    assert at("chutich").get(reverse("complaints:all")).content.decode().count(one.row.code) == 0
    assert at("tuphap").get(judge).status_code == 403
    desk = at("phochutich")
    assert WORDS.splitlines()[0] in desk.get(judge).content.decode()
    assert AccessEntry.objects.filter(event="complaints.seen", subject_id=one.row.applicant_id).count() == 1
    assert "khieu-nai" not in at("tuphap").get(reverse("dossiers:work", args=[one.pk])).content.decode()

    early = desk.post(judge, {"outcome": "right", "answer": WHY})
    assert early.status_code == 422
    assert WHY in early.content.decode()
    desk.post(judge, {"verb": "take_on"})
    row.refresh_from_db()
    assert row.state == State.TAKEN_ON
    desk.post(judge, {"verb": "answer", "outcome": "right", "answer": WHY})
    jobs.draft_answer(complaint=str(row.pk), revision=1)
    row.refresh_from_db()
    assert row.draft is not None
    assert mine.get(reverse("ui:file", args=[row.draft_id])).status_code == 404
    (document,) = documents.waiting(deputy)
    work.sign(
        document, personal_key(deputy.account_id, DEMO_PASSPHRASE), staff=deputy, by=actor(deputy), at=timezone.now()
    )
    jobs.seal_answer(complaint=str(row.pk))
    row.refresh_from_db()
    assert row.issued is not None
    pdf = read_bytes(row.issued)
    report = validate(pdf, at=timezone.now())
    assert report.ok, report.findings
    assert report.number == "1/TLKN"
    assert [signature.role.value for signature in report.signatures] == ["leader", "seal"]
    words = " ".join(" ".join(p.get_textpage().get_text_range().split()) for p in pypdfium2.PdfDocument(pdf))
    for said in (
        "QUYẾT ĐỊNH GIẢI QUYẾT KHIẾU NẠI LẦN ĐẦU",
        WHY,
        WORDS.splitlines()[1],
        "khiếu nại lần hai",
    ):
        assert said in words, words
    shown = mine.get(page).content.decode()
    assert reverse("ui:file", args=[row.issued_id]) in shown
    answer = mine.get(reverse("ui:file", args=[row.issued_id]))
    assert answer.status_code == 200
    answer.close()
    assert at("minh").get(reverse("ui:file", args=[row.issued_id])).status_code == 404
    settle(timezone.now())
    told = set(
        Notice.objects.filter(account=citizen().pk, kind__startswith="complaints.").values_list("kind", flat=True)
    )
    assert told == {"complaints.taken_on", "complaints.answered"}
    assert not any(WORDS[:20] in entry.payload for entry in Entry.objects.filter(event__startswith="complaints."))
    for name in ("complaints.filed", "complaints.answered"):
        today = timezone.localdate()
        assert figure(name, since=today, until=today).value == 1
        assert differences(name) == []


def test_where_every_leader_had_a_hand_in_it_the_agency_above_answers_and_a_second_one_goes_higher() -> None:
    one = done()
    everybody = [*queries.involved(one.row), post("phochutich").account_id]
    assert queries.competent(one.row.agency, everybody, one.at).kind == "province"
    row = filed(one)
    first = answered(row, post("phochutich"), at=one.later(24), outcome="wrong")
    assert first.state == State.ANSWERED
    again = filed(one, at=one.later(24))
    assert (again.level, again.agency.kind) == (2, "province")
    assert at("phochutich").get(reverse("complaints:judge", args=[again.pk])).status_code == 404
    assert at("lanhdao.tinh").get(reverse("complaints:judge", args=[again.pk])).status_code == 200
    me = Actor("account", str(citizen().pk))
    actions.withdraw(again, by=me, at=one.later())
    assert refusal(lambda: filed(one, at=one.at + timedelta(days=31))) == "too_late"


def test_what_may_not_be_is_refused_with_the_reason() -> None:
    one = done()
    assert refusal(lambda: filed(one, at=one.at + timedelta(days=91))) == "too_late"
    assert refusal(lambda: filed(one, kind="denunciation")) == "kind_missing"
    row = filed(one, kind="reflection", at=one.at + timedelta(days=91))
    assert refusal(lambda: filed(one)) == "open_already"
    chair, deputy = post("chutich"), post("phochutich")
    with pytest.raises(NotAllowed):
        actions.take_on(row, complex_case=False, staff=chair, by=actor(chair), at=one.at)
    other = post("lanhdao.tinh")
    with pytest.raises(NotAllowed):
        actions.take_on(row, complex_case=False, staff=other, by=actor(other), at=one.at)
    gone = answered(row, deputy, at=one.at + timedelta(days=92), outcome="not_taken_on")
    assert (gone.state, gone.outcome) == (State.ANSWERED, "not_taken_on")
    back = lambda: actions.withdraw(row, by=actor(deputy), at=one.at)  # noqa: E731
    assert refusal(back) == "already_done"


def test_limits_are_data_with_a_date_of_effect_and_a_complex_case_has_the_longer_one() -> None:
    one = done()
    deputy = post("phochutich")
    row = actions.take_on(filed(one), complex_case=True, staff=deputy, by=actor(deputy), at=one.at)
    days = (timezone.localtime(row.due_at).date() - timezone.localtime(one.at).date()).days
    assert days >= 45
    rules = limits("complaint", timezone.localtime(one.at).date())
    assert [each.amount for each in rules.answer] == [30, 45]
    assert rules.since.year == 2012


def test_who_is_erased_takes_words_and_letters_along_and_a_merger_hands_open_ones_on() -> None:
    one, other = done(), done()
    open_one = filed(other)
    letter = answered(filed(one), post("phochutich"), at=one.at)
    _province, home, sibling = agencies.home()
    merge_agency(home, sibling, with_staff=True, by=by(Role.LEADER), at=timezone.now())
    open_one.refresh_from_db()
    assert open_one.agency == sibling
    person = citizen().person
    assert person is not None
    assert letter.issued is not None
    settle(timezone.now())
    erase_person(person, by=Actor.system("tests"), at=timezone.now())
    assert not Complaint.objects.exists()
    assert not FileLink.objects.filter(pk=letter.issued_id).exists()
    assert Entry.objects.filter(event="complaints.forgotten").count() == 2
