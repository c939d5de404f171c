"""Verbs of work: define, start, complete, assign, claim, hand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Role
from tinhso.core.agencies.queries import find_agency, reaches, staff_of
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, record, subject_of
from tinhso.core.ledger.events import Event, canonical
from tinhso.core.worktime.queries import calendar_for

from .events import TaskAssigned, TaskHandedOver
from .graph import COMPETENT, RECEIVING, Step, graph_of, parse
from .models import Definition, Task


@dataclass(frozen=True)
class Case:
    """What a subject tells its tasks: how an inbox shows it, and which agencies take part."""

    code: str
    who: str
    what: str
    receiving: UUID
    competent: UUID
    due_at: datetime | None = None

    def agency(self, rule: str, at: datetime) -> UUID:
        """The agency a step's rule means: receiving, competent, or one named by its code."""
        if rule == RECEIVING:
            return self.receiving
        return self.competent if rule == COMPETENT else _named(rule, at)


def _named(code: str, at: datetime) -> UUID:
    try:
        return find_agency(code, at).pk
    except Agency.DoesNotExist:
        raise Refused(
            "unknown_agency", _("There is no agency with the code %(code)s.") % {"code": code}, status=422
        ) from None


@action
def define(body: Mapping[str, Any]) -> Definition:
    """Store a step graph after checking it; the same graph is stored once. No entry: the
    version of the procedure that uses it is what gets recorded.

    Raises `Refused`, naming every fault.
    """
    parse(body)
    digest = sha256(canonical(body).encode()).hexdigest()
    definition, _created = Definition.objects.get_or_create(digest=digest, defaults={"body": dict(body)})
    return definition


@action
def start(subject: models.Model | tuple[str, UUID], definition_digest: str, *, case: Case, at: datetime) -> list[Task]:
    """Open the first step of a subject."""
    return _open(subject, definition_digest, (graph_of(definition_digest).start,), case=case, at=at)


def _open(
    subject: models.Model | tuple[str, UUID], digest: str, keys: tuple[str, ...], *, case: Case, at: datetime
) -> list[Task]:
    kind, subject_id = subject_of(subject)
    tasks = []
    for key in keys:
        step = graph_of(digest).step(key)
        agency = case.agency(step.agency, at)
        tasks.append(
            Task(
                subject_kind=kind,
                subject_id=subject_id,
                definition_id=digest,
                step=key,
                kind=step.kind,
                code=case.code,
                who=case.who[:200],
                what=case.what[:300],
                role="" if step.waits_for_applicant else step.role,
                agency_id=agency,
                opened_at=at,
                due_at=_due(step, agency, at, case.due_at),
                subject_due_at=case.due_at,
            )
        )
    try:
        return Task.objects.bulk_create(tasks)
    except IntegrityError as error:
        if 'task_open_once"' not in str(error):
            raise
        raise Refused("already_open", _("This work has already been started.")) from None


def _due(step: Step, agency: UUID, at: datetime, promised: datetime | None) -> datetime | None:
    """A step is due by its own duration, never after what was promised to the applicant.

    With neither it is due at once, so that nobody overlooks it.
    """
    if step.waits_for_applicant:
        return None
    own = calendar_for(agency).add(at, step.duration) if step.duration else None
    return min((d for d in (own, promised) if d), default=at)


@action
def complete(task: Task, outcome: str, *, by: Actor, at: datetime, case: Case) -> list[Task]:
    """Close a task with an outcome and open what follows; returns the tasks opened.

    Refused when the outcome is not one of the step's, or when someone was first: two
    officials at once, or a double click, move the subject once.
    """
    if outcome not in task.node.outcomes:
        raise Refused("no_such_outcome", _("This step cannot end that way."), status=422)
    if not _open_still(task).update(closed_at=at, closed_by=str(by), outcome=outcome):
        raise _already_done(task)
    subject = (task.subject_kind, task.subject_id)
    return _open(subject, task.definition_id, task.node.outcomes[outcome], case=case, at=at)


def _open_still(task: Task) -> models.QuerySet[Task]:
    return Task.objects.filter(pk=task.pk, closed_at=None)


@action
def close_all(subject: models.Model | tuple[str, UUID], outcome: str, *, by: Actor, at: datetime) -> int:
    """Close every open task of a subject, as when the applicant withdraws."""
    _kind, subject_id = subject_of(subject)
    return Task.objects.filter(subject_id=subject_id, closed_at=None).update(
        closed_at=at, closed_by=str(by), outcome=outcome
    )


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
    for staff in staff_of(account, at):
        if staff.agency_id == task.agency_id and task.role in staff.roles:
            return
    raise NotAllowed(
        _("%(who)s does not hold the role “%(role)s” at this agency.")
        % {"who": account.display_name, "role": Role(task.role).label}
    )


@action
def claim(task: Task, *, account: Account, by: Actor, at: datetime) -> Task:
    """Take an open task nobody has. Of two who claim at once one wins; the other is told who."""
    _check_may_do(task, account, at)
    claimed = _open_still(task).filter(assignee=None).update(assignee=account)
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
    now = Task.objects.select_for_update().get(pk=task.pk)
    if now.closed_at:
        raise _already_done(now)
    before = now.assignee_id
    if before == to.pk:
        return now
    now.assignee = to
    now.save(update_fields=["assignee"])
    event = (
        TaskHandedOver(task.pk, task.step, before, to.pk)
        if before
        else TaskAssigned(task.pk, task.step, to.pk, claimed=False)
    )
    _record(event, now, by=by, at=at)
    return now


def _record(event: Event, task: Task, *, by: Actor, at: datetime) -> None:
    record(event, subject=(task.subject_kind, task.subject_id), by=by, at=at, agency=task.agency_id)
