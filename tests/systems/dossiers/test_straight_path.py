"""The straight path: each step, what it leaves, and what it refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests.systems.dossiers.builders import MONDAY, a_dossier, by, citizen, staff
from tinhso.core.agencies.models import Role
from tinhso.core.ledger import loop
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused
from tinhso.core.ledger.queries import timeline
from tinhso.core.numbering.models import Number
from tinhso.core.process import actions as process
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks
from tinhso.systems.dossiers import actions, jobs, verification
from tinhso.systems.dossiers.models import Dossier, FeeReceipt, Letter, Result, State

pytestmark = pytest.mark.usefixtures("province")


def events(dossier: a_dossier) -> list[str]:
    return [h.event.removeprefix("dossiers.") for h in timeline(dossier.row)]


def test_a_dossier_goes_all_the_way_and_every_step_is_in_the_ledger() -> None:
    done = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned()

    assert done.row.state == State.RETURNED
    assert [e for e in events(done) if not e.startswith("process")] == [
        "submitted",
        "accepted",
        "letter_made",
        "assigned",
        "result_proposed",
        "result_signed",
        "result_numbered",
        "result_issued",
        "fee_taken",
        "returned",
    ]
    assert open_tasks(done.row) == []


def test_accepting_promises_three_working_days_and_numbers_the_slip() -> None:
    dossier = a_dossier().submitted().accepted().row

    # Monday; 24 November is a holiday; the days after receipt are counted: 25, 26, 27 at close.
    assert dossier.due_at is not None
    assert dossier.due_at.isoformat() == "2026-11-27T10:00:00+00:00"
    slip = Letter.objects.get(dossier=dossier)
    assert slip.number.value == 1
    assert slip.form == Letter.Form.SLIP


def test_the_promise_reaches_the_tasks_that_follow() -> None:
    dossier = a_dossier().submitted().accepted().row

    (task,) = open_tasks(dossier)
    assert task.kind == "assign"
    assert task.subject_due_at == dossier.due_at
    assert task.due_at is not None
    assert dossier.due_at is not None
    assert task.due_at <= dossier.due_at


def test_the_result_is_signed_by_the_leader_then_numbered_then_sealed_and_verifies() -> None:
    done = a_dossier().submitted().accepted().assigned().proposed().signed().issued()
    loop.seal_now()

    verdict = verification.of_pdf(done.result_pdf, at=MONDAY + timedelta(days=1))

    assert verdict.genuine
    assert verdict.sealed
    assert verdict.report.number == "1/UBND-XNTTHN"
    leader, seal = verdict.report.signatures
    assert set(leader.changed_fields) == {"number", "date", "seal"}
    assert seal.changed_fields == ()


def test_bytes_changed_by_one_are_not_genuine() -> None:
    pdf = bytearray(a_dossier().submitted().accepted().assigned().proposed().signed().issued().result_pdf)
    pdf[len(pdf) // 3] ^= 1

    verdict = verification.of_pdf(bytes(pdf), at=MONDAY + timedelta(days=1))

    assert not verdict.genuine
    assert verdict.entry is None


def test_a_refusal_needs_a_reason_which_the_ledger_does_not_hold() -> None:
    with pytest.raises(Refused, match="lý do"):
        a_dossier().submitted().refused("không")

    refused = a_dossier().submitted().refused("Thiếu giấy tờ chứng minh nơi cư trú.").with_letters()

    assert refused.row.state == State.REFUSED
    said = timeline(refused.row)[-2]
    assert said.event == "dossiers.refused"
    assert said.words == "Thiếu giấy tờ chứng minh nơi cư trú."
    assert Letter.objects.get(dossier=refused.pk).file is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry WHERE payload LIKE %s", ["%cư trú%"])
        assert cursor.fetchone()[0] == 0


def test_what_ended_is_not_withdrawn_again() -> None:
    dossier = a_dossier().submitted()
    account = citizen()
    by_applicant = Actor("account", str(account.pk))

    actions.withdraw(dossier.row, reason="", by=by_applicant, at=dossier.later())

    assert dossier.row.state == State.WITHDRAWN
    assert open_tasks(dossier.row) == []
    processed = a_dossier().submitted().accepted().assigned().proposed().signed().issued()
    for ended in (dossier, processed):
        with pytest.raises(Refused) as refusal:
            actions.withdraw(ended.row, reason="", by=by_applicant, at=ended.later())
        assert refusal.value.code == "wrong_state"
    assert len(open_tasks(processed.row)) == 1  # the refused withdrawal closed nothing


def test_no_step_can_be_done_out_of_turn() -> None:
    dossier = a_dossier().submitted()

    for early in (dossier.assigned, dossier.proposed, dossier.issued):
        with pytest.raises(Refused) as refusal:
            early()
        assert refusal.value.code == "not_at_this_step"
    with pytest.raises(Refused):
        actions.return_result(dossier.row, by=by(Role.RECEPTIONIST), at=dossier.later())


def test_a_draft_sent_back_is_proposed_again_by_the_same_officer_and_the_old_draft_cannot_be_signed() -> None:
    dossier = a_dossier().submitted().accepted().assigned().proposed()
    old = Result.objects.get(dossier=dossier.pk).draft
    actions.send_back(dossier.row, reason="Ghi rõ mục đích sử dụng.", by=by(Role.LEADER), at=dossier.later())

    (task,) = open_tasks(dossier.row)
    assert (task.kind, task.assignee_id) == ("appraise", staff(Role.OFFICER).account_id)

    dossier.proposed()
    assert old is not None
    with pytest.raises(Refused) as refusal:
        actions.sign(
            dossier.row, signer=staff(Role.LEADER), drafted=old, file=old, certificate="1", digest="0",
            by=by(Role.LEADER), at=dossier.later(),
        )  # fmt: skip
    assert refusal.value.code == "draft_changed"
    assert open_tasks(dossier.row)[0].kind == "sign"


def test_the_result_waits_for_the_fee_which_is_taken_once() -> None:
    dossier = a_dossier().submitted().accepted().assigned().proposed().signed().issued()

    with pytest.raises(Refused) as refusal:
        actions.return_result(dossier.row, by=by(Role.RECEPTIONIST), at=dossier.later())
    assert refusal.value.code == "fee_owed"
    actions.take_fee(dossier.row, by=by(Role.RECEPTIONIST), at=dossier.later())
    with pytest.raises(Refused) as refusal:
        actions.take_fee(dossier.row, by=by(Role.RECEPTIONIST), at=dossier.later())
    assert refusal.value.code == "fee_already_taken"
    assert FeeReceipt.objects.get(dossier=dossier.pk).amount == 15_000


def test_making_a_letter_twice_makes_one() -> None:
    dossier = a_dossier().submitted().accepted().with_letters()
    letter = Letter.objects.get(dossier=dossier.pk)
    first = letter.file_id

    jobs.make_letter(letter=str(letter.pk))

    letter.refresh_from_db()
    assert letter.file_id == first
    assert events(dossier).count("letter_made") == 1


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment in threads of their own; what each returned or raised."""
    barrier, outcomes = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(index: int) -> None:
        try:
            barrier.wait()
            outcomes[index] = tasks[index]()
        except Exception as error:
            outcomes[index] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_sixteen_submissions_at_once_get_codes_of_their_own() -> None:
    outcomes = at_once([lambda: a_dossier().submitted().row.code] * 16)

    assert sorted(outcomes) == [f"H15.24133-261123-{n:04}" for n in range(1, 17)]


def test_sixteen_clerks_in_one_book_leave_no_gap() -> None:
    waiting = [a_dossier().submitted() for _ in range(16)]

    outcomes = at_once([d.accepted for d in waiting])

    assert [o for o in outcomes if isinstance(o, Exception)] == []
    values = Number.objects.filter(book__kind="form-01").values_list("value", flat=True)
    assert sorted(values) == list(range(1, 17))


def test_of_two_officials_who_accept_at_once_one_does_and_the_other_is_told() -> None:
    dossier = a_dossier().submitted()
    outcomes = at_once([dossier.accepted, dossier.accepted])

    refusals = [o for o in outcomes if isinstance(o, Refused)]
    assert [r.code for r in refusals] in (["already_done"], ["not_at_this_step"])
    assert Letter.objects.filter(dossier=dossier.pk).count() == 1


def test_of_two_who_claim_a_task_one_wins_and_the_other_is_told_who() -> None:
    dossier = a_dossier().submitted()
    (task,) = open_tasks(dossier.row)
    first, second = staff(Role.RECEPTIONIST).account, staff(Role.OFFICER).account
    post = staff(Role.OFFICER)
    post.roles = [Role.OFFICER, Role.RECEPTIONIST]
    post.save(update_fields=["roles"])

    outcomes = at_once(
        [
            lambda: process.claim(task, account=first, by=by(Role.RECEPTIONIST), at=dossier.at),
            lambda: process.claim(task, account=second, by=by(Role.OFFICER), at=dossier.at),
        ]
    )

    (won,) = [o for o in outcomes if isinstance(o, Task)]
    (told,) = [o for o in outcomes if isinstance(o, Refused)]
    assert won.assignee is not None
    assert str(told) == f"{won.assignee.display_name} đã nhận việc này."


def test_nobody_is_given_work_without_the_role_for_it() -> None:
    dossier = a_dossier().submitted().accepted()

    with pytest.raises(NotAllowed):
        actions.assign(dossier.row, to=staff(Role.CLERK).account, by=by(Role.UNIT_HEAD), at=dossier.later())
    assert Dossier.objects.get(pk=dossier.pk).state == State.ACCEPTED
