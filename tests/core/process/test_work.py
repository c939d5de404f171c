"""Work goes from step to step, and everyone knows whose it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, new_id
from tinhso.core.ledger.queries import timeline
from tinhso.core.process import actions
from tinhso.core.process.holdings import forget
from tinhso.core.process.models import Task
from tinhso.core.process.queries import done_by, inbox, late, open_tasks, pauses, task_for

from .builders import HANOI, MONDAY, Office, actor, changed

SYSTEM = Actor.system("tests")


def subject_of(task: Task) -> tuple[str, Any]:
    return task.subject_kind, task.subject_id


def complete(office: Office, task: Task, outcome: str, at: datetime = MONDAY, by: Actor = SYSTEM) -> list[Task]:
    return actions.complete(task, outcome, by=by, at=at, case=office.case())


def test_the_first_step_opens_where_and_when_the_definition_says(office: Office) -> None:
    task = office.start()
    assert (task.step, task.role, task.agency_id, task.code) == ("take", "receptionist", office.commune.pk, "H15.1-1")
    assert task.due_at == datetime(2026, 11, 25, 8, 0, tzinfo=HANOI), "8 working hours, Tuesday 24 being a holiday"
    assert open_tasks(subject_of(task)) == [task]


def test_no_step_is_due_after_what_was_promised_and_one_without_a_limit_is_due_at_once(office: Office) -> None:
    promised = MONDAY + timedelta(hours=2)
    assert office.start(due_at=promised).due_at == promised
    assert office.start(changed("steps.take.duration", None)).due_at == MONDAY


def test_a_step_may_open_several_each_at_its_own_agency(office: Office) -> None:
    opened = complete(office, office.start(), "done")
    assert {(t.step, t.agency_id) for t in opened} == {
        ("check", office.commune.pk),
        ("consult", office.department.pk),
    }
    first, second = opened
    assert complete(office, first, "done") == []
    assert open_tasks(subject_of(second)) == [second]


def test_a_step_can_be_done_again(office: Office) -> None:
    check = next(t for t in complete(office, office.start(), "done") if t.step == "check")
    (again,) = complete(office, check, "back")
    assert (again.step, again.pk != check.pk) == ("check", True)


def test_the_clock_stands_still_while_the_applicant_has_to_act(office: Office) -> None:
    task = office.start()
    (wait,) = complete(office, task, "ask", at=MONDAY + timedelta(hours=1))
    assert wait.waits_for_applicant
    assert wait.due_at is None
    assert pauses(subject_of(task)) == [(MONDAY + timedelta(hours=1), None)]
    with pytest.raises(Refused) as refused:
        actions.claim(wait, account=office.an, by=actor(office.an), at=MONDAY)
    assert refused.value.code == "waits_for_applicant"
    complete(office, wait, "answered", at=MONDAY + timedelta(hours=3))
    assert pauses(subject_of(task)) == [(MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=3))]
    assert [t.step for t in done_by(subject_of(task))] == ["take", "wait", "take"]


def test_what_is_started_twice_is_refused_and_opens_once(office: Office) -> None:
    task = office.start()
    with pytest.raises(Refused) as refused:
        actions.start(subject_of(task), task.definition_id, case=office.case(), at=MONDAY)
    assert refused.value.code == "already_open"
    assert open_tasks(subject_of(task)) == [task]


def test_a_step_is_completed_once_and_who_comes_second_is_told_who_was_first(office: Office) -> None:
    task = office.start()
    complete(office, task, "done", by=actor(office.an))
    with pytest.raises(Refused) as refused:
        complete(office, task, "done", by=actor(office.binh))
    assert refused.value.code == "already_done"
    assert "Nguyễn Văn An already completed this step at 08:00" in str(refused.value)
    assert len(open_tasks(subject_of(task))) == 2


def test_a_step_cannot_end_as_its_definition_does_not_say(office: Office) -> None:
    task = office.start()
    with pytest.raises(Refused) as refused:
        complete(office, task, "back")
    assert refused.value.code == "no_such_outcome"
    assert open_tasks(subject_of(task)) == [task]


def test_an_unknown_named_agency_is_refused_and_nothing_moves(office: Office) -> None:
    task = office.start(changed("steps.consult.agency", "H15.404"))
    with pytest.raises(Refused) as refused:
        complete(office, task, "done")
    assert refused.value.code == "unknown_agency"
    assert open_tasks(subject_of(task)) == [task]


def test_all_open_tasks_are_closed_together(office: Office) -> None:
    opened = complete(office, office.start(), "done")
    assert actions.close_all(subject_of(opened[0]), "withdrawn", by=SYSTEM, at=MONDAY) == 2
    assert open_tasks(subject_of(opened[0])) == []


def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_who(office: Office) -> None:
    for _ in range(5):
        task, together = office.start(), Barrier(2)

        def claim(account: Any, task: Task = task, together: Barrier = together) -> Task | str:
            together.wait(30)
            try:
                return actions.claim(task, account=account, by=actor(account), at=MONDAY)
            except Refused as refused:
                return str(refused)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(claim, [office.an, office.binh]))
        (winner,) = [r for r in results if isinstance(r, Task)]
        (told,) = [r for r in results if isinstance(r, str)]
        assert winner.assignee is not None
        assert winner.assignee.display_name in told
        assert [h.event for h in timeline(subject_of(task))] == ["process.assigned"]


def test_claiming_again_what_one_has_changes_nothing(office: Office) -> None:
    task = office.start()
    for _ in range(2):
        assert actions.claim(task, account=office.an, by=actor(office.an), at=MONDAY).assignee == office.an
    (assigned,) = timeline(subject_of(task))
    assert assigned.data == {"task": str(task.pk), "step": "take", "assignee": str(office.an.pk), "claimed": True}


def test_only_who_holds_the_role_at_the_agency_can_be_given_a_task(office: Office) -> None:
    task = office.start()
    with pytest.raises(NotAllowed) as refused:
        actions.claim(task, account=office.officer, by=actor(office.officer), at=MONDAY)
    assert "Y Thương Niê does not hold the role “Receptionist”" in str(refused.value)
    with pytest.raises(NotAllowed):
        actions.assign(task, to=office.officer, by=SYSTEM, at=MONDAY)


def test_a_task_is_handed_over_by_who_has_it_or_by_their_unit_head_and_by_nobody_else(office: Office) -> None:
    task = office.start()
    actions.assign(task, to=office.an, by=actor(office.head), at=MONDAY)
    for stranger in (actor(office.binh), actor(office.officer), SYSTEM):
        with pytest.raises(NotAllowed):
            actions.hand_over(task, to=office.binh, by=stranger, at=MONDAY)
    assert actions.hand_over(task, to=office.binh, by=actor(office.an), at=MONDAY).assignee == office.binh
    assert actions.hand_over(task, to=office.an, by=actor(office.head), at=MONDAY).assignee == office.an
    assert [h.event for h in timeline(subject_of(task))] == [
        "process.assigned",
        "process.handed_over",
        "process.handed_over",
    ]
    complete(office, task, "done", by=actor(office.an))
    with pytest.raises(Refused) as refused:
        actions.hand_over(task, to=office.binh, by=actor(office.an), at=MONDAY)
    assert "Nguyễn Văn An already completed" in str(refused.value)


def test_an_inbox_shows_what_its_owner_may_do_soonest_due_first_in_one_query(
    office: Office, django_assert_num_queries: Any
) -> None:
    tasks = [office.start(code=f"D{n}", due_at=MONDAY + timedelta(minutes=60 - n // 2)) for n in range(6)]
    actions.assign(tasks[5], to=office.binh, by=SYSTEM, at=MONDAY)
    done = complete(office, tasks[4], "done")
    staff = office.staff(office.an)
    with django_assert_num_queries(1):
        rows = [(t.code, t.name, t.assignee) for t in inbox(staff)]
    assert rows == [("D2", "Take", None), ("D3", "Take", None), ("D0", "Take", None), ("D1", "Take", None)]
    assert inbox(office.staff(office.officer)) == [t for t in done if t.step == "check"]
    assert [t.code for t in inbox(staff, query="D3")] == ["D3"]
    assert inbox(office.staff(office.head)) == []


def test_turning_the_pages_of_an_inbox_shows_every_task_once(office: Office) -> None:
    tasks = {office.start(due_at=MONDAY + timedelta(minutes=n // 3)).pk for n in range(10)}
    staff, seen, after = office.staff(office.an), [], None
    while page := inbox(staff, after=after, limit=3):
        seen += [t.pk for t in page]
        assert page[-1].due_at is not None
        after = page[-1].due_at, page[-1].pk
    assert len(seen) == 10
    assert set(seen) == tasks


def test_an_inbox_of_a_province_with_many_open_tasks_reads_an_index(db: Any, office: Office) -> None:
    task = office.start()
    with db.connect() as superuser:
        superuser.execute(
            "INSERT INTO process_task (id, subject_kind, subject_id, definition_id, step, kind, back, code, who, what,"
            " role, agency_id, opened_at, due_at, closed_by, outcome) SELECT gen_random_uuid(), subject_kind,"
            " gen_random_uuid(), definition_id, step, kind, back, code, who, what, role,"
            " CASE n %% 50 WHEN 0 THEN %s ELSE %s END::uuid, opened_at, due_at + n * interval '1 second', '', ''"
            " FROM process_task, generate_series(1, 20000) n",
            [office.commune.pk, office.department.pk],
        )
    staff = office.staff(office.an)
    rows = Task.objects.filter(closed_at=None, agency=staff.agency_id, role__in=staff.roles).order_by("due_at", "id")
    assert "task_inbox" in rows[:50].explain()
    assert len(inbox(staff)) == 50
    assert inbox(staff)[0] == task


def test_a_task_is_found_for_who_may_do_it(office: Office) -> None:
    task = office.start()
    subject = subject_of(task)
    assert task_for(subject, office.staff(office.an)) == task
    assert task_for(subject, office.staff(office.an), "tests.wait") is None
    assert task_for(subject, office.staff(office.officer)) is None
    actions.claim(task, account=office.binh, by=actor(office.binh), at=MONDAY)
    assert task_for(subject, office.staff(office.an)) is None
    assert task_for(("tests.thing", new_id()), office.staff(office.an)) is None


def test_late_work_is_seen_in_ones_reach_only(office: Office) -> None:
    task = office.start()
    assert task.due_at is not None
    after = task.due_at + timedelta(minutes=1)
    assert list(late(office.staff(office.head), after)) == [task]
    assert list(late(office.staff(office.head), task.due_at)) == []


def test_a_name_in_an_inbox_is_erased_with_its_subject(office: Office) -> None:
    task, other = office.start(), office.start()
    assert forget([task.subject_id]) == 1
    assert [Task.objects.get(pk=t.pk).who for t in (task, other)] == ["", "Trần Thị Bưởi"]
