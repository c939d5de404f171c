"""What goes over when agencies merge: their open tasks, to whoever does them at the successor."""

from __future__ import annotations

from datetime import datetime

from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.agencies.succession import inherits
from tinhso.core.ledger.actions import Actor, Fact, record_all

from .events import TaskInherited
from .models import Task


@inherits
def hand_over_tasks(agency: Agency, successor: Agency, by: Actor, at: datetime) -> None:
    """Who has a task and works at the successor too keeps it; the others' are free for their role there."""
    here = set(Staff.objects.open_at(at).filter(agency=successor).values_list("account", flat=True))
    tasks = list(Task.objects.select_for_update().filter(agency=agency, closed_at=None).order_by("pk"))
    freed = [task.pk for task in tasks if task.assignee_id is not None and task.assignee_id not in here]
    Task.objects.filter(pk__in=freed).update(assignee=None)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(agency=successor)
    facts = [
        Fact(
            TaskInherited(task.pk, task.step, agency.pk, task.pk in freed),
            (task.subject_kind, task.subject_id),
            successor.pk,
        )
        for task in tasks
    ]
    if facts:
        record_all(facts, by=by, at=at)
