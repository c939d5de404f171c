"""Several at once: work forks, meets again, and nothing is lost or done twice on the way."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.process import actions, moves
from tinhso.core.process.models import Definition, Fork, Task
from tinhso.core.process.queries import done_by, open_tasks

from .builders import GRAPH, MONDAY, Office, changed

SYSTEM = Actor.system("tests")


def consultation(needed: int | str = "all", then: Any = "after") -> dict[str, Any]:
    """Three agencies are asked at once; then one step more."""
    work = {"kind": "tests.work", "role": "officer"}
    asked = {
        key: {**work, "agency": agency, "outcomes": {"done": "meet", "back": None}, "duration": limit}
        for key, agency, limit in (
            ("land", "competent", {"amount": 1, "unit": "working_days"}),
            ("law", "H15.9", {"amount": 3, "unit": "working_days"}),
            ("tax", "H15.9", {"amount": 5, "unit": "working_days"}),
        )
    }
    body = {
        "start": "ask",
        "steps": {
            "ask": {**work, "outcomes": {"done": ["land", "law", "tax"]}},
            **asked,
            "after": {**work, "outcomes": {"done": None, "back": "ask"}},
        },
        "joins": {"meet": {"waits_for": needed, "next": then}},
    }
    return deepcopy(body)


def complete(office: Office, task: Task, outcome: str = "done", **case: Any) -> list[Task]:
    return actions.complete(task, outcome, by=SYSTEM, at=MONDAY, case=office.case(**case))


def asked(office: Office, *args: Any) -> dict[str, Task]:
    return {task.step: task for task in complete(office, office.start(consultation(*args)))}


def steps(task: Task) -> list[str]:
    return sorted(t.step for t in open_tasks((task.subject_kind, task.subject_id)))


def test_each_agency_asked_has_its_own_due_time(office: Office) -> None:
    tasks = asked(office)
    assert len({task.due_at for task in tasks.values()}) == 3
    assert tasks["land"].agency_id == office.commune.pk
    assert tasks["law"].agency_id == tasks["tax"].agency_id == office.department.pk


def test_the_work_goes_on_when_all_branches_have_come(office: Office) -> None:
    tasks = asked(office)
    assert complete(office, tasks["tax"]) == []
    assert complete(office, tasks["land"]) == []
    (after,) = complete(office, tasks["law"])
    assert (after.step, after.fork_id) == ("after", None)
    again = complete(office, after, "back")
    assert {t.step for t in complete(office, again[0])} == {"land", "law", "tax"}, "a fork may be passed again"
    assert steps(after) == ["land", "law", "tax"]


def test_a_join_that_waits_for_two_of_three_closes_the_third(office: Office) -> None:
    tasks = asked(office, 2)
    complete(office, tasks["law"])
    (after,) = complete(office, tasks["land"])
    assert steps(after) == ["after"]
    left = Task.objects.get(pk=tasks["tax"].pk)
    assert (left.outcome, left.closed_at) == (moves.OVERTAKEN, MONDAY)
    with pytest.raises(Refused) as refused:
        complete(office, tasks["tax"])
    assert refused.value.code == "already_done"


def test_an_end_within_a_branch_ends_the_whole_work(office: Office) -> None:
    tasks = asked(office)
    assert complete(office, tasks["land"], "back") == []
    assert steps(tasks["law"]) == []
    assert not Fork.objects.filter(closed_at=None).exists()


def test_withdrawing_closes_all_branches(office: Office) -> None:
    tasks = asked(office)
    complete(office, tasks["law"])
    subject = (tasks["law"].subject_kind, tasks["law"].subject_id)
    assert actions.close_all(subject, "withdrawn", by=SYSTEM, at=MONDAY) == 2
    with pytest.raises(Refused):
        complete(office, tasks["land"])
    assert not Fork.objects.filter(closed_at=None).exists()


def test_a_fork_within_a_branch_meets_before_the_outer_one(office: Office) -> None:
    body = consultation()
    work = {"kind": "tests.work", "role": "officer", "outcomes": {"done": "inner"}}
    body["steps"] |= {"soil": work, "map": work}
    body["steps"]["land"]["outcomes"] = {"done": ["soil", "map"]}
    body["joins"]["inner"] = {"next": "meet"}
    tasks = {task.step: task for task in complete(office, office.start(body))}
    inner = {task.step: task for task in complete(office, tasks["land"])}
    complete(office, tasks["law"])
    complete(office, inner["soil"])
    complete(office, tasks["tax"])
    assert steps(tasks["law"]) == ["map"]
    (after,) = complete(office, inner["map"])
    assert after.step == "after"


@pytest.mark.parametrize("needed", ["all", 1])
def test_of_branches_that_end_at_the_same_moment_exactly_one_goes_on(office: Office, needed: Any) -> None:
    for _ in range(4):
        tasks = asked(office, needed)
        if needed == "all":
            complete(office, tasks.pop("tax"))
        together = Barrier(len(tasks))

        def end(task: Task, together: Barrier = together) -> int:
            together.wait(30)
            try:
                return len(complete(office, task))
            except Refused:
                return 0
            finally:
                connection.close()

        with ThreadPoolExecutor(3) as pool:
            assert sum(pool.map(end, tasks.values())) == 1
        assert steps(next(iter(tasks.values()))) == ["after"]


def test_withdrawn_while_the_last_branch_ends_nothing_stays_open(office: Office) -> None:
    for _ in range(4):
        tasks = asked(office, 1)
        subject = (tasks["law"].subject_kind, tasks["law"].subject_id)
        together = Barrier(2)

        def withdraw(subject: Any = subject, together: Barrier = together) -> None:
            together.wait(30)
            actions.close_all(subject, "withdrawn", by=SYSTEM, at=MONDAY)
            connection.close()

        def end(task: Task = tasks["law"], together: Barrier = together) -> None:
            together.wait(30)
            try:
                complete(office, task)
            except Refused as refused:
                assert refused.code == "already_done"  # noqa: PT017 either order is right
            connection.close()

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(end), pool.submit(withdraw)]:
                done.result()
        assert open_tasks(subject) == []


def test_a_process_killed_while_it_joins_leaves_the_branch_to_be_done_again(office: Office) -> None:
    tasks = asked(office, 2)
    complete(office, tasks["law"])
    child = os.fork()
    if child == 0:  # a process of its own, with a connection of its own, that dies before it commits
        inherited, connection.connection = connection.connection, None
        with transaction.atomic():
            opened = complete(office, tasks["land"])
            os.kill(os.getpid(), signal.SIGKILL if opened and inherited else signal.SIGTERM)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert steps(tasks["land"]) == ["land", "tax"]
    (after,) = complete(office, tasks["land"])
    assert steps(after) == ["after"]


def test_a_choice_goes_by_answers_and_by_how_earlier_steps_ended(office: Office) -> None:
    body = consultation(then="how")
    for key in ("land", "law"):
        body["steps"][key]["outcomes"] = {"done": "meet", "ask": "meet"}
    both = {"all": [{"field": f"outcome.{key}", "equals": "done"} for key in ("land", "law")]}
    small = {"field": "area", "atMost": 300}
    body["choices"] = {"how": {"ways": [{"when": {"all": [both, small]}, "next": None}], "otherwise": "after"}}

    def ends(law: str, area: int) -> list[str]:
        tasks = asked_by(body)
        for key, outcome in (("land", "done"), ("law", law), ("tax", "done")):
            opened = complete(office, tasks[key], outcome, answers={"area": area})
        return [task.step for task in opened]

    def asked_by(body: dict[str, Any]) -> dict[str, Task]:
        return {task.step: task for task in complete(office, office.start(body))}

    assert ends("done", 300) == []
    assert ends("done", 301) == ["after"]
    assert ends("ask", 300) == ["after"]


def test_what_an_older_definition_lets_run_apart_still_runs(office: Office) -> None:
    body = changed("steps.check.outcomes", {"done": None, "back": "check"})
    body["steps"]["consult"]["outcomes"] = {"done": None}
    del body["joins"]
    with pytest.raises(Refused):
        actions.define(body)
    stored = Definition.objects.create(digest="0" * 64, body=body)
    task = office.start(GRAPH)
    Task.objects.filter(pk=task.pk).update(definition=stored)
    task.refresh_from_db()
    check, consult = complete(office, task)
    assert complete(office, check) == []
    assert steps(consult) == ["consult"]
    assert complete(office, consult) == []
    assert [t.outcome for t in done_by((task.subject_kind, task.subject_id))] == ["done"] * 3
    assert not Fork.objects.exists()


def test_a_wait_that_is_over_ends_as_its_kind_says(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinhso.core.process import jobs
    from tinhso.core.process.graph import KINDS, step_kind

    def expire(task: Task, by: Actor, at: Any) -> None:
        actions.complete(task, "expired", by=by, at=at, case=office.case())

    monkeypatch.delitem(KINDS, "tests.reply", raising=False)
    step_kind("tests.reply", "Reply", "answered", "expired", expire=expire)
    body = changed("steps.wait.kind", "tests.reply")
    body["steps"]["wait"]["timeout"] = {"amount": 30, "unit": "calendar_days", "outcome": "expired"}
    body["steps"]["wait"]["outcomes"]["expired"] = None
    task = office.start(body)
    (wait,) = complete(office, task, "ask")
    assert wait.due_at is not None
    assert timedelta(days=30) <= wait.due_at - MONDAY < timedelta(days=33)
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY)
    jobs.expire(task=str(wait.pk))
    assert Task.objects.get(pk=wait.pk).closed_at is None, "not before its time"
    Task.objects.filter(pk=wait.pk).update(due_at=MONDAY - timedelta(days=10))
    jobs.expire(task=str(wait.pk))
    jobs.expire(task=str(wait.pk))
    assert Task.objects.get(pk=wait.pk).outcome == "expired"
