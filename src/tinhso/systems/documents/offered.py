"""What somebody may do with a document now, and what its page shows of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tinhso.core.agencies.models import Staff
from tinhso.core.ledger.queries import timeline
from tinhso.core.process.queries import open_tasks, task_for
from tinhso.core.ui.request import Request

from . import queries, words
from .forms import OrderForm
from .models import BEING_MADE, OPEN_INCOMING, STATES, Document, State
from .sheet import read
from .types import types

ANSWER = timedelta(days=7)  # which the form of a direction begins with


def shown(request: Request, document: Document, now: datetime, **more: Any) -> dict[str, Any]:
    """Everything the page shows; `more` carries what was typed and refused."""
    staff = request.staff
    assert staff is not None
    task, order = task_for(document, staff), queries.mine(document, staff)
    tasks = open_tasks(document)
    given = queries.assignments(document) if document.is_incoming else []
    recipients = document.recipients.select_related("agency").prefetch_related("states").order_by("agency__code")
    drafter = document.drafter_id in staff.does_work_of
    return {
        "document": document,
        "type": types()[document.type],
        "sheet": read(document.sheet) if document.sheet else None,
        "now": now,
        "task": task,
        "elsewhere": [] if task else tasks,
        "order": order,
        "assignments": [(row, _depth(row.parent_id, given)) for row in given],
        "recipients": [] if document.is_incoming else [(row, STATES.get(row.state, "")) for row in recipients],
        "replies": document.replies.exclude(state=State.DROPPED).select_related("number__book"),
        "timeline": words.lines(timeline(document)),
        "can_write": drafter and document.state == State.DRAFT,
        "can_drop": drafter and document.state in BEING_MADE,
        "can_answer": document.is_incoming and document.state in OPEN_INCOMING and staff.has_role(*queries.STAFF),
        "signers": queries.signers(staff, now) if drafter and document.state == State.DRAFT else [],
        "order_form": _order_form(staff, task, order, now),
        "seal_pending": document.state == State.NUMBERED or (document.state in BEING_MADE and not document.draft_id),
        **more,
    }


def _order_form(staff: Staff, task: Any, order: Any, now: Any) -> OrderForm | None:
    due = timezone.localtime(now + ANSWER).date().isoformat()
    if task and task.kind == "direct_document":
        return OrderForm(None, staff=staff, at=now, initial={"due": due})
    if order:
        return OrderForm(
            None, staff=staff, at=now, alone=True, initial={"due": f"{timezone.localtime(order.due_at):%Y-%m-%d}"}
        )
    return None


def _depth(parent: Any, rows: list[Any]) -> int:
    by_id = {row.pk: row for row in rows}
    depth = 0
    while parent in by_id:
        depth, parent = depth + 1, by_id[parent].parent_id
    return depth
