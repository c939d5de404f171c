"""Writing a document until somebody signs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, new_id, record
from tinhso.core.ledger.events import canonical, is_code
from tinhso.core.process import actions as process

from .. import processes
from ..events import DocumentDrafted, DocumentDropped, DocumentSentBack, DocumentSubmitted
from ..models import BEING_MADE, Direction, Document, Recipient, State
from ..queries import house_of
from ..sheet import Sheet, checked, refuse_secret
from ..types import notation_for
from .common import locked, task_of


@action
def draft(
    *,
    type_: str,
    abstract: str,
    sheet: Sheet,
    to: Sequence[Agency],
    urgency: int,
    staff: Staff,
    by: Actor,
    at: datetime,
    reply_to: Document | None = None,
    notation: str = "",
) -> Document:
    """Begin an outgoing document of one's agency; a job makes its PDF. Raises `Refused` with what to mend."""
    abstract = abstract.strip()
    checked(sheet, type_=type_, abstract=abstract)
    refuse_secret(abstract, *sheet.body.splitlines()[:20])
    house = house_of(staff.agency)
    one = Document(
        id=new_id(),
        agency=house,
        direction=Direction.OUTGOING,
        state=State.DRAFT,
        type=type_,
        abstract=abstract,
        urgency=urgency,
        notation=_notation(notation) or notation_for(type_, house, staff.agency),
        reply_to=reply_to,
        created_at=at,
        drafter_id=staff.account_id,
    )
    return _written(one, sheet, to, by=by, at=at)


@action
def revise(
    document: Document,
    *,
    revision: int,
    type_: str,
    abstract: str,
    sheet: Sheet,
    to: Sequence[Agency],
    urgency: int,
    notation: str,
    staff: Staff,
    by: Actor,
    at: datetime,
) -> Document:
    """Write it anew, as long as it is with its drafter. `revision` is the one that was read: of two who write at the
    same time the second is told."""
    one = locked(document, State.DRAFT)
    if one.drafter_id not in staff.does_work_of:
        raise NotAllowed(_("Only who drafts it may change it."))
    if one.revision != revision:
        raise Refused(
            "changed_meanwhile", _("It was changed meanwhile. Look at it again; what you typed stands below.")
        )
    abstract = abstract.strip()
    checked(sheet, type_=type_, abstract=abstract)
    refuse_secret(abstract, *sheet.body.splitlines()[:20])
    one.type, one.abstract, one.urgency = type_, abstract, urgency
    one.notation = _notation(notation) or one.notation
    return _written(one, sheet, to, by=by, at=at)


def _notation(words: str) -> str:
    """As it is printed after the number, and recorded with it."""
    if not is_code(words := words.strip()):
        message = _("A notation has letters without tone marks, figures, / and -, and no spaces.")
        raise Refused("bad_notation", message, field="notation", status=422)
    return words


def _written(one: Document, sheet: Sheet, to: Sequence[Agency], *, by: Actor, at: datetime) -> Document:
    from ..jobs import make_draft

    one.sheet, one.revision = sheet.data(), one.revision + 1
    old, one.draft = one.draft, None
    one.save()
    if old:
        files.release(old, by=by, at=at)
    wanted = {agency.pk for agency in to} - {one.agency_id}
    Recipient.objects.filter(document=one).exclude(agency__in=wanted).delete()
    Recipient.objects.bulk_create(
        (Recipient(document=one, agency_id=agency) for agency in wanted), ignore_conflicts=True
    )
    event = DocumentDrafted(one.type, one.revision, one.digest(canonical(one.sheet).encode()))
    record(event, subject=one, by=by, at=at, agency=one.agency_id)
    make_draft.defer(document=str(one.pk), revision=one.revision)
    return one


@action
def submit(document: Document, *, signer: Staff, staff: Staff, by: Actor, at: datetime) -> Document:
    """To whoever heads the agency's work for a check, then to the signer; who is head submits to the signer at once."""
    one = locked(document, State.DRAFT)
    if one.drafter_id not in staff.does_work_of:
        raise NotAllowed(_("Only who drafts it submits it."))
    if signer.agency_id != one.agency_id or not signer.has_role(Role.LEADER):
        raise Refused("signer_missing", _("Choose who signs."), field="signer", status=422)
    one.signer, one.state = signer, State.CHECKED
    one.save(update_fields=["signer", "state"])
    (task,) = process.start(one, processes.outgoing(), case=processes.case_of(one), at=at)
    record(DocumentSubmitted("check", signer.pk), subject=one, by=by, at=at, agency=one.agency_id)
    _draft_anew(one)  # the signer's name stands on it
    if staff.has_role(Role.UNIT_HEAD) and staff.agency_id == task.agency_id:
        pass_on(one, by=by, at=at)
    return one


def _draft_anew(one: Document) -> None:
    from ..jobs import make_draft

    Document.objects.filter(pk=one.pk).update(draft=None)
    make_draft.defer(document=str(one.pk), revision=one.revision)


@action
def pass_on(document: Document, *, by: Actor, at: datetime) -> Document:
    """Checked and found right: to the signer."""
    task = task_of(document, "check_document")
    process.complete(task, "submitted", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.CHECKED)
    one.state = State.SIGNING
    one.save(update_fields=["state"])
    assert one.signer_id is not None
    record(DocumentSubmitted("sign", one.signer_id), subject=one, by=by, at=at, agency=one.agency_id)
    return one


@action
def send_back(document: Document, *, reason: str, by: Actor, at: datetime) -> Document:
    """Back to its drafter with what to change; by who checks or signs."""
    if not 5 <= len(reason := reason.strip()) <= 4000:
        raise Refused("reason_missing", _("Say what has to be changed."), field="reason", status=422)
    task = task_of(document, "check_document", "sign_document")
    process.complete(task, "sent_back", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.CHECKED, State.SIGNING)
    one.state = State.DRAFT
    one.save(update_fields=["state"])
    record(DocumentSentBack(task.step), subject=one, by=by, at=at, agency=one.agency_id, words=reason)
    return one


@action
def drop(document: Document, *, staff: Staff, by: Actor, at: datetime) -> Document:
    """Give up what nobody has signed."""
    one = locked(document, *BEING_MADE)
    if one.drafter_id not in staff.does_work_of:
        raise NotAllowed(_("Only who drafts it may give it up."))
    process.close_all(one, "dropped", by=by, at=at)
    one.state, one.closed_at, one.draft, one.sheet = State.DROPPED, at, None, {}
    one.save(update_fields=["state", "closed_at", "draft", "sheet"])
    files.release_of(one, by=by, at=at)
    record(DocumentDropped(), subject=one, by=by, at=at, agency=one.agency_id)
    return one
