"""What the one-stop shop does: accept or refuse, take the fee, hand over the result."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.ledger.rows import change, exists, get, insert
from tinhso.core.numbering.actions import next_number
from tinhso.core.process import actions as process
from tinhso.core.process import aside
from tinhso.core.worktime.queries import calendar_for

from ..events import DossierAccepted, DossierRefused, DossierReturned, FeeTaken, LetterMade
from ..models import Dossier, FeeReceipt, Letter, State
from .common import case_of, letter_of, move, sentence, task_of
from .correction import return_corrected


@action
def accept(dossier: Dossier, *, by: Actor, at: datetime) -> Dossier:
    """Accept a valid application: promise a time and number the appointment slip (form 01).

    The due time counts working time of the competent agency from now, by the variant's
    duration and cut-off (NĐ 45/2020; standards §2).
    """
    task = task_of(dossier, "receive")
    variant = dossier.variant
    due = calendar_for(dossier.agency_id).add(at, variant.duration, cutoff=variant.cutoff)
    dossier.due_at = due
    process.complete(task, "accept", by=by, at=at, case=case_of(dossier))
    move(dossier, allowed=(State.NEW,), state=State.ACCEPTED, accepted_at=at, due_at=due)
    letter = letter_of(dossier, Letter.Form.SLIP, by=by, at=at)
    record(
        DossierAccepted(
            procedure=dossier.procedure_code, channel=dossier.channel, due_at=due, slip=str(letter.number.value)
        ),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
    )
    return dossier


@action
def refuse(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Refuse with the reason in a letter (form 03). Before acceptance the dossier is not accepted, also where the
    applicant never completed it; after it, stopped."""
    reason = sentence(reason, _("Tell the applicant why, in at least a sentence."))
    new = dossier.accepted_at is None
    task = task_of(dossier, "receive", "appraise", "elsewhere", *["supplement"] * new)
    if task.kind == "supplement":
        process.close(task, "refuse", by=by, at=at)
    else:
        process.complete(task, "refuse", by=by, at=at, case=case_of(dossier))
    aside.drop(dossier, "extend", by=by, at=at)
    allowed = (State.NEW, State.SUPPLEMENT) if new else (State.ACCEPTED, State.IN_PROCESS)
    move(dossier, allowed=allowed, state=State.REFUSED if new else State.STOPPED, finished_at=at)
    letter = letter_of(dossier, Letter.Form.REFUSAL, reason, by=by, at=at)
    record(
        DossierRefused(procedure=dossier.procedure_code, channel=dossier.channel, letter=str(letter.number.value)),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
        words=reason,
    )
    return dossier


@action
def attach_letter(letter: Letter, *, file: FileLink, digest: str, by: Actor, at: datetime) -> Letter:
    """Keep the PDF a job made for a letter. Of two runs of the job the first counts. An apology that is sealed only
    after the promise was over is kept as well: the entry says that it came late."""
    if not change(Letter, {"file": file.pk}, "id = %s AND file_id IS NULL", [letter.pk]):
        raise Refused("already_attached", _("The letter is already there."))
    letter.file = file
    late = letter.form == Letter.Form.APOLOGY and at > letter.extension.due_before
    record(
        LetterMade(form=letter.form, number=str(letter.number.value), late=late, digest=digest),
        subject=letter.dossier,
        by=by,
        at=at,
        agency=letter.dossier.agency_id,
    )
    return letter


@action
def take_fee(dossier: Dossier, *, by: Actor, at: datetime) -> FeeReceipt:
    """Record the fee as paid in cash at the counter, under the next number of the receipt book."""
    if not dossier.fee:
        raise Refused("no_fee", _("Nothing is owed for this dossier."))
    get(Dossier, "id = %s", [dossier.pk], lock=True)  # two who take it at once: the second finds the receipt
    if _paid(dossier):
        raise Refused("fee_already_taken", _("The fee has already been paid."))
    receipt = FeeReceipt(id=new_id(), dossier=dossier, amount=dossier.fee, at=at)
    receipt.number = next_number("receipt", agency=dossier.receiving_agency_id, subject=receipt, by=by, at=at)
    insert(receipt)
    record(
        FeeTaken(amount=receipt.amount, number=str(receipt.number.value)),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
    )
    return receipt


def _paid(dossier: Dossier) -> bool:
    return exists(FeeReceipt, "dossier_id = %s", [dossier.pk])


@action
def return_result(dossier: Dossier, *, reason: str = "", by: Actor, at: datetime) -> Dossier:
    """Hand the result to the applicant; the fee has been paid by then. Of one that comes late the reason is told."""
    task = task_of(dossier, "return")
    if dossier.correct_by is not None:
        process.complete(task, "returned", by=by, at=at, case=case_of(dossier))
        return return_corrected(dossier, by=by, at=at)
    if dossier.late_at(at):
        reason = sentence(reason, _("It comes later than promised: tell the applicant why, in at least a sentence."))
    if dossier.fee and not _paid(dossier):
        raise Refused("fee_owed", _("Take the fee first, then return the result."))
    process.complete(task, "returned", by=by, at=at, case=case_of(dossier))
    move(dossier, allowed=(State.PROCESSED,), state=State.RETURNED, returned_at=at)
    record(
        DossierReturned(procedure=dossier.procedure_code, channel=dossier.channel, on_time=not dossier.late_at(at)),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
        words=reason,
    )
    return dossier
