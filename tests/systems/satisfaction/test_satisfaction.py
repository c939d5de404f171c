"""Who has had a dossier says how it went; figures say how many; nobody who handled it learns who said what."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.systems.complaints.test_complaints import filed
from tests.systems.dossiers.builders import ZONE, a_dossier, by
from tinhso.core.accounts.actions import erase_person, give_authority, register_business
from tinhso.core.accounts.holdings import export, lookers
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role
from tinhso.core.indicators import folds
from tinhso.core.indicators.queries import differences, figure
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.ledger.queries import timeline
from tinhso.simulation.check import settle
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.satisfaction import actions, demo, queries
from tinhso.systems.satisfaction.models import Answer, Reply, Way

pytestmark = pytest.mark.usefixtures("province")

BY = Actor.system("tests")
WORDS = "Chị ở quầy hướng dẫn rất kỹ."
FIGURES = ("satisfaction.asked", "satisfaction.answered", "satisfaction.marks")


def account(username: str) -> Account:
    return Account.objects.get(username=username)


def page(username: str = "") -> Client:
    client = Client()
    if username:
        client.force_login(account(username))
    return client


def last_month(day: int = 9) -> datetime:
    """A moment of the month before this one."""
    first = timezone.localtime().replace(day=1, hour=10, minute=0, second=0, microsecond=0)
    return (first - timedelta(days=1)).replace(day=day)


def ended(at: datetime | None = None) -> Dossier:
    """Hoa's, refused: the shortest end that is asked about."""
    return a_dossier(at or timezone.now() - timedelta(hours=2)).submitted().refused().row


def url(dossier: Dossier) -> str:
    return f"/ho-so/{dossier.pk}/danh-gia/"


def test_who_applied_is_asked_on_the_dossiers_page_once_it_has_ended() -> None:
    going_on = a_dossier(timezone.now() - timedelta(hours=3)).submitted().accepted().row
    done = ended()

    assert url(going_on) not in page("hoa").get(f"/ho-so/{going_on.pk}/").content.decode()
    assert url(done) in page("hoa").get(f"/ho-so/{done.pk}/").content.decode()


def test_a_returned_result_is_asked_about() -> None:
    way = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued()
    given = {"marks": {"overall": 4}, "words": "", "way": Way.ACCOUNT, "person": account("hoa").person}
    with pytest.raises(Refused, match="đang được giải quyết"):
        actions.answer(way.row, **given, at=way.later())

    actions.answer(way.returned().row, **given, at=way.later())

    assert Answer.objects.get().marks == {"overall": 4}


def test_marks_and_words_are_kept_and_the_ledger_knows_neither_dossier_nor_person_nor_words() -> None:
    done = ended()
    before = [line.id for line in timeline(done)]

    answered = page("hoa").post(url(done), {"overall": "3", "time": "4", "words": WORDS}, follow=True)

    assert "Cảm ơn" in answered.content.decode()
    reply = Reply.objects.get()
    assert (reply.answer.marks, reply.words, reply.person) == ({"overall": 3, "time": 4}, WORDS, account("hoa").person)
    entry = Entry.objects.get(event="satisfaction.answered")
    assert (entry.subject_id, entry.actor) == (reply.answer_id, "system:satisfaction")
    for secret in (str(done.pk), done.code, str(account("hoa").pk), WORDS):
        assert secret not in entry.payload
    assert [line.id for line in timeline(done)] == before


def test_before_the_end_and_after_thirty_days_nobody_is_asked() -> None:
    open_one = a_dossier(timezone.now() - timedelta(hours=3)).submitted().row
    old = ended(timezone.now() - timedelta(days=31))
    hoa = page("hoa")

    for dossier, said in ((open_one, "đang được giải quyết"), (old, "Đã hết thời gian")):
        assert said in hoa.post(url(dossier), {"overall": "4"}, follow=True).content.decode()
    assert url(old) not in hoa.get(f"/ho-so/{old.pk}/").content.decode()
    assert not Answer.objects.exists()


def test_a_mark_left_out_or_made_up_is_told_beside_it_and_nothing_typed_is_lost() -> None:
    done = ended()

    for marks in ({"time": "4"}, {"overall": "9"}):
        answer = page("hoa").post(url(done), {**marks, "words": WORDS})
        assert answer.status_code == 422
        assert 'href="#id_overall' in answer.content.decode()
        assert WORDS in answer.content.decode()
    assert not Answer.objects.exists()


def test_an_answer_may_be_changed_and_counts_once() -> None:
    done, hoa = ended(), page("hoa")
    hoa.post(url(done), {"overall": "1", "time": "1"})
    assert hoa.get(url(done)).content.decode().count(" checked") == 2

    hoa.post(url(done), {"overall": "4"})

    settle(timezone.now())
    today = timezone.localdate()
    since = queries.month_of(today, -1)
    counted = figure("satisfaction.marks", since=since, until=today, by="question")
    assert {row.of: row.count for row in counted.rows if row.count} == {"overall": 1}
    assert figure("satisfaction.answered", since=since, until=today).value == 1
    assert [differences(name) for name in FIGURES] == [[], [], []]


def test_strangers_find_nothing() -> None:
    done = ended()

    for who in ("minh", "motcua", "chutich", "kiemtra.tinh"):
        assert page(who).get(url(done)).status_code == 404
        assert page(who).post(url(done), {"overall": "1"}).status_code == 404
    assert not Answer.objects.exists()


def test_by_the_slip_one_answers_once_and_reads_nothing() -> None:
    done = ended()
    slip = {"code": done.code, "secret": done.secret}
    found = page().post("/tra-cuu/", slip).content.decode()
    assert 'action="/tra-cuu/danh-gia/"' in found

    assert page().post("/tra-cuu/danh-gia/", {**slip, "secret": "SAISAISA"}).status_code == 302
    assert page().post("/tra-cuu/danh-gia/", slip).status_code == 200
    given = page().post("/tra-cuu/danh-gia/", {**slip, "answers": "1", "overall": "1", "words": WORDS})
    again = page().post("/tra-cuu/danh-gia/", {**slip, "answers": "1", "overall": "4"})

    assert (given.status_code, again.status_code) == (200, 409)
    assert WORDS not in again.content.decode()
    assert Answer.objects.get().marks == {"overall": 1}
    # The applicant sees nothing of it either, since it may be somebody else's, and may put their own in its place.
    assert WORDS not in page("hoa").get(url(done)).content.decode()
    page("hoa").post(url(done), {"overall": "4"})
    assert (Answer.objects.get().marks, Answer.objects.get().way) == ({"overall": 4}, Way.ACCOUNT)


def test_for_a_business_answers_whoever_acts_for_it() -> None:
    at = timezone.now()
    made = register_business("0100233488", name="Công ty TNHH Cà phê Ea Kao", by=BY, at=at)
    person = account("minh").person
    assert person is not None
    give_authority(made, person, role="legal", until=None, by=BY, at=at)
    done = ended()
    Dossier.objects.filter(pk=done.pk).update(applicant=None, applicant_kind=2, business=made)

    assert page("hoa").post(url(done), {"overall": "1"}).status_code == 404
    assert page("minh").post(url(done), {"overall": "4", "words": WORDS}).status_code == 302

    erase_person(person, by=BY, at=at)
    reply = Reply.objects.get()
    assert (reply.person, reply.words, reply.answer.marks) == (None, "", {"overall": 4})


def test_words_are_shown_to_the_person_handed_over_and_erased_with_them() -> None:
    done = ended()
    page("hoa").post(url(done), {"overall": "2", "words": WORDS})
    person = account("hoa").person
    assert person is not None
    assert export(person)["satisfaction"][0]["words"] == WORDS

    erase_person(person, by=BY, at=timezone.now())

    assert not Reply.objects.exists()
    assert Answer.objects.get().marks == {"overall": 2}


def six_answers(at: datetime) -> list[Dossier]:
    """Of last month: five good ones with words, one bad."""
    made = [ended(at) for _n in range(6)]
    person = account("hoa").person
    for number, one in enumerate(made):
        marks = {"overall": 4 if number else 1} | ({"feedback": 4} if number < 3 else {})
        said, then = f"{WORDS} {number}", at + timedelta(hours=5)
        actions.answer(one, marks=marks, words=said, way=Way.ACCOUNT, person=person, at=then)
    return made


def test_heads_read_shares_how_many_and_words_and_never_whose_they_are() -> None:
    made = six_answers(last_month())
    ended(last_month())  # asked, silent
    settle(timezone.now())

    text = page("chutich").get("/ban-lam-viec/hai-long/").content.decode()
    flat = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))

    assert "6 trong 7 người" in flat
    assert "Nhìn chung 6 83 % 0 % 0 % 17 %" in flat
    assert re.search(r"góp ý 3 quá ít đánh giá", flat)
    assert f"{WORDS} 0" in text
    hidden = [str(one.pk) for one in made] + [one.code for one in made] + ["Nguyễn Thị Hoa"]
    hidden += [str(pk) for pk in Answer.objects.values_list("pk", flat=True)]
    assert [secret for secret in hidden if secret in text] == []
    assert [differences(name) for name in FIGURES] == [[], [], []]


def test_the_circulars_indices_have_points_where_the_record_or_the_marks_know_them() -> None:
    at = last_month()
    a_dossier(at).submitted().accepted().assigned().proposed().signed().issued()
    asked = a_dossier(at).submitted().accepted().assigned()
    until = (at + timedelta(days=9)).date()
    dossiers.ask_supplement(asked.row, reason=WORDS, until=until, by=by(Role.OFFICER), at=asked.later())
    six_answers(at)
    settle(timezone.now())

    def said() -> str:
        text = page("chutich").get("/ban-lam-viec/hai-long/").content.decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))

    flat = said()
    assert "1. Tổng thời gian giải quyết so với quy định 2,0 – 1 sớm hạn, 0 đúng ngày hẹn, 0 trễ hạn" in flat
    assert "2. Thời gian của từng cơ quan tham gia giải quyết – – Chưa đo" in flat
    assert "để hoàn thiện hồ sơ 1,9 – 1 lần yêu cầu bổ sung, 7 hồ sơ kết thúc" in flat
    assert "8. Tiếp thu, giải trình phản ánh, kiến nghị – – chưa biết" in flat, "before the month is closed"
    assert "9. Tiến độ và chất lượng dịch vụ công trực tuyến 2,0 – 8 trong 8" in flat
    assert "11. Đánh giá tổng thể dịch vụ – 1,7" in flat, "five of six very good"
    closing = timezone.localtime().replace(day=1, hour=1)
    folds.close_days(closing)
    assert "8. Tiếp thu, giải trình phản ánh, kiến nghị 2,0 – 0 trong 0" in said()


def test_a_complaint_that_waits_overdue_leaves_its_index_no_point() -> None:
    one = a_dossier(last_month(1)).submitted().refused()
    filed(one)
    settle(timezone.now())
    folds.close_days(timezone.localtime().replace(day=1, hour=1))
    shown = page("chutich").get("/ban-lam-viec/hai-long/").context["pointed"]
    assert [(p.index.number, p.points) for p in shown if p.index.record == "complaints"] == [(8, 0.0)]


def test_where_few_answered_and_while_the_month_runs_nothing_is_shown() -> None:
    few = ended(last_month())
    actions.answer(few, marks={"overall": 1}, words=WORDS, way=Way.SLIP, person=None, at=last_month(10))
    six_answers(timezone.now())
    settle(timezone.now())

    text = page("truongphong").get("/ban-lam-viec/hai-long/").content.decode()

    assert "quá ít" in text
    assert WORDS not in text
    this_month = f"?period={timezone.localdate():%Y-%m}"
    assert WORDS not in page("truongphong").get(f"/ban-lam-viec/hai-long/{this_month}").content.decode()


def test_each_agency_reads_its_own_and_those_above_read_all() -> None:
    _province, _commune, sibling = agencies.home()
    six_answers(last_month())
    settle(timezone.now())

    assert WORDS in page("lanhdao.tinh").get("/ban-lam-viec/hai-long/").content.decode()
    assert page("chutich").get(f"/ban-lam-viec/hai-long/?agency={sibling.pk}").status_code == 404
    empty = page("lanhdao.tinh").get(f"/ban-lam-viec/hai-long/?agency={sibling.pk}").content.decode()
    assert WORDS not in empty
    for who in ("motcua", "tuphap", "vanthu", "quantri", "hoa"):
        assert page(who).get("/ban-lam-viec/hai-long/").status_code == 403


def test_no_page_of_staff_leads_from_an_answer_to_its_dossier_but_an_auditors_on_record() -> None:
    made = six_answers(last_month())
    settle(timezone.now())
    reply = Reply.objects.get(dossier=made[0])
    link = f"/ban-lam-viec/hai-long/{reply.answer_id}/"

    for who in ("motcua", "tuphap", "truongphong", "chutich", "lanhdao.tinh"):
        assert page(who).get(link).status_code == 403
        opened = page(who).get(f"/ban-lam-viec/ho-so/{made[0].pk}/").content.decode()
        assert WORDS not in opened
        assert "hai-long/" + str(reply.answer_id) not in opened
    auditor = page("kiemtra.tinh")
    assert link in auditor.get("/ban-lam-viec/hai-long/").content.decode()
    assert made[0].code in auditor.get(link).content.decode()
    person = account("hoa").person
    assert person is not None
    assert [entry.event for entry in lookers(person)].count("satisfaction.traced") == 1


def test_stopped_is_asked_and_withdrawn_is_not() -> None:
    stopped = a_dossier(timezone.now() - timedelta(hours=5)).submitted().accepted().assigned()
    dossiers.stop(stopped.row, reason="Người nộp đã có giấy này rồi.", by=by(Role.LEADER), at=stopped.later())
    withdrawn = a_dossier(timezone.now() - timedelta(hours=5)).submitted()
    dossiers.withdraw(withdrawn.row, reason="", by=BY, at=withdrawn.later())
    settle(timezone.now())

    assert actions.open_until(stopped.row) is not None
    assert actions.open_until(withdrawn.row) is None
    today = timezone.localdate()
    assert figure("satisfaction.asked", since=queries.month_of(today, -1), until=today).value == 1
    assert differences("satisfaction.asked") == []


def test_only_months_that_are_over_can_be_chosen() -> None:
    at = datetime(2027, 1, 31, 23, 30, tzinfo=ZONE)
    offered = queries.periods(at)

    assert offered[0].key == "2026-12"
    assert [one.key for one in offered[12:]] == ["2026"]
    assert max(one.until for one in offered).isoformat() == "2026-12-31"


def test_the_demo_shows_what_people_said_last_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.dossiers, "load", lambda progress: None)  # those of the demo take seconds
    for day in range(6):
        ended(last_month(2 + day))
    for _run in range(2):
        demo.load(lambda line: None)
    settle(timezone.now())
    shown = queries.shown(agencies.home()[1], queries.periods(timezone.now())[0])
    assert (shown.asked, shown.answers, shown.by_slip) == (6, 6, 6)
    assert shown.questions[0].shares == [50, 33, 17, 0]
    assert [f"{name} {found}" for name in FIGURES for found in differences(name)] == []
