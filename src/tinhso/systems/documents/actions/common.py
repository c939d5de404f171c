"""What the verbs share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.rows import get
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks

from ..models import Document, State


def locked(document: Document, *allowed: State) -> Document:
    """The row, ours until the commit, where it is in one of these states."""
    row = get(Document, "id = %s", [document.pk], lock=True)
    if row.state not in allowed:
        words = _("A colleague was first: the document is “%(state)s” now.") % {"state": State(row.state).label}
        raise Refused("already_done", words)
    return row


def task_of(document: Document, *kinds: str) -> Task:
    """The open task of one of these kinds."""
    for task in open_tasks(document):
        if task.kind in kinds:
            return task
    state = State(Document.objects.get(pk=document.pk).state)
    raise Refused("already_done", _("This cannot be done now: the document is “%(state)s”.") % {"state": state.label})
