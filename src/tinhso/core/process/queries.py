"""Reads of work: the inbox, the open tasks of a subject, the pauses of its clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from tinhso.core.agencies.models import Staff
from tinhso.core.agencies.queries import scope
from tinhso.core.ledger.actions import subject_of
from tinhso.core.ledger.rows import find

from .models import Task


def inbox(
    staff: Staff, *, after: tuple[datetime, UUID] | None = None, limit: int = 50, query: str = "",
    kinds: Collection[str] = (), subjects: Collection[str] = (), mine: bool = False, until: datetime | None = None,
) -> list[Task]:  # fmt: skip
    """What this member of staff may do now, soonest due first; `after` is the last row seen.

    Tasks of their roles at their own agency, that nobody else has taken. With `kinds` only such steps, with `mine`
    only what they have, with `until` only what is due by then, with `subjects` only steps of those kinds of subject.
    """
    theirs = Q(assignee__in=staff.does_work_of)
    tasks = Task.objects.filter(
        theirs if mine else theirs | Q(assignee=None),
        closed_at=None,
        agency=staff.agency_id,
        role__in=staff.roles,
    )
    if kinds:
        tasks = tasks.filter(kind__in=kinds)
    if subjects:
        tasks = tasks.filter(subject_kind__in=subjects)
    if until:
        tasks = tasks.filter(due_at__lte=until)
    if after:
        due, last = after
        tasks = tasks.filter(Q(due_at__gt=due) | Q(due_at=due, id__gt=last))
    if query:
        tasks = tasks.filter(Q(code__icontains=query) | Q(who__icontains=query) | Q(what__icontains=query))
    return list(tasks.select_related("assignee").order_by("due_at", "id")[:limit])


def open_tasks(subject: models.Model | tuple[str, UUID]) -> list[Task]:
    """Open tasks of one subject, oldest first."""
    _kind, subject_id = subject_of(subject)
    return find(Task, "subject_id = %s AND closed_at IS NULL ORDER BY opened_at, id", [subject_id])


def task_for(subject: models.Model | tuple[str, UUID], staff: Staff, kind: str | None = None) -> Task | None:
    """The open task of a subject that this member of staff may do; None if it is not theirs."""
    return first_for(open_tasks(subject), staff, kind)


def first_for(tasks: list[Task], staff: Staff, kind: str | None = None) -> Task | None:
    """The first of these open tasks that this member of staff may do; None if none is theirs."""
    for task in tasks:
        mine = task.assignee_id in (None, *staff.does_work_of) and task.agency_id == staff.agency_id
        if mine and task.role in staff.roles and kind in (None, task.kind):
            return task
    return None


def late(staff: Staff, at: datetime) -> models.QuerySet[Task]:
    """Open tasks past their due time in the reach of this member of staff, longest overdue first."""
    return scope(Task.objects.filter(closed_at=None, due_at__lt=at), staff).order_by("due_at")


def pauses(subject: models.Model | tuple[str, UUID]) -> list[tuple[datetime, datetime | None]]:
    """When the subject's clock stood still because the applicant had to act; None: it still does."""
    _kind, subject_id = subject_of(subject)
    waits = Task.objects.filter(subject_id=subject_id, role="").order_by("opened_at")
    return list(waits.values_list("opened_at", "closed_at"))


def done_by(subject: models.Model | tuple[str, UUID]) -> list[Task]:
    """All tasks of a subject in the order they were opened, each with its agency and who has or had it."""
    _kind, subject_id = subject_of(subject)
    tasks = find(Task, "subject_id = %s", [subject_id], related=("agency", "assignee"))
    return sorted(tasks, key=lambda task: (task.opened_at, task.closed_at is None, task.closed_at or task.opened_at))
