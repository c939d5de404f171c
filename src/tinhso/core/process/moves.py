"""How work moves over the graph: through choices, into parallel branches and out of them again."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency, Kind
from tinhso.core.agencies.queries import above, find_agency
from tinhso.core.forms.conditions import holds
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.rows import insert
from tinhso.core.worktime.queries import calendar_for

from .graph import ABOVE, ANSWER, COMPETENT, KINDS, OUTCOME, RECEIVING, Choice, Join, Step, Targets, graph_of
from .jobs import expire
from .models import Fork, Task

OVERTAKEN = "overtaken"  # outcome of tasks that closed because the work went on, or ended, without them


@dataclass(frozen=True)
class Case:
    """What a subject tells its tasks: how an inbox shows it, and which agencies take part."""

    code: str
    who: str
    what: str
    receiving: UUID
    competent: UUID
    due_at: datetime | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)  # by path, for conditions of the process

    def agency(self, rule: str, at: datetime) -> UUID:
        """The agency a step's rule means: receiving, competent, one above it, that of a place answered, or one named
        by its code."""
        if rule == RECEIVING:
            return self.receiving
        if rule == ABOVE or rule.startswith(f"{ABOVE}."):
            return _above(self.competent, rule.removeprefix(ABOVE).removeprefix("."))
        if rule.startswith(ANSWER):
            return _of_place(str(self.answers.get(f"{rule.removeprefix(ANSWER)}.commune", "")), self.competent, at)
        return self.competent if rule == COMPETENT else _named(rule, at)


def _above(competent: UUID, kind: str) -> UUID:
    found = above(competent, kind)
    if found is None:
        raise Refused("no_agency_above", _("No such agency stands above the one that decides."), status=422)
    return found


def _of_place(unit: str, competent: UUID, at: datetime) -> UUID:
    found = Agency.objects.open_at(at).filter(kind=Kind.COMMUNE, unit_code=unit).first() if unit else None
    if found is None:
        message = _("The application names no place that an agency of this province answers for; ask there by letter.")
        raise Refused("no_agency_of_place", message, status=422)
    if found.pk == competent:
        raise Refused("asks_itself", _("That place is your own: look it up in your own register."), status=422)
    return found.pk


def _named(code: str, at: datetime) -> UUID:
    try:
        return find_agency(code, at).pk
    except Agency.DoesNotExist:
        raise Refused(
            "unknown_agency", _("There is no agency with the code %(code)s.") % {"code": code}, status=422
        ) from None


def lock_forks(subject_id: UUID) -> list[Fork]:
    """Lock the open forks of a subject, in one order: who works in its branches waits here."""
    return list(Fork.objects.select_for_update().filter(subject_id=subject_id, closed_at=None).order_by("id"))


def close_open(subject_id: UUID, outcome: str, *, by: Actor, at: datetime, forks: list[UUID] | None = None) -> int:
    """Close the open tasks and forks of a subject, or those of some forks only; the forks are locked."""
    tasks = Task.objects.filter(subject_id=subject_id, closed_at=None)
    open_forks = Fork.objects.filter(subject_id=subject_id, closed_at=None)
    if forks is not None:
        tasks, open_forks = tasks.filter(fork__in=forks), open_forks.filter(pk__in=forks)
    open_forks.update(closed_at=at)
    return tasks.update(closed_at=at, closed_by=str(by), outcome=outcome)


class Move:
    """One movement of one subject: what opens, from nodes that follow."""

    def __init__(self, subject: tuple[str, UUID], digest: str, case: Case, *, by: Actor, at: datetime) -> None:
        self.kind, self.subject_id = subject
        self.digest, self.graph = digest, graph_of(digest)
        self.case, self.by, self.at = case, by, at
        self.forks: dict[UUID, Fork] = {}  # locked, or made by this movement
        self.opens: list[tuple[Step, UUID | None]] = []

    def lock(self) -> None:
        """Before anything in a branch changes: of two that end at the same moment the second sees the first."""
        self.forks = {fork.pk: fork for fork in lock_forks(self.subject_id)}

    def open(self, targets: Targets, fork: UUID | None) -> list[Task]:
        """Go on to these nodes from a place in a fork; returns the tasks opened."""
        todo: deque[tuple[Targets, UUID | None]] = deque([(targets, fork)])
        while todo:
            targets, fork = todo.popleft()
            if fork and self.forks[fork].closed_at:
                continue  # this same movement went on without the branch
            if not targets and fork:
                close_open(self.subject_id, OVERTAKEN, by=self.by, at=self.at)
                return []
            if len(targets) > 1:
                fork = self._fork(targets, fork)
            for key in targets:
                node = self.graph.nodes[key]
                if isinstance(node, Step):
                    self.opens.append((node, fork))
                elif isinstance(node, Choice):
                    todo.append((self._chosen(node), fork))
                elif isinstance(node, Join) and fork and self._arrive(fork):
                    todo.append((node.next, self.forks[fork].outer_id))
        return self._tasks()

    def aside(self, step: Step, *, back: str, fork: UUID | None, due: datetime | None) -> Task:
        """Open a step that is not drawn."""
        task = self._task(step, fork)
        task.back, task.due_at = back, due
        return self._kept([task])[0]

    def _chosen(self, choice: Choice) -> Targets:
        values = {**self.case.answers, **self._outcomes(choice.looks_at())}
        return next((targets for condition, targets in choice.cases if holds(condition, values)), choice.otherwise)

    def _outcomes(self, paths: set[str]) -> dict[str, str]:
        """How the steps that a choice looks at ended last."""
        steps = [path.removeprefix(OUTCOME) for path in paths if path.startswith(OUTCOME)]
        if not steps:
            return {}
        ended = Task.objects.filter(subject_id=self.subject_id, step__in=steps).exclude(closed_at=None)
        rows = ended.order_by("closed_at", "id").values_list("step", "outcome")
        return {f"{OUTCOME}{step}": outcome for step, outcome in rows}

    def _fork(self, targets: Targets, outer: UUID | None) -> UUID | None:
        key = self.graph.meets.get(frozenset(targets))
        if key is None:  # branches of an older definition that never meet: each goes its own way
            return outer
        join = self.graph.nodes[key]
        assert isinstance(join, Join)
        fork = Fork(
            subject_id=self.subject_id,
            join=key,
            needed=join.needed or len(targets),
            outer_id=outer,
            opened_at=self.at,
        )
        fork.save(force_insert=True)
        self.forks[fork.pk] = fork
        return fork.pk

    def _arrive(self, fork_id: UUID) -> bool:
        """One more branch has come to the join; whether the work goes on from it now."""
        fork = self.forks[fork_id]
        fork.arrived += 1
        goes_on = fork.arrived >= fork.needed
        if not goes_on:
            fork.save(update_fields=["arrived"])
            return False
        inside = self._inside(fork_id)
        for one in inside:
            self.forks[one].closed_at = self.at
        Fork.objects.filter(pk=fork_id).update(arrived=fork.arrived)
        close_open(self.subject_id, OVERTAKEN, by=self.by, at=self.at, forks=inside)
        self.opens = [(step, one) for step, one in self.opens if one not in inside]
        return True

    def _inside(self, fork_id: UUID) -> list[UUID]:
        """A fork and the ones within it."""
        inside = {fork_id}
        while more := {one.pk for one in self.forks.values() if one.outer_id in inside} - inside:
            inside |= more
        return list(inside)

    def _tasks(self) -> list[Task]:
        tasks = self._kept([self._task(step, fork) for step, fork in self.opens])
        for task in tasks:
            if task.waits_for_applicant and task.due_at:
                expire.defer(not_before=task.due_at, task=str(task.pk))
            if (kind := KINDS.get(task.kind)) and kind.opened:
                kind.opened(task, self.by, self.at)
        return tasks

    def _kept(self, tasks: list[Task]) -> list[Task]:
        try:
            for task in tasks:
                insert(task)
        except IntegrityError as error:
            if 'task_open_once"' not in str(error):
                raise
            raise Refused("already_open", _("This work has already been started.")) from None
        return tasks

    def _task(self, step: Step, fork: UUID | None) -> Task:
        agency = self.case.agency(step.agency, self.at)
        return Task(
            subject_kind=self.kind,
            subject_id=self.subject_id,
            definition_id=self.digest,
            step=step.key,
            kind=step.kind,
            fork_id=fork,
            code=self.case.code,
            who=self.case.who[:200],
            what=self.case.what[:300],
            role="" if step.waits_for_applicant else step.role,
            agency_id=agency,
            opened_at=self.at,
            due_at=self._due(step, agency),
            subject_due_at=self.case.due_at,
        )

    def _due(self, step: Step, agency: UUID) -> datetime | None:
        """A step is due by its own duration, never after what was promised to the applicant.

        With neither it is due at once, so that nobody overlooks it. A wait for the applicant has
        the time after which it ends by itself, if any.
        """
        if step.waits_for_applicant:
            return calendar_for(agency).add(self.at, step.timeout.duration) if step.timeout else None
        own = calendar_for(agency).add(self.at, step.duration) if step.duration else None
        return min((d for d in (own, self.case.due_at) if d), default=self.at)
