"""Steps that no process draws, because work may come to them from any step.

The law gives every dossier a wait for missing papers and a decision on more time, whatever process a designer
drew. Such an *aside* is a task like any other, but its step is registered (`graph.aside_kind`), not drawn.
`interrupt` closes a step and opens the aside in its place, in the same branch; `resume` opens that step again.
`beside` opens an aside next to what is open; nothing follows it. `reopen` begins anew where the work has ended.
`retime` tells open tasks a new promise.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import F

from tinhso.core.ledger.actions import Actor, action, subject_of
from tinhso.core.ledger.rows import change

from .actions import close
from .graph import ASIDE, ASIDES
from .models import Task
from .moves import OVERTAKEN, Case, Move


@action
def interrupt(task: Task, kind: str, *, due: datetime | None, case: Case, by: Actor, at: datetime) -> Task:
    """Stop at a step until the aside of this kind ends; the step closes with the kind as its outcome."""
    move = _move(task, case, by=by, at=at)
    close(task, kind, by=by, at=at)
    return move.aside(ASIDES[ASIDE + kind], back=task.step, fork=task.fork_id, due=due)


@action
def resume(task: Task, outcome: str, *, case: Case, by: Actor, at: datetime) -> list[Task]:
    """End an aside and open the step that it interrupted, or what else goes on; none where it stood beside."""
    return go_back(task, outcome, (task.back,) if task.back else (), case=case, by=by, at=at)


@action
def go_back(task: Task, outcome: str, steps: tuple[str, ...], *, case: Case, by: Actor, at: datetime) -> list[Task]:
    """Close a task, drawn or aside, and open these steps of its process instead of what would follow."""
    move = _move(task, case, by=by, at=at)
    close(task, outcome, by=by, at=at)
    return move.open(steps, task.fork_id) if steps else []


@action
def beside(task: Task, kind: str, *, due: datetime, case: Case, by: Actor, at: datetime) -> Task:
    """Open an aside next to this open task, on which the rest of the work does not wait."""
    return _move(task, case, by=by, at=at).aside(ASIDES[ASIDE + kind], back="", fork=None, due=due)


@action
def reopen(done: Task, kind: str, *, due: datetime | None, case: Case, by: Actor, at: datetime) -> list[Task]:
    """Open a step again that was done before the work ended; with a `kind` first an aside that leads to it."""
    move = _move(done, case, by=by, at=at)
    if not kind:
        return move.open((done.step,), None)
    return [move.aside(ASIDES[ASIDE + kind], back=done.step, fork=None, due=due)]


@action
def retime(subject: models.Model | tuple[str, UUID], due: datetime) -> None:
    """Tell the open tasks of a subject what is promised to the applicant now."""
    _kind, subject_id = subject_of(subject)
    tasks = Task.objects.filter(subject_id=subject_id, closed_at=None)
    tasks.filter(due_at=F("subject_due_at")).update(due_at=due)
    tasks.update(subject_due_at=due)


@action
def drop(subject: models.Model | tuple[str, UUID], kind: str, *, by: Actor, at: datetime) -> None:
    """Close an aside that nobody needs to decide any more."""
    _kind, subject_id = subject_of(subject)
    done = {"closed_at": at, "closed_by": str(by), "outcome": OVERTAKEN}
    change(Task, done, "subject_id = %s AND step = %s AND closed_at IS NULL", [subject_id, ASIDE + kind])


def _move(task: Task, case: Case, *, by: Actor, at: datetime) -> Move:
    move = Move((task.subject_kind, task.subject_id), task.definition_id, case, by=by, at=at)
    if task.fork_id:
        move.lock()
    return move
