"""What arrives: held, registered under the next number, or sent back."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.numbering.actions import next_number
from tinhso.core.process import actions as process

from .. import processes
from ..events import DocumentArrived, DocumentRefused, DocumentRegistered, RecipientTold
from ..models import Direction, Document, Recipient, RecipientState, Source, State, Urgency
from ..queries import house_of
from ..sheet import refuse_secret
from ..types import types
from .common import locked, task_of

INCOMING_BOOK = "document-in"


def arrive(sent: Document, link: FileLink, agency: Agency, *, by: Actor, at: datetime) -> Document:
    """What another agency of this house holds of a document that was issued: the same bytes, a row of its own."""
    one = Document(
        id=new_id(),
        agency=agency,
        direction=Direction.INCOMING,
        state=State.ARRIVED,
        type=sent.type,
        abstract=sent.abstract,
        urgency=sent.urgency,
        notation=sent.printed,
        issued_on=sent.issued_on,
        signer_name=sent.signer_name,
        created_at=at,
        source=Source.HOUSE,
        sender=sent.agency,
        sender_name=sent.agency.name,
        salt=sent.salt,
    )
    _held(one, by=by, at=at)
    one.issued = files.link(link, one, name=link.name, origin="house", by=by, at=at)
    Document.objects.filter(pk=one.pk).update(issued=one.issued)
    return one


def _held(one: Document, *, by: Actor, at: datetime) -> None:
    one.save(force_insert=True)
    process.start(one, processes.incoming(), case=processes.case_of(one), at=at)
    event = DocumentArrived(one.type, one.source, one.sender_id, one.digest(one.notation.encode()))
    record(event, subject=one, by=by, at=at, agency=one.agency_id)


@action
def receive(
    *,
    file: FileLink,
    type_: str,
    abstract: str,
    notation: str,
    issued_on: date,
    sender_name: str,
    signer_name: str,
    urgency: int,
    staff: Staff,
    by: Actor,
    at: datetime,
) -> Document:
    """Hold what came on paper and was scanned. A document of the same sender, number and day is held once."""
    refuse_secret(abstract, notation)
    abstract, notation, sender_name = abstract.strip(), notation.strip(), sender_name.strip()
    if type_ not in types():
        raise Refused("type_missing", _("Choose what type of document it is."), field="type", status=422)
    if not 5 <= len(abstract) <= 1000:
        raise Refused("abstract_missing", _("Say what it is about."), field="abstract", status=422)
    if not 2 <= len(sender_name) <= 250:
        raise Refused("sender_missing", _("Say which agency it comes from."), field="sender_name", status=422)
    if not 1 <= len(notation) <= 60:
        raise Refused("notation_missing", _("Write its number and notation as printed."), field="notation", status=422)
    if issued_on > timezone.localtime(at).date():
        raise Refused(
            "bad_date", _("A document cannot bear a day that is still to come."), field="issued_on", status=422
        )
    house = house_of(staff.agency)
    same = Document.objects.filter(
        agency=house, direction=Direction.INCOMING, notation__iexact=notation, issued_on=issued_on
    )
    if held := same.filter(sender_name__iexact=sender_name).exclude(state=State.REFUSED).first():
        words = _("It is here already, arrival number %(number)s.") % {
            "number": held.number.value if held.number else "…"
        }
        raise Refused("held_already", words, field="notation")
    one = Document(
        id=new_id(),
        agency=house,
        direction=Direction.INCOMING,
        state=State.ARRIVED,
        type=type_,
        abstract=abstract,
        urgency=urgency if urgency in Urgency.values else Urgency.NORMAL,
        notation=notation,
        issued_on=issued_on,
        signer_name=signer_name.strip()[:200],
        created_at=at,
        source=Source.COUNTER,
        sender_name=sender_name,
    )
    _held(one, by=by, at=at)
    one.issued = files.attach(file, one, by=by, at=at)
    Document.objects.filter(pk=one.pk).update(issued=one.issued)
    return one


@action
def register(document: Document, *, by: Actor, at: datetime) -> Document:
    """Into the book of what comes in, under the next number; its leader directs next. Its sender is told."""
    task = task_of(document, "register_document")
    process.complete(task, "registered", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.ARRIVED)
    one.number = next_number(INCOMING_BOOK, agency=one.agency_id, subject=one, by=by, at=at)
    one.state = State.REGISTERED
    one.save(update_fields=["number", "state"])
    event = DocumentRegistered(str(one.number.value))
    record(event, subject=one, by=by, at=at, agency=one.agency_id)
    tell_sender(one, "03", by=by, at=at)
    return one


@action
def refuse(document: Document, *, reason: str, by: Actor, at: datetime) -> Document:
    """Back to its sender: not for this agency, unreadable, not signed. Its sender reads why."""
    if not 5 <= len(reason := reason.strip()) <= 1000:
        raise Refused("reason_missing", _("Say why it goes back, in 5 to 1,000 letters."), field="reason", status=422)
    task = task_of(document, "register_document")
    process.complete(task, "refused", case=processes.case_of(document), by=by, at=at)
    one = locked(document, State.ARRIVED)
    one.state, one.closed_at, one.words = State.REFUSED, at, reason
    one.save(update_fields=["state", "closed_at", "words"])
    record(DocumentRefused(), subject=one, by=by, at=at, agency=one.agency_id, words=reason)
    tell_sender(one, "02", words=reason, by=by, at=at)
    return one


def tell_sender(one: Document, state: str, *, by: Actor, at: datetime, words: str = "") -> None:
    """What has become of it here, on the row of who sent it, where that is of this house."""
    recipient = Recipient.objects.select_for_update().select_related("document").filter(arrived=one).first()
    if recipient is None or recipient.state == state:
        return
    recipient.state, recipient.at = state, at
    recipient.save(update_fields=["state", "at"])
    RecipientState.objects.create(recipient=recipient, state=state, at=at, words=words)
    told = RecipientTold(recipient.agency_id, state)
    record(told, subject=recipient.document, by=by, at=at, agency=recipient.document.agency_id)
