"""Open dossiers of another system come in whole, once, and go on by the process in force."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.house.databases import Database
from tests.privacy.walk import settle
from tests.systems.dossiers.builders import MONDAY, ZONE, a_dossier, answers, by, staff
from tinhso.core.accounts.actions import erase_person
from tinhso.core.accounts.models import Person
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role
from tinhso.core.indicators.queries import differences, figure
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.ledger.queries import timeline
from tinhso.core.numbering.actions import dossier_code
from tinhso.core.process.models import Task
from tinhso.systems.dossiers import actions
from tinhso.systems.dossiers.models import Channel, Dossier, Earlier, State, TakenOver
from tinhso.systems.dossiers.takeover import taking
from tinhso.systems.dossiers.takeover.checking import check_all
from tinhso.systems.dossiers.takeover.reading import read
from tinhso.systems.dossiers.takeover.taking import Outcome, take_all
from tinhso.systems.dossiers.words import lines

BY = Actor.system("takeover")
NOW = MONDAY + timedelta(hours=2)


def one(**changed: Any) -> dict[str, Any]:
    """A dossier being appraised in the old system, accepted four days ago, once paused."""
    _province, commune, _sibling = agencies.home()
    given = {
        "system": "mot-cua-cu", "old_id": "HS-2026-0042", "code": f"{commune.code}-261119-0042",
        "procedure": "1.004873", "channel": "counter", "receiving": commune.code,
        "applicant_name": "Nguyễn Thị Lụa", "national_id": "066190000777", "phone": "0900 000 777",
        "submitted_at": "19/11/2026 08:10", "accepted_at": "2026-11-19T08:30:00+07:00", "due_at": "25/11/2026 17:00",
        "step": "appraise", "fee_owed": 15000,
        "answers": {key: value for key, value in answers().items() if key in ("relation", "status", "own")},
        "history": [{"at": "19/11/2026 09:00", "what": "Phân công", "who": "Trần Văn Cũ", "words": "Xem hộ khẩu"}],
        "pauses": [{"from": "20/11/2026 08:00", "to": "20/11/2026 10:00"}],
    }  # fmt: skip
    return {**given, **changed}


def rows(*many: dict[str, Any]) -> list[dict[str, Any]]:
    return read("cu.json", json.dumps({"dossiers": many or [one()]}).encode())


def take(*many: dict[str, Any]) -> Outcome:
    return take_all(rows(*many), by=BY, at=NOW)


def faults(**changed: Any) -> dict[str, str]:
    (checked,) = check_all(rows(one(**changed)), at=NOW)
    return {fault.column: fault.words for fault in checked.faults}


def test_a_dossier_goes_on_where_it_stood_with_its_code_its_promise_and_its_past(province: Database) -> None:
    assert take() == Outcome(taken=1)
    dossier = Dossier.objects.get()
    assert (dossier.code, dossier.state) == (one()["code"], State.IN_PROCESS)
    assert dossier.submitted_at == datetime(2026, 11, 19, 8, 10, tzinfo=ZONE)
    assert dossier.due_at == datetime(2026, 11, 25, 17, tzinfo=ZONE)
    assert dossier.applicant == Person.objects.get(full_name="Nguyễn Thị Lụa")
    assert dossier.answers["requester"]["full_name"] == "Nguyễn Thị Lụa"
    task = Task.objects.get()
    assert (task.step, task.closed_at, task.subject_due_at) == ("appraise", None, dossier.due_at)
    told = lines(dossier, for_applicant=False)
    assert [line.title for line in told][:2] == ["Phân công", "Đồng hồ dừng đến 10:00 thứ Sáu 20/11/2026"]
    assert (told[0].who, told[0].text) == ("Trần Văn Cũ", "Xem hộ khẩu")
    assert {line.who + line.text for line in lines(dossier, for_applicant=True)} == {""}
    assert [h.event for h in timeline(dossier)] == ["dossiers.taken_over"]


def test_it_can_be_finished_here_by_the_officials_who_have_the_step(province: Database) -> None:
    take(one(answers=answers()))
    going = a_dossier(at=NOW)
    going.pk = Dossier.objects.get().pk
    going.proposed().signed().issued().returned()
    assert going.row.state == State.RETURNED


def test_the_record_of_a_takeover_holds_no_personal_data(province: Database) -> None:
    take()
    written = " ".join(Entry.objects.values_list("payload", flat=True))
    for personal in ("066190000777", "Lụa", "0900000777", "Trần", "HS-2026-0042"):
        assert personal not in written


def test_the_same_foreign_id_never_comes_twice(province: Database) -> None:
    take()
    assert take(one(), one(code="", old_id="HS-2")) == Outcome(taken=1, known=1)
    assert TakenOver.objects.count() == Dossier.objects.count() == 2


def test_an_erased_dossier_does_not_come_back_by_the_same_file(province: Database) -> None:
    take()
    erase_person(Person.objects.get(full_name="Nguyễn Thị Lụa"), by=BY, at=NOW)
    assert (Dossier.objects.count(), Earlier.objects.count(), TakenOver.objects.get().old_id) == (0, 0, "")
    assert take() == Outcome(known=1)


WRONG: list[tuple[str, Any]] = [
    ("system", "Hệ thống cũ"), ("old_id", ""), ("code", "hồ sơ 1"), ("procedure", "9.999999"), ("channel", "fax"),
    ("receiving", "H99.1"), ("applicant_name", " "), ("national_id", "12345"), ("birth_date", "1990-13-01"),
    ("phone", "12"), ("email", "a@b"), ("submitted_at", "19/11/2026"), ("submitted_at", "2027-01-01 08:00"),
    ("accepted_at", ""), ("due_at", "18/11/2026 17:00"), ("step", "sign"), ("fee_owed", "mười"),
    ("assignee", "nobody"), ("answers.status", {"status": "complicated"}), ("answers.colour", {"colour": "red"}),
    ("finished_at", "20/11/2026 08:00"), ("sex", "x"), ("applicant_kind", "ghost"),
    ("history_what", [{"at": "19/11/2026 09:00"}]), ("pause_to", [{"from": "20/11/2026 08:00"}]),
]  # fmt: skip


def test_what_is_wrong_is_named_by_row_and_column_and_nothing_of_it_comes(province: Database) -> None:
    bad = []
    for number, (column, value) in enumerate(WRONG):
        key = {"history_what": "history", "pause_to": "pauses"}.get(column, column.partition(".")[0])
        bad.append(one(**{"old_id": str(number), "code": "", key: value}))
    outcome = take(*bad, one(old_id="good"))
    assert outcome.taken == Dossier.objects.count() == Person.objects.filter(full_name="Nguyễn Thị Lụa").count() == 1
    found = [(fault.row, fault.column) for fault in outcome.faults]
    assert found == [(row, column) for row, (column, _value) in enumerate(WRONG, 1)]
    assert all(fault.words for fault in outcome.faults)


def test_a_mistyped_number_does_not_put_a_dossier_into_anothers_list(province: Database) -> None:
    assert list(faults(national_id="066190000001")) == ["national_id"]  # of Nguyễn Thị Hoa
    assert faults(national_id="066190000001", applicant_name="nguyễn thị hoa") == {}


def test_two_rows_with_one_id_or_code_are_named(province: Database) -> None:
    _first, second = check_all(rows(one(), one()), at=NOW)
    assert {fault.column for fault in second.faults} == {"old_id", "code"}


def test_a_promise_other_than_ours_is_kept_and_said(province: Database) -> None:
    (checked,) = check_all(rows(one(due_at="30/11/2026 17:00", pauses=[])), at=NOW)
    assert checked.faults == []
    assert "25/11/2026 17:00" in next(remark.words for remark in checked.remarks if remark.column == "due_at")


def test_not_accepted_yet_it_is_due_eight_working_hours_after_it_was_handed_in(province: Database) -> None:
    take(one(step="receive", accepted_at="", due_at="", pauses=[]))
    assert Task.objects.get().due_at == datetime(2026, 11, 20, 8, 10, tzinfo=ZONE)
    assert Dossier.objects.get().state == State.NEW


def test_one_that_only_waits_to_be_fetched_is_returned_at_the_counter(province: Database) -> None:
    take(one(step="return", finished_at="20/11/2026 15:00", fee_owed=0))
    dossier = actions.return_result(Dossier.objects.get(), by=by(Role.RECEPTIONIST), at=NOW)
    assert dossier.state == State.RETURNED


def test_whoever_had_it_has_it(province: Database) -> None:
    officer = staff(Role.OFFICER).account
    take(one(assignee=officer.username))
    assert Task.objects.get().assignee == officer


def test_codes_that_came_along_are_never_given_again(province: Database) -> None:
    _province, commune, _sibling = agencies.home()
    take(one(code=f"{commune.code}-{NOW:%y%m%d}-0007"))
    assert dossier_code(commune.code, at=NOW) == f"{commune.code}-{NOW:%y%m%d}-0008"


def test_figures_agree_with_a_recount_of_what_came_and_went(province: Database) -> None:
    take(one(), one(old_id="2", code="", step="return", finished_at="20/11/2026 15:00", fee_owed=0))
    actions.refuse(
        Dossier.objects.get(state=State.IN_PROCESS), reason="Không thuộc thẩm quyền.", by=by(Role.OFFICER), at=NOW
    )
    settle()
    for name in ("dossiers.submitted", "dossiers.processed", "dossiers.open"):
        assert differences(name) == []
    assert figure("dossiers.open", since=NOW.date(), until=NOW.date()).value == 0


def test_a_run_that_was_killed_is_completed_by_the_next(province: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [one(old_id=str(number), code="") for number in range(5)]
    real, calls = taking.record, []

    def dies(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(taking, "record", dies)
    with pytest.raises(KeyboardInterrupt):
        take(*many)
    assert Dossier.objects.count() == TakenOver.objects.count() == Task.objects.count() == 2
    assert take(*many) == Outcome(taken=3, known=2)


def test_a_spreadsheet_says_the_same(province: Database) -> None:
    _province, commune, _sibling = agencies.home()
    text = (
        "﻿system;old_id;procedure;channel;receiving;applicant_name;submitted_at;accepted_at;due_at;step;fee_owed;"
        "answers.status;answers.copies;answers.own.birth_date;history_at;history_what;pause_from;pause_to\r\n"
        f"cu;7;1.004873;1;{commune.code};Trần Bình;19/11/2026 08:10;19/11/2026 08:30;25/11/2026 17:00;Thẩm tra;0;"
        "never;2;08/03/1990;19/11/2026 09:00;Nhận;;\r\n"
        "cu;7;;;;;;;;;;;;;20/11/2026 09:00;\"Hỏi; chờ\";20/11/2026 08:00;20/11/2026 10:00\r\n"
        ";;;;;;;;;;;;;;;;;\r\n"
    )  # fmt: skip
    (row,) = read("cu.csv", text.encode())
    assert (row["row"], len(row["history"]), row["pauses"]) == (
        2,
        2,
        [{"from": "20/11/2026 08:00", "to": "20/11/2026 10:00"}],
    )
    outcome = take_all([row], by=BY, at=NOW)
    assert outcome == Outcome(taken=1)
    dossier = Dossier.objects.get()
    assert dossier.channel == Channel.COUNTER
    assert (dossier.answers["copies"], dossier.answers["status"]) == (2, "never")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[1]", b"{", b"[]", b'[{"nothing_we_know": 1}]', b'[{"history": 3}]'])
def test_a_file_that_is_something_else_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(Refused):
        read("cu.json", data)
    with pytest.raises(Refused):
        read("cu.csv", b"unknown;columns\n1;2\n")
