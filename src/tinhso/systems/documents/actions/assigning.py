"""Who works on an incoming document, by when, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Role
from tinhso.core.agencies.queries import holds_role
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, new_id, record
from tinhso.core.ledger.rows import get
from tinhso.core.process import actions as process
from tinhso.core.process.queries import open_tasks

from .. import processes
from ..events import (
    AssignmentFinished,
    AssignmentHandedDown,
    AssignmentReported,
    DocumentDealtWith,
    DocumentDirected,
)
from ..models import Assignment, Document, Part, State
from .common import locked, task_of
from .receiving import tell_sender

ROLES = (Role.OFFICER, Role.UNIT_HEAD, Role.CLERK, Role.RECEPTIONIST, Role.LEADER)
LONGEST = 4000


@dataclass(frozen=True)
class To:
    """One agency or unit (its head gets it), or one person there."""

    agency: Agency
    account: Account | None = None


@action
def direct(
    document: Document,
    *,
    lead: To,
    support: Sequence[To] = (),
    inform: Sequence[To] = (),
    words: str,
    due_at: datetime,
    given_by: Account,
    by: Actor,
    at: datetime,
) -> Document:
    """Say who leads, who supports, who is to know, and by when. Each finds it among their tasks."""
    _must_be_sensible(words, due_at, at)
    task = task_of(document, "direct_document")
    process.complete(task, "directed", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.REGISTERED)
    one.state, one.due_at, one.words = State.IN_WORK, due_at, words.strip()
    one.save(update_fields=["state", "due_at", "words"])
    rows = [
        _given(one, to, part, words, due_at, given_by, at=at)
        for part, whom in ((Part.LEAD, [lead]), (Part.SUPPORT, support), (Part.INFORM, inform))
        for to in whom
    ]
    event = DocumentDirected(rows[0].pk, due_at, len(support), len(inform))
    record(event, subject=one, by=by, at=at, agency=one.agency_id, words=words.strip())
    tell_sender(one, "05", by=by, at=at)
    return one


def _must_be_sensible(words: str, due_at: datetime, at: datetime) -> None:
    if len(words) > LONGEST:
        raise Refused("too_long", _("At most 4,000 letters."), field="words", status=422)
    if due_at <= at:
        raise Refused("bad_date", _("Choose a day that is still to come."), field="due", status=422)


def _given(
    one: Document,
    to: To,
    part: Part,
    words: str,
    due_at: datetime,
    given_by: Account,
    *,
    at: datetime,
    parent: Assignment | None = None,
) -> Assignment:
    role = Role.UNIT_HEAD if to.account is None else _role(to, at)
    row = Assignment.objects.create(
        id=new_id(),
        document=one,
        parent=parent,
        part=part,
        agency=to.agency,
        assignee=to.account,
        given_by=given_by,
        words=words.strip(),
        due_at=due_at,
        given_at=at,
    )
    (task,) = process.start(row, processes.handling(role), case=processes.case_of_assignment(row), at=at)
    if to.account is not None:
        process.assign(task, to=to.account, by=Actor.system("documents"), at=at)
    return row


def _role(to: To, at: datetime) -> str:
    assert to.account is not None
    for role in ROLES:
        if holds_role(to.account, role, to.agency.pk, at):
            return role
    raise NotAllowed(_("%(who)s has no post there.") % {"who": to.account.display_name})


@action
def file_away(document: Document, *, words: str, by: Actor, at: datetime) -> Document:
    """Nothing is to be done: it is taken note of."""
    task = task_of(document, "direct_document")
    process.complete(task, "filed", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.REGISTERED)
    one.words = words.strip()[:LONGEST]
    _dealt_with(one, None, by=by, at=at)
    return one


def _dealt_with(one: Document, reply: Document | None, *, by: Actor, at: datetime) -> None:
    one.state, one.closed_at = State.DONE, at
    one.save(update_fields=["state", "closed_at", "words"])
    on_time = one.due_at is None or at <= one.due_at
    event = DocumentDealtWith(on_time, reply.pk if reply else None)
    record(event, subject=one, by=by, at=at, agency=one.agency_id)
    tell_sender(one, "06", by=by, at=at)


@action
def hand_down(
    assignment: Assignment, *, to: To, words: str, due_at: datetime, given_by: Account, by: Actor, at: datetime
) -> Assignment:
    """Have others do a part of what one was given, at the latest by one's own day."""
    above = _open(assignment)
    _must_be_sensible(words, due_at, at)
    if due_at > above.due_at:
        message = _("Your own part is due on %(day)s; what you hand down is due by then.")
        raise Refused("too_late", message % {"day": f"{above.due_at:%d/%m/%Y}"}, field="due", status=422)
    row = _given(above.document, to, Part(above.part), words, due_at, given_by, at=at, parent=above)
    event = AssignmentHandedDown(row.pk, above.pk, due_at)
    record(event, subject=above.document, by=by, at=at, agency=row.agency_id, words=words.strip())
    return row


@action
def report(assignment: Assignment, *, words: str, by: Actor, at: datetime) -> Assignment:
    """Tell how far one is."""
    one = _open(assignment)
    if not 3 <= len(words := words.strip()) <= LONGEST:
        raise Refused("words_missing", _("Say how far you are."), field="words", status=422)
    one.progress = words
    one.save(update_fields=["progress"])
    record(AssignmentReported(one.pk), subject=one.document, by=by, at=at, agency=one.agency_id, words=words)
    return one


@action
def finish(assignment: Assignment, *, words: str, by: Actor, at: datetime, reply: Document | None = None) -> Assignment:
    """Done. The lead's end is the document's; what else was given from it then ends with it."""
    one = _open(assignment)
    if one.children.filter(done_at=None).exists():
        raise NotAllowed(_("What you handed down is not done yet."))
    for task in open_tasks(one):
        process.complete(task, "finished", case=processes.case_of_assignment(one), by=by, at=at)
    _ended(one, words.strip()[:LONGEST], by=by, at=at)
    if one.part == Part.LEAD and one.parent_id is None:
        for other in Assignment.objects.select_related("document").filter(document=one.document_id, done_at=None):
            process.close_all(other, "overtaken", by=by, at=at)
            _ended(other, other.progress, by=by, at=at)
        _dealt_with(locked(one.document, State.IN_WORK), reply, by=by, at=at)
    return one


def _ended(one: Assignment, words: str, *, by: Actor, at: datetime) -> None:
    one.done_at, one.progress = at, words
    one.save(update_fields=["done_at", "progress"])
    event = AssignmentFinished(one.pk, one.part, at <= one.due_at)
    record(event, subject=one.document, by=by, at=at, agency=one.agency_id, words=words)


def _open(assignment: Assignment) -> Assignment:
    """Locked, as long as it is not done."""
    row = get(Assignment, "id = %s", [assignment.pk], lock=True)
    if row.done_at is not None:
        raise Refused("already_done", _("This was done before."))
    return row
