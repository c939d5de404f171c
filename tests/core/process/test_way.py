"""Whoever waits sees where the work is: what has been done, what is done now, what is to come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tinhso.core.ledger.actions import Actor
from tinhso.core.process import actions
from tinhso.core.process.graph import read
from tinhso.core.process.models import Task
from tinhso.core.process.queries import done_by, open_tasks
from tinhso.core.process.way import way

from .builders import MONDAY, Office

BY = Actor.system("tests")


def body() -> dict[str, Any]:
    """Check, perhaps ask two at once and check again, sign (or give back), return; checking may end it all."""
    work = {"kind": "tests.work", "role": "officer"}
    return {
        "start": "check",
        "steps": {
            "check": {**work, "outcomes": {"done": "sign", "back": None, "ask": ["law", "land"]}},
            "law": {**work, "agency": "H15.9", "outcomes": {"done": "meet"}},
            "land": {**work, "outcomes": {"done": "meet"}},
            "sign": {**work, "outcomes": {"done": "return", "back": "check"}},
            "return": {**work, "outcomes": {"done": None}},
        },
        "joins": {"meet": {"next": "check"}},
    }


class Walk:
    """One subject on that way, an hour a step."""

    def __init__(self, office: Office) -> None:
        self.office, self.at = office, MONDAY
        task = office.start(body())
        self.subject = (task.subject_kind, task.subject_id)

    def __call__(self, step: str, outcome: str = "done") -> Walk:
        self.at += timedelta(hours=1)
        task = Task.objects.get(subject_id=self.subject[1], step=step, closed_at=None)
        actions.complete(task, outcome, by=BY, at=self.at, case=self.office.case())
        return self

    @property
    def shown(self) -> list[str]:
        return [f"{stage.state}: {'+'.join(stage.names)}" for stage in way(read(body()), done_by(self.subject))]


def test_the_usual_way_is_to_come_and_not_the_ways_that_end_it_or_turn_back(office: Office) -> None:
    assert Walk(office).shown == ["now: check", "ahead: sign", "ahead: return"]


def test_those_who_are_asked_at_once_stand_together_and_what_follows_stays_to_come(office: Office) -> None:
    asked = Walk(office)("check", "ask")
    assert asked.shown == ["done: check", "now: land+law", "ahead: sign", "ahead: return"]
    assert asked("law").shown == ["done: check", "done: law", "now: land", "ahead: sign", "ahead: return"]
    assert asked("land").shown == ["done: land+law", "now: check", "ahead: sign", "ahead: return"]


def test_what_was_given_back_is_to_come_again(office: Office) -> None:
    assert Walk(office)("check")("sign", "back").shown == ["now: check", "ahead: sign", "ahead: return"]


def test_work_that_ended_shows_what_was_done_and_nothing_to_come(office: Office) -> None:
    ended = Walk(office)("check", "back")
    assert ended.shown == ["done: check"]
    assert open_tasks(ended.subject) == []


def test_it_says_which_agencies_have_it_now(office: Office) -> None:
    stages = way(read(body()), done_by(Walk(office)("check", "ask").subject))
    assert sorted(stages[1].where) == ["Sở Tư pháp", "Xã Ea Kao"]
