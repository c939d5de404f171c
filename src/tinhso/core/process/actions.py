"""Verbs of work: define, start, complete, assign, claim, hand over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Role
from tinhso.core.agencies.queries import holds_role, reaches, staff_of
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, record, subject_of
from tinhso.core.ledger.events import Event, canonical
from tinhso.core.ledger.rows import change, get, update

from .check import checked
from .events import TaskAssigned, TaskHandedOver
from .graph import graph_of
from .models import Definition, Task
from .moves import Case, Move, close_open, lock_forks

__all__ = ["Case", "assign", "claim", "close_all", "complete", "define", "hand_over", "name_of", "start"]


@action
def define(body: Mapping[str, Any], asked: Collection[str] | None = None) -> Definition:
    """Store a step graph after checking it; the same graph is stored once. No entry: the
    version of the procedure that uses it is what gets recorded.

    `asked` are the questions (paths) that conditions may look at, where the form is known.
    Raises `Refused`, naming every fault.
    """
    checked(body, asked)
    digest = sha256(canonical(body).encode()).hexdigest()
    definition, _created = Definition.objects.get_or_create(digest=digest, defaults={"body": dict(body)})
    return definition


@action
def start(subject: models.Model | tuple[str, UUID], definition_digest: str, *, case: Case, at: datetime) -> list[Task]:
    """Open what a subject's process begins with."""
    move = Move(subject_of(subject), definition_digest, case, by=Actor.system("process"), at=at)
    return move.open((graph_of(definition_digest).start,), None)


@action
def complete(task: Task, outcome: str, *, by: Actor, at: datetime, case: Case) -> list[Task]:
    """Close a task with an outcome and open what follows; returns the tasks opened.

    Where parallel branches meet, what follows opens with the last of them that is needed; the
    tasks of the others then close. An end inside such branches ends the whole work.
    Refused when the outcome is not one of the step's, or when someone was first: two
    officials at once, or a double click, move the subject once.
    """
    if outcome not in task.node.outcomes:
        raise Refused("no_such_outcome", _("This step cannot end that way."), status=422)
    move = Move((task.subject_kind, task.subject_id), task.definition_id, case, by=by, at=at)
    if task.fork_id:
        move.lock()
    close(task, outcome, by=by, at=at)
    return move.open(task.node.outcomes[outcome], task.fork_id)


def close(task: Task, outcome: str, *, by: Actor, at: datetime) -> None:
    """Close one task, as a part of what an action does; of two who do, the second is told who was first."""
    done = {"closed_at": at, "closed_by": str(by), "outcome": outcome}
    if not change(Task, done, "id = %s AND closed_at IS NULL", [task.pk]):
        raise _already_done(task)


@action
def close_all(subject: models.Model | tuple[str, UUID], outcome: str, *, by: Actor, at: datetime) -> int:
    """Close every open task of a subject, in all branches, as when the applicant withdraws."""
    _kind, subject_id = subject_of(subject)
    lock_forks(subject_id)
    return close_open(subject_id, outcome, by=by, at=at)


def _already_done(task: Task) -> Refused:
    now = Task.objects.get(pk=task.pk)
    return Refused(
        "already_done",
        _("%(who)s already completed this step at %(time)s. Open the dossier again to see what happened.")
        % {"who": name_of(now.closed_by), "time": f"{localtime(now.closed_at):%H:%M}" if now.closed_at else ""},
    )


def name_of(actor: str) -> str:
    """The name a person sees for an actor of the record."""
    kind, _colon, ident = actor.partition(":")
    if kind == "account":
        account = Account.objects.filter(pk=ident).first()
        return account.display_name if account else _("a former account")
    return _("the system") if kind == "system" else ident


def _check_may_do(task: Task, account: Account, at: datetime) -> None:
    """An assignee must hold the task's role at the task's agency."""
    if task.waits_for_applicant:
        raise Refused("waits_for_applicant", _("This step waits for the applicant."))
    if holds_role(account, task.role, task.agency_id, at):
        return
    raise NotAllowed(
        _("%(who)s does not hold the role “%(role)s” at this agency.")
        % {"who": account.display_name, "role": Role(task.role).label}
    )


@action
def claim(task: Task, *, account: Account, by: Actor, at: datetime) -> Task:
    """Take an open task nobody has. Of two who claim at once one wins; the other is told who."""
    _check_may_do(task, account, at)
    free = "id = %s AND closed_at IS NULL AND assignee_id IS NULL"
    claimed = change(Task, {"assignee": account.pk}, free, [task.pk])
    now = Task.objects.select_related("assignee").get(pk=task.pk)
    if claimed:
        _record(TaskAssigned(task.pk, task.step, account.pk, claimed=True), now, by=by, at=at)
    elif now.closed_at:
        raise _already_done(now)
    elif now.assignee and now.assignee != account:
        raise Refused("already_claimed", _("%(who)s has already taken this task.") % {"who": now.assignee.display_name})
    return now


@action
def assign(task: Task, *, to: Account, by: Actor, at: datetime) -> Task:
    """Give an open task to someone, as a part of what another action does; it checks who may."""
    return _give(task, to, by=by, at=at)


@action
def hand_over(task: Task, *, to: Account, by: Actor, at: datetime) -> Task:
    """Give a task away: who has it may, and unit heads and leaders who reach its agency."""
    if not _may_hand_over(task, by, at):
        raise NotAllowed(_("Only who has this task, or their unit head, may hand it over."))
    return _give(task, to, by=by, at=at)


def _may_hand_over(task: Task, by: Actor, at: datetime) -> bool:
    if by.kind != "account":
        return False
    account = Account(pk=UUID(by.id))
    if Task.objects.filter(pk=task.pk, assignee=account.pk).exists():
        return True
    heads = [staff for staff in staff_of(account, at) if staff.has_role(Role.UNIT_HEAD, Role.LEADER)]
    return any(reaches(staff, task.agency_id) for staff in heads)


def _give(task: Task, to: Account, *, by: Actor, at: datetime) -> Task:
    _check_may_do(task, to, at)
    now = get(Task, "id = %s", [task.pk], lock=True)
    if now.closed_at:
        raise _already_done(now)
    before = now.assignee_id
    if before == to.pk:
        return now
    now.assignee = to
    update(now, "assignee")
    event = (
        TaskHandedOver(task.pk, task.step, before, to.pk)
        if before
        else TaskAssigned(task.pk, task.step, to.pk, claimed=False)
    )
    _record(event, now, by=by, at=at)
    return now


def _record(event: Event, task: Task, *, by: Actor, at: datetime) -> None:
    record(event, subject=(task.subject_kind, task.subject_id), by=by, at=at, agency=task.agency_id)
