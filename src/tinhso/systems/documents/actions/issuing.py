"""A signature, the next number of the book, the seal, and off to whom it is for."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, record
from tinhso.core.numbering.actions import next_number
from tinhso.core.process import actions as process
from tinhso.core.signing.events import whole

from .. import processes
from ..events import DocumentIssued, DocumentNumbered, DocumentSigned
from ..models import Assignment, Document, Part, Recipient, RecipientState, State
from .assigning import finish
from .common import locked, task_of
from .receiving import arrive

OUTGOING_BOOK = "document-out"


@action
def attach_draft(document: Document, *, revision: int, link: FileLink, by: Actor, at: datetime) -> bool:
    """Keep the PDF of a draft, unless it was written anew meanwhile; says whether."""
    kept = Document.objects.filter(pk=document.pk, revision=revision, draft=None, signed=None).update(draft=link)
    if kept:
        files.attach(link, document, by=by, at=at)
    return bool(kept)


@action
def sign(
    document: Document, *, drafted: FileLink, link: FileLink, certificate: str, digest: str, by: Actor, at: datetime
) -> Document:
    """Keep what its signer signed; the clerk numbers it next."""
    task = task_of(document, "sign_document")
    process.complete(task, "signed", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.SIGNING)
    if one.draft_id != drafted.pk:
        raise Refused("draft_changed", _("The document has changed since you opened it. Read it again, then sign."))
    one.signed, one.signed_at, one.state = link, at, State.SIGNED
    assert one.signer is not None
    one.signer_name = one.signer.account.display_name
    one.save(update_fields=["signed", "signed_at", "state", "signer_name"])
    record(DocumentSigned(whole(certificate), digest), subject=one, by=by, at=at, agency=one.agency_id)
    return one


@action
def number(document: Document, *, day: date, by: Actor, at: datetime) -> Document:
    """Take the next number of the year's book; a job fills number and date in, seals it and sends it off."""
    from ..jobs import seal_document

    task = task_of(document, "number_document")
    process.complete(task, "numbered", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.SIGNED)
    one.number = next_number(OUTGOING_BOOK, agency=one.agency_id, subject=one, by=by, at=at)
    one.issued_on, one.state = day, State.NUMBERED
    one.save(update_fields=["number", "issued_on", "state"])
    record(DocumentNumbered(one.printed), subject=one, by=by, at=at, agency=one.agency_id)
    seal_document.defer(document=str(one.pk))
    return one


@action
def issue(document: Document, *, link: FileLink, digest: str, by: Actor, at: datetime) -> Document:
    """The sealed document goes to all it is for, in one transaction: each holds it as incoming. It ends the assignment
    that it answers."""
    one = locked(document, State.NUMBERED)
    one.issued, one.closed_at, one.state, one.sheet = link, at, State.ISSUED, {}
    one.save(update_fields=["issued", "closed_at", "state", "sheet"])
    files.attach(link, one, by=by, at=at)
    to = list(Recipient.objects.select_related("agency").filter(document=one).order_by("agency__code"))
    for recipient in to:
        recipient.arrived = arrive(one, link, recipient.agency, by=by, at=at)
        recipient.state, recipient.at = "01", at
    Recipient.objects.bulk_update(to, ["arrived", "state", "at"])
    RecipientState.objects.bulk_create(RecipientState(recipient=each, state="01", at=at) for each in to)
    assert one.issued_on is not None
    event = DocumentIssued(one.type, one.printed, one.issued_on, len(to), digest)
    record(event, subject=one, by=by, at=at, agency=one.agency_id)
    _answers(one, by=by, at=at)
    return one


def _answers(one: Document, *, by: Actor, at: datetime) -> None:
    if one.reply_to is None or one.reply_to.state != State.IN_WORK:
        return
    lead = Assignment.objects.filter(document=one.reply_to, part=Part.LEAD, parent=None, done_at=None).first()
    if lead is not None:
        try:
            finish(lead, words="", reply=one, by=by, at=at)
        except (
            NotAllowed
        ):  # its holder has handed parts of it down that are still open, and ends it when those are done
            return
