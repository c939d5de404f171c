"""No sequence of actions leaves a dossier that differs from the independent model, or from its ledger entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.journeys.people import a_scan
from tests.systems.dossiers import model
from tests.systems.dossiers.builders import MONDAY, a_dossier, by, citizen, staff
from tests.systems.dossiers.model import Model, No
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.queries import Happening, timeline
from tinhso.core.numbering.models import Number
from tinhso.core.process import actions as process
from tinhso.core.process.models import Task
from tinhso.core.worktime.calendar import ZONE
from tinhso.core.worktime.queries import calendar_for
from tinhso.systems.dossiers import actions
from tinhso.systems.dossiers.actions.common import task_of
from tinhso.systems.dossiers.models import Dossier, Letter, Result

WHY = "Lý do đủ dài để người dân hiểu."
FOLDED = {
    "submitted": 1, "accepted": 2, "assigned": 4, "result_proposed": 4, "result_sent_back": 4, "withdrawn": 7,
    "supplement_requested": 5, "stopped": 8, "result_issued": 9, "returned": 10,
}  # fmt: skip
NAMES = (
    "accept", "refuse", "assign", "propose", "send_back", "sign", "issue", "pay", "give", "ask", "allow", "complete",
    "stop", "more", "grant", "decline", "transfer", "withdraw", "take_back", "wrong", "mistake", "agree", "stand",
    "cancel", "claim", "hand_over",
)  # fmt: skip
ENDS = ("refuse", "stop", "withdraw", "cancel")
ROLES = {name: getattr(Role, name.upper()) for name in model.HOUSE}
PEOPLE = {
    "receptionist0": "motcua", "officer0": "tuphap", "unit_head0": "truongphong", "leader0": "chutich",
    "deputy0": "phochutich", "clerk0": "vanthu", "officer1": "tuphap2",
}  # fmt: skip


@dataclass
class House:
    """Where a dossier is, when it ended, since when it waits, and who has which step, from the record alone."""

    agency: UUID | None = None
    finished: datetime | None = None
    paused: datetime | None = None
    holders: dict[UUID, UUID] = field(default_factory=dict)  # step, once given to somebody → whom

    def read(self, name: str, one: Happening) -> None:
        if name == "submitted":
            self.agency = one.agency_id
        elif name == "left_agency":
            assert self.agency == one.agency_id, "it left where it was"
        elif name == "transferred":
            self.agency = UUID(one.data["to"])
        elif name in ("process.assigned", "process.handed_over"):
            task = UUID(one.data["task"])
            assert str(self.holders.get(task)) == one.data.get("before", "None")
            self.holders[task] = UUID(one.data["assignee"])
        elif name == "supplement_requested":
            self.paused = one.at
        elif name == "supplement_received":
            self.paused = None
        elif name in ("refused", "withdrawn", "stopped", "result_issued"):
            self.finished, self.paused = one.at, None


def folded(dossier: Dossier) -> tuple[int, datetime | None, House]:
    """State, promise and the rest, from the record alone."""
    state, due, house = 0, None, House()
    for entry in timeline(dossier):
        name = entry.event.removeprefix("dossiers.")
        house.read(name, entry)
        if state == model.RETURNED:
            continue  # for good, whatever is corrected
        if "due_at" in entry.data:
            due = datetime.fromisoformat(entry.data["due_at"]) if entry.data["due_at"] else None
        if name == "refused":
            state = 8 if due else 3
        elif name == "supplement_received":
            state = 4 if due else 1
        elif name == "transferred":
            state = 2 if due else 1
        elif name == "step_taken_back":
            state = 2 if entry.data["step"] == "assign" else 4
        state = FOLDED.get(name, state)
    return state, due, house


class AnySequence(RuleBasedStateMachine):
    """One dossier, some minutes later, something is tried."""

    @initialize()
    def begin(self) -> None:
        one = a_dossier().submitted()
        self.pk, self.now = one.pk, MONDAY
        _province, *self.agencies = agencies.home()
        self.calendar = calendar_for(self.agencies[0].pk)
        self.model = Model(works=self.works)
        self.people = {name: Account.objects.get(username=username) for name, username in PEOPLE.items()}
        Staff.objects.filter(account=self.people["clerk0"]).update(roles=[Role.CLERK, Role.OFFICER])
        self.me = Actor("account", str(citizen().pk))
        self.file = files.store_bytes(a_scan(), name="a.pdf", by=self.me, at=self.now)

    def works(self, at: datetime) -> bool:
        """Of the house it takes the office hours as values; the counting is its own."""
        moment = (at.hour * 60 + at.minute) * 60_000_000
        return any(span.opens <= moment < span.closes for span in self.calendar.hours(at.date()))

    @property
    def row(self) -> Dossier:
        return Dossier.objects.select_related("agency").get(pk=self.pk)

    def law(self, name: str, at: datetime, day: date, role: str, words: str, who: str, step: str) -> str:
        """Live by the model; the code of its refusal."""
        more: dict[str, tuple[Any, ...]] = {"more": (day,), "give": (words,), "take_back": (role,)}
        more |= {"claim": (step, who), "hand_over": (step, who)}
        try:
            getattr(self.model, name)(at, *more.get(name, ()))
        except No as no:
            return str(no)
        return ""

    def act(self, name: str, at: datetime, day: date, role: str, words: str, who: str, step: str) -> str:
        """The same by the product."""
        d, leader, officer, counter = self.row, by(Role.LEADER), by(Role.OFFICER), by(Role.RECEPTIONIST)
        somebody = self.people[who + "0"]
        acts: dict[str, Callable[[], Any]] = {
            "accept": lambda: actions.accept(d, by=counter, at=at),
            "refuse": lambda: actions.refuse(d, reason=WHY, by=officer, at=at),
            "assign": lambda: actions.assign(d, to=self.officer, by=by(Role.UNIT_HEAD), at=at),
            "propose": lambda: actions.propose(d, content={}, signer=staff(Role.LEADER), opinion="", by=officer, at=at),
            "send_back": lambda: actions.send_back(d, reason=WHY, by=leader, at=at),
            "sign": lambda: self.sign(d, at),
            "issue": lambda: actions.issue(
                actions.number_result(d, by=by(Role.CLERK), at=at), file=self.file, digest="0" * 64, by=leader, at=at
            ),
            "pay": lambda: actions.take_fee(d, by=counter, at=at),
            "give": lambda: actions.return_result(d, reason=words, by=counter, at=at),
            "ask": lambda: actions.ask_supplement(
                d, reason=WHY, until=(at + timedelta(days=20)).date(), by=officer, at=at
            ),
            "allow": lambda: actions.allow_supplement(d, reason=WHY, by=leader, at=at),
            "complete": lambda: actions.supplement(d, papers=[], note=WHY, by=self.me, at=at),
            "stop": lambda: actions.stop(d, reason=WHY, by=officer, at=at),
            "more": lambda: actions.ask_extension(d, until=day, reason=WHY, by=officer, at=at),
            "grant": lambda: actions.extend(d, by=leader, at=at),
            "decline": lambda: actions.decline_extension(d, reason=WHY, by=leader, at=at),
            "transfer": lambda: actions.transfer(
                d, to=self.agencies[1 - self.model.agency], reason=WHY, by=officer, at=at
            ),
            "withdraw": lambda: actions.withdraw(d, reason="", by=self.me, at=at),
            "wrong": lambda: actions.ask_correction(d, reason=WHY, by_applicant=True, by=self.me, at=at),
            "mistake": lambda: actions.ask_correction(d, reason=WHY, by_applicant=False, by=officer, at=at),
            "agree": lambda: actions.grant_correction(d, by=by(Role.UNIT_HEAD), at=at),
            "stand": lambda: actions.decline_correction(d, reason=WHY, by=by(Role.UNIT_HEAD), at=at),
            "cancel": lambda: actions.cancel_result(d, reason=WHY, by=leader, at=at),
            "take_back": lambda: actions.take_back(d, by=by(ROLES[role]), at=at),
            "claim": lambda: process.claim(task_of(d, step), account=somebody, by=by(Role.OFFICER), at=at),
            "hand_over": lambda: process.hand_over(task_of(d, step), to=somebody, by=by(Role.UNIT_HEAD), at=at),
        }
        try:
            acts[name]()
        except Refused as refused:
            return refused.code
        return ""

    def sign(self, dossier: Dossier, at: datetime) -> None:
        drafted: Any = SimpleNamespace(pk=None)  # no draft is made here
        signer, signed = staff(Role.LEADER), {"certificate": "1", "digest": "0" * 64}
        actions.sign(dossier, signer=signer, drafted=drafted, file=self.file, by=by(Role.LEADER), at=at, **signed)

    @property
    def officer(self) -> Account:
        return self.people[f"officer{self.model.agency}"]

    @rule(
        minutes=st.one_of(st.integers(1, 4), st.integers(1, 300), st.integers(1, 60 * 24 * 7)),
        days=st.integers(1, 20),
        role=st.sampled_from(["unit_head", "officer", "leader"]),
        words=st.sampled_from(["", WHY]),
        lawful=st.integers(0, 5),
        pick=st.integers(0, 10_000),
        who=st.sampled_from(["receptionist", "unit_head", "officer", "leader", "deputy", "clerk"]),
    )
    def something(self, minutes: int, days: int, role: str, words: str, lawful: int, pick: int, who: str) -> None:
        """Mostly something that the law allows now, so that a life gets anywhere; else anything."""
        if not self.model.steps and lawful > (3 if self.model.state == model.RETURNED else 1):
            self.begin()
        at = self.now = self.now + timedelta(minutes=minutes)
        day = (at + timedelta(days=days)).date()
        open_now = sorted(self.model.steps) or ["appraise"]
        step = open_now[days % len(open_now)]  # what somebody claims or gives away
        names = [name for name in NAMES if name != "propose" or not self.model.agency]  # the other has no signer
        if lawful:
            before = self.model
            allowed = []
            for name in names:
                self.model = replace(before, steps=set(before.steps), forms=list(before.forms), held=dict(before.held))
                if not self.law(name, at, day, role, words, who, step):
                    allowed.append(name)
            self.model, names = before, [n for n in allowed if n not in ENDS or lawful > 4] or allowed or names
        name = names[pick % len(names)]
        act = self.act(name, at, day, role, words, who, step)
        law = self.law(name, at, day, role, words, who, step)
        event(name if not law else f"{name}: {law}")
        assert act == law, (name, act, law)

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "model"):
            return
        row, law = self.row, self.model
        tasks = list(Task.objects.filter(subject_id=row.pk, closed_at=None))
        assert row.state == law.state
        assert Counter(task.kind for task in tasks) == Counter(law.steps)
        assert row.due_at == law.due, (row.due_at, law.due)
        assert row.agency_id == self.agencies[law.agency].pk
        assert {task.subject_due_at for task in tasks if task.kind != "receive"} <= {row.correct_by or row.due_at}
        assert row.correct_by == law.correct_by
        assert self.holders(tasks) == {
            step: (
                self.agencies[law.where(step)].pk,
                "" if step == "supplement" else ROLES[model.HOUSE[model.WHO[step]]],
                self.people[law.held[step]].pk if step in law.held else None,
            )
            for step in law.steps
        }
        assert (row.finished_at is None) == (row.state in (1, 2, 4, 5))
        assert sorted(Letter.objects.filter(dossier=row).values_list("form", flat=True)) == sorted(law.forms)
        assert Result.objects.filter(dossier=row, signed_at__isnull=False).exists() == law.signed
        results = Result.objects.filter(dossier=row)
        assert (results.count(), results.filter(issued_at__isnull=False).count()) == (law.results, law.issued)
        assert results.filter(replaced_at__isnull=False).count() == max(0, law.issued - 1)
        assert results.filter(cancelled_at__isnull=False).count() == law.cancelled
        paused = next((task.opened_at for task in tasks if task.kind == "supplement"), None)
        state, due, house = folded(row)
        house.holders = {task.pk: house.holders[task.pk] for task in tasks if task.pk in house.holders}
        holders = {task.pk: task.assignee_id for task in tasks if task.assignee_id}
        assert (state, due) == (row.state, row.due_at)
        assert house == House(row.agency_id, row.finished_at, paused, holders)

    def holders(self, tasks: list[Task]) -> dict[str, tuple[Any, ...]]:
        """Agency, role and official of each open step."""
        return {task.kind: (task.agency_id, task.role, task.assignee_id) for task in tasks}

    def teardown(self) -> None:
        if hasattr(self, "pk"):
            kinds = Number.objects.filter(book__kind__startswith="form-").values_list("book", "value")
            assert len(set(kinds)) == len(kinds), "a number given twice"


@pytest.mark.usefixtures("province")
@pytest.mark.parametrize("lives", [6, pytest.param(60, marks=pytest.mark.soak)])
def test_no_sequence_of_actions_leaves_the_law(lives: int) -> None:
    assert MONDAY.tzinfo == ZONE
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=lives, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
