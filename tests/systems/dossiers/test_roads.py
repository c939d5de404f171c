"""Roads beside the process: completing, stopping, more time, the right place, taking a slip of the hand back."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

import pypdfium2
import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from tests.journeys.people import a_scan
from tests.systems.dossiers.builders import MONDAY, a_dossier, by, citizen, clock, staff
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role
from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.consumers import catch_up, last_position
from tinhso.core.ledger.models import Entry
from tinhso.core.ledger.queries import timeline
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER
from tinhso.core.notify.models import Notice
from tinhso.core.process.queries import open_tasks, pauses
from tinhso.systems.dossiers import actions, jobs, queries, verification
from tinhso.systems.dossiers.letter_data import notice_data, slip_data
from tinhso.systems.dossiers.models import Dossier, Letter, State, Supplement
from tinhso.systems.dossiers.promises import warn_all
from tinhso.systems.dossiers.words import lines

pytestmark = pytest.mark.usefixtures("province")

WHY = "Thiếu bản sao giấy khai sinh.\nThiếu chữ ký của người yêu cầu."
SOME_DAY = date(2026, 12, 10)


def events(one: a_dossier) -> list[str]:
    names = [h.event.removeprefix("dossiers.") for h in timeline(one.row)]
    return [name for name in names if not name.startswith("process.")]


def at_work() -> a_dossier:
    return a_dossier().submitted().accepted().assigned()


def asked(one: a_dossier, role: Role = Role.OFFICER, **changed: Any) -> Supplement:
    given: dict[str, Any] = {"reason": WHY, "until": SOME_DAY, **changed}
    return actions.ask_supplement(one.row, by=by(role), at=one.later(), **given)


def completed(one: a_dossier, hours: float = 24, *, papers: bool = True) -> Supplement:
    me, at = Actor("account", str(citizen().pk)), one.later(hours)
    links = [files.store_bytes(a_scan(), name="khai-sinh.pdf", by=me, at=at)] if papers else []
    given = [(link.name, link.pk) for link in links]
    return actions.supplement(one.row, papers=given, note="Tôi gửi đủ rồi.", by=me, at=at)


def refusal(call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def words_of(letter: Letter) -> str:
    assert letter.file is not None
    pages = pypdfium2.PdfDocument(read_bytes(letter.file))
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def test_the_clock_stands_still_while_the_applicant_completes_it() -> None:
    one = at_work()
    promised = one.row.due_at
    asked(one)
    assert one.row.state == State.SUPPLEMENT
    assert [task.kind for task in open_tasks(one.row)] == ["supplement"]
    completed(one, hours=72)
    row = one.row
    assert promised is not None
    assert row.due_at is not None
    assert row.state == State.IN_PROCESS
    ((began, ended),) = pauses(row)
    # Monday 12.00 to Thursday 12.00, Tuesday a holiday: two working days are given back
    assert (began, ended) == (one.at - timedelta(hours=72), one.at)
    assert row.due_at == promised + timedelta(days=4)  # over a weekend
    (task,) = open_tasks(row)
    assert (task.kind, task.subject_due_at, str(task.assignee_id)) == ("appraise", row.due_at, by(Role.OFFICER).id)


def test_before_acceptance_the_counter_asks_and_checks_again() -> None:
    one = a_dossier().submitted()
    asked(one, Role.RECEPTIONIST)
    completed(one)
    assert one.row.state == State.NEW
    assert [task.kind for task in open_tasks(one.row)] == ["receive"]
    one.accepted()
    assert one.row.state == State.ACCEPTED
    assert events(one) == ["submitted", "supplement_requested", "supplement_received", "accepted"]


def test_a_second_request_is_refused_unless_a_leader_answers_for_it() -> None:
    one = at_work()
    asked(one)
    completed(one)
    assert refusal(lambda: asked(one)) == "second_supplement"
    assert [task.kind for task in open_tasks(one.row)] == ["appraise"], "nothing of the refused request stays"
    actions.allow_supplement(one.row, reason="Luật mới đòi thêm giấy.", by=by(Role.LEADER), at=one.later())
    second = asked(one)
    assert second.breach
    assert Letter.objects.filter(dossier=one.row, form="02").count() == 2


def test_what_was_added_stands_beside_what_was_handed_in() -> None:
    one = at_work()
    asked(one)
    before = list(one.row.components.values_list("pk", flat=True))
    row = completed(one)
    assert list(row.papers.values_list("name", flat=True)) == ["khai-sinh.pdf"]
    assert set(before) < set(one.row.components.values_list("pk", flat=True))
    assert refusal(lambda: completed(one)) == "not_at_this_step"


def test_an_empty_answer_to_the_request_is_not_taken() -> None:
    one = at_work()
    asked(one)
    me = Actor("account", str(citizen().pk))
    assert refusal(lambda: actions.supplement(one.row, papers=[], note=" ", by=me, at=one.later())) == "nothing_added"


@pytest.mark.parametrize("until", [date(2026, 11, 20), date(2029, 1, 1)])
def test_a_day_that_is_over_or_years_ahead_is_no_date(until: date) -> None:
    assert refusal(lambda: asked(at_work(), until=until)) == "bad_date"


def test_what_is_never_completed_is_stopped_with_form_05() -> None:
    one = at_work()
    asked(one)
    one.later(24 * 30)
    actions.stop(one.row, reason="Quá hạn bổ sung hồ sơ.", by=by(Role.OFFICER), at=one.at)
    assert one.row.state == State.STOPPED
    assert open_tasks(one.row) == []
    one.with_letters()
    said = words_of(Letter.objects.get(dossier=one.row, form="05"))
    assert "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ" in said
    assert "Quá hạn bổ sung hồ sơ." in said


def test_more_time_is_promised_only_while_the_first_promise_holds() -> None:
    one = at_work()
    promised = one.row.due_at
    actions.ask_extension(
        one.row, until=SOME_DAY, reason="Phải xác minh ở xã khác.", by=by(Role.OFFICER), at=one.later()
    )
    assert sorted(task.kind for task in open_tasks(one.row)) == ["appraise", "extend"]
    actions.extend(one.row, by=by(Role.LEADER), at=one.later())
    row = one.row
    assert row.due_at is not None
    assert f"{row.due_at:%Y-%m-%d}" == "2026-12-10"
    assert [task.subject_due_at for task in open_tasks(row)] == [row.due_at]
    one.with_letters()
    said = words_of(Letter.objects.get(dossier=row, form="04"))
    assert "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ" in said
    assert "10/12/2026" in said
    assert promised is not None
    assert f"{promised.astimezone(MONDAY.tzinfo):%H giờ %M}" in said
    again = lambda: actions.ask_extension(  # noqa: E731
        one.row, until=date(2026, 12, 20), reason="Vẫn chưa xác minh xong.", by=by(Role.OFFICER), at=one.later()
    )
    assert refusal(again) == "extended_before"


def more_time(one: a_dossier) -> None:
    """Asked for and promised within the hour."""
    until = one.later().date() + timedelta(days=20)
    actions.ask_extension(one.row, until=until, reason="Phải xác minh ở xã khác.", by=by(Role.OFFICER), at=one.at)
    actions.extend(one.row, by=by(Role.LEADER), at=one.later(0.1))


def told(kind: str, **to: Any) -> list[Notice]:
    """Notices of a kind, as after the worker's ledger loop."""
    autodiscover_modules("consumers")
    while last_position() < Entry.objects.count():
        sequence(LEDGER)
    catch_up()
    return list(Notice.objects.filter(kind=f"dossiers.{kind}", **to))


@pytest.mark.parametrize("late", [False, True])
def test_a_new_date_is_told_with_its_apology_and_one_sealed_too_late_is_called_late(late: bool) -> None:
    one = at_work()
    promised = one.row.due_at
    assert promised is not None
    more_time(one)
    assert told("extended") == [], "the letter that gives the reason is not there yet"
    sealed_at = promised + timedelta(minutes=5 if late else -5)
    with clock(sealed_at):
        one.with_letters()
    (notice,) = told("extended")
    assert one.row.due_at is not None
    assert notice.params["due"] == {"at": one.row.due_at.astimezone(UTC).isoformat()}
    made = [h for h in timeline(one.row) if h.event == "dossiers.letter_made"]
    assert [(h.data["form"], h.data["late"]) for h in made] == [("01", False), ("04", late)]
    for_applicant, for_officials = (lines(one.row, for_applicant=mine)[-1] for mine in (True, False))
    assert ("quá giờ hẹn trả" in for_applicant.title, "quá giờ hẹn trả" in for_officials.title) == (late, late)
    officer = Client()
    officer.force_login(Account.objects.get(username="tuphap"))
    page = officer.get(f"/ban-lam-viec/ho-so/{one.pk}/").content.decode()
    assert ("Thư xin lỗi đến trễ" in page) == late


def test_who_decided_is_named_on_the_letter() -> None:
    names = {role: staff(role).account.display_name for role in (Role.RECEPTIONIST, Role.OFFICER, Role.LEADER)}
    one = at_work()
    more_time(one)
    actions.stop(one.row, reason="Người yêu cầu đã mất.", by=by(Role.OFFICER), at=one.later())
    other = a_dossier().submitted().refused()
    for dossier, form, role in ((one, "04", Role.LEADER), (one, "05", Role.OFFICER), (other, "03", Role.RECEPTIONIST)):
        letter = Letter.objects.get(dossier=dossier.pk, form=form)
        assert notice_data(letter)["receiver"]["name"] == names[role]
    assert slip_data(Letter.objects.get(dossier=one.pk, form="01"))["receiver"]["name"] == names[Role.RECEPTIONIST]
    jobs.make_letter(letter=str(Letter.objects.get(dossier=one.pk, form="04").pk))
    said = words_of(Letter.objects.get(dossier=one.pk, form="04"))
    assert "LÃNH ĐẠO CƠ QUAN GIẢI QUYẾT" in said
    assert names[Role.LEADER] in said
    assert names[Role.RECEPTIONIST] not in said


def test_promises_that_end_are_told_once_a_morning_to_who_can_still_keep_them() -> None:
    one, extended = at_work(), at_work()
    more_time(extended)
    assert one.row.due_at is not None
    friday = MONDAY.replace(day=27, hour=7, minute=30)
    assert one.row.due_at.astimezone(MONDAY.tzinfo).date() == friday.date()
    for day in (24, 25):  # a holiday; and too early
        warn_all(friday.replace(day=day))
    assert told("promises_ending") == []
    for _again in range(2):
        warn_all(friday.replace(day=26))
    first = {notice.account_id: notice.params["count"] for notice in told("promises_ending")}
    assert first == {staff(role).account_id: 1 for role in (Role.OFFICER, Role.UNIT_HEAD)}
    warn_all(friday)
    assert len(told("promises_ending")) == 2 * len(first)
    assert Entry.objects.filter(event="dossiers.promises_ending").count() == 2


def test_an_officer_is_told_what_the_leader_decided() -> None:
    one, officer = at_work(), staff(Role.OFFICER).account_id
    until = one.later().date() + timedelta(days=20)
    actions.ask_extension(one.row, until=until, reason="Phải xác minh ở xã khác.", by=by(Role.OFFICER), at=one.at)
    actions.decline_extension(one.row, reason="Hồ sơ này đơn giản.", by=by(Role.LEADER), at=one.later())
    (declined,) = told("extension_declined")
    assert declined.account_id == officer
    asked(one)
    completed(one)
    actions.allow_supplement(one.row, reason="Luật mới đòi thêm giấy.", by=by(Role.LEADER), at=one.later())
    (allowed,) = told("supplement_allowed")
    assert allowed.account_id == officer


def test_an_apology_cannot_come_after_the_promised_time() -> None:
    one = at_work()
    actions.ask_extension(
        one.row, until=SOME_DAY, reason="Phải xác minh ở xã khác.", by=by(Role.OFFICER), at=one.later()
    )
    one.later(24 * 7)
    assert refusal(lambda: actions.extend(one.row, by=by(Role.LEADER), at=one.at)) == "time_is_over"
    actions.decline_extension(one.row, reason="Đã quá ngày hẹn rồi.", by=by(Role.LEADER), at=one.at)
    assert [task.kind for task in open_tasks(one.row)] == ["appraise"]


def test_a_request_for_more_time_that_nobody_decided_ends_with_the_result() -> None:
    one = at_work()
    actions.ask_extension(
        one.row, until=SOME_DAY, reason="Phải xác minh ở xã khác.", by=by(Role.OFFICER), at=one.later(0.1)
    )
    one.proposed().signed().issued()
    assert [task.kind for task in open_tasks(one.row)] == ["return"]


def test_a_late_result_is_returned_with_its_reason() -> None:
    one = at_work().proposed().signed()
    one.later(24 * 10)
    one.issued()
    without = lambda: actions.return_result(one.row, by=by(Role.RECEPTIONIST), at=one.at)  # noqa: E731
    assert refusal(without) == "reason_missing"
    actions.take_fee(one.row, by=by(Role.RECEPTIONIST), at=one.at)
    actions.return_result(
        one.row, reason="Cán bộ nghỉ ốm, chưa bố trí người thay.", by=by(Role.RECEPTIONIST), at=one.at
    )
    last = timeline(one.row)[-1]
    assert (last.event, last.words) == ("dossiers.returned", "Cán bộ nghỉ ốm, chưa bố trí người thay.")


@pytest.mark.parametrize("accepted", [False, True])
def test_what_came_to_the_wrong_place_goes_on_at_the_right_one(accepted: bool) -> None:
    one = a_dossier().submitted()
    if accepted:
        one.accepted().assigned()
    promised = one.row.due_at
    _province, _commune, other = agencies.home()
    who = by(Role.OFFICER if accepted else Role.RECEPTIONIST)
    dossier = Dossier.objects.select_related("agency").get(pk=one.pk)
    actions.transfer(dossier, to=other, reason="Người yêu cầu thường trú ở phường kia.", by=who, at=one.later())
    row = one.row
    (task,) = open_tasks(row)
    assert (row.agency_id, task.agency_id, row.due_at) == (other.pk, other.pk, promised)
    assert task.kind == ("assign" if accepted else "receive")
    assert row.state == (State.ACCEPTED if accepted else State.NEW)
    assert (
        refusal(lambda: actions.transfer(row, to=other, reason="Lại chuyển nữa đây.", by=who, at=one.at))
        == "wrong_agency"
    )


def test_withdrawing_is_possible_until_the_decision_is_signed() -> None:
    me = Actor("account", str(citizen().pk))
    one = at_work().proposed()
    actions.withdraw(one.row, reason="Tôi không cần nữa.", by=me, at=one.later())
    assert one.row.state == State.WITHDRAWN
    signed = at_work().proposed().signed()
    assert refusal(lambda: actions.withdraw(signed.row, reason="", by=me, at=signed.later())) == "already_signed"
    assert [task.kind for task in open_tasks(signed.row)] == ["issue"]


def test_a_slip_of_the_hand_is_taken_back_within_minutes() -> None:
    one = at_work().proposed()
    officer = by(Role.OFFICER)
    actions.take_back(one.row, by=officer, at=one.later(0.05))
    (task,) = open_tasks(one.row)
    assert (task.kind, str(task.assignee_id)) == ("appraise", officer.id)
    assert refusal(lambda: actions.take_back(one.row, by=officer, at=one.later(0.05))) == "not_undoable"
    one.proposed()
    assert refusal(lambda: actions.take_back(one.row, by=officer, at=one.later(0.2))) == "not_undoable"


def test_nobody_takes_back_what_another_did_or_what_left_the_house() -> None:
    one = at_work()
    assert refusal(lambda: actions.take_back(one.row, by=by(Role.OFFICER), at=one.later(0.01))) == "not_undoable"
    accepted = a_dossier().submitted().accepted()
    again = by(Role.RECEPTIONIST)
    assert refusal(lambda: actions.take_back(accepted.row, by=again, at=accepted.later(0.01))) == "not_undoable"


def test_form_02_lists_everything_and_the_applicant_reads_what_to_do() -> None:
    one = at_work()
    letter = asked(one).letter
    data = notice_data(Letter.objects.get(pk=letter.pk))
    assert data["reasons"] == WHY.splitlines()
    assert "10/12/2026" in data["next_steps"][0]
    where = queries.whereabouts(one.row)
    assert where.todo
    one.with_letters()
    said = words_of(Letter.objects.get(pk=letter.pk))
    assert "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ" in said
    assert "1. Thiếu bản sao giấy khai sinh." in said


def test_a_cancelled_result_is_kept_and_whoever_verifies_it_is_told() -> None:
    one = at_work().proposed().signed().issued()
    early = lambda: actions.cancel_result(one.row, reason="Cấp nhầm tên.", by=by(Role.LEADER), at=one.at)  # noqa: E731
    assert refusal(early) == "not_returned"
    one.returned()
    pdf, at = one.result_pdf, one.later()
    assert verification.of_pdf(pdf, at=at).genuine
    actions.cancel_result(one.row, reason="Cấp nhầm tên người yêu cầu.", by=by(Role.LEADER), at=at)
    verdict = verification.of_pdf(pdf, at=at)
    assert (verdict.genuine, verdict.cancelled, verdict.report.ok) == (False, at, True)
    assert one.result_pdf == pdf
    page = render_to_string("dossiers/verdict.html", {"verdict": verdict})
    assert "đã bị hủy" in page
    assert "Văn bản thật" not in page
    again = lambda: actions.cancel_result(one.row, reason="Cấp nhầm tên.", by=by(Role.LEADER), at=at)  # noqa: E731
    assert refusal(again) == "already_cancelled"


def test_the_desk_shows_what_applicants_have_not_completed_in_time() -> None:
    one = a_dossier(timezone.now() - timedelta(days=30)).submitted()
    asked(one, Role.RECEPTIONIST, until=(one.at + timedelta(days=10)).date())
    desk = Client()
    desk.force_login(Account.objects.get(username="motcua"))
    page = desk.get("/ban-lam-viec/").content.decode()
    assert "Chờ người nộp bổ sung" in page
    assert "Quá hạn" in page
    assert one.row.code in page
    elsewhere = Client()
    elsewhere.force_login(Account.objects.get(username="motcua2"))
    assert one.row.code not in elsewhere.get("/ban-lam-viec/").content.decode()
