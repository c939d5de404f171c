"""What the competent agency does: assign, appraise, sign, number and seal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.ledger.rows import get, insert, update
from tinhso.core.numbering.actions import next_number
from tinhso.core.process import actions as process
from tinhso.core.process import aside
from tinhso.core.signing.events import whole

from ..effort import effort
from ..events import (
    DossierAssigned,
    ResultCancelled,
    ResultIssued,
    ResultNumbered,
    ResultProposed,
    ResultSentBack,
    ResultSigned,
    SignerChanged,
)
from ..models import Dossier, Result, State
from .common import case_of, current_result, move, newest_result, sentence, task_of, work_on
from .consultation import give_back
from .correction import issue_corrected


@action
def assign(dossier: Dossier, *, to: Account, by: Actor, at: datetime) -> Dossier:
    """The unit head gives the dossier to an officer; it is in process from here on."""
    task = task_of(dossier, "assign")
    (appraisal,) = process.complete(task, "assigned", by=by, at=at, case=case_of(dossier))
    process.assign(appraisal, to=to, by=by, at=at)
    move(dossier, allowed=(State.ACCEPTED,), state=State.IN_PROCESS)
    record(DossierAssigned(officer=to.pk), subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return dossier


@action
def propose(
    dossier: Dossier, *, content: Mapping[str, Any], signer: Staff, opinion: str, by: Actor, at: datetime
) -> Result:
    """Appraised: submit to `signer` for signature. A job drafts the letter from `content`, which
    has passed the result form's rules; number and date stay empty. Where a returned result is being corrected, the
    first proposal begins the next version of it."""
    from ..jobs import draft_result

    task = task_of(dossier, "appraise")
    for following in process.complete(task, "propose", by=by, at=at, case=case_of(dossier)):
        if following.kind == "sign":
            process.assign(following, to=signer.account, by=by, at=at)
    work_on(dossier, allowed=(State.ACCEPTED, State.IN_PROCESS), state=State.IN_PROCESS)
    result = newest_result(dossier)
    if result and result.issued_at is None:  # sent back once and proposed again
        result.content, result.signer = dict(content), signer
        result.draft, result.revision = None, result.revision + 1
        update(result, "content", "signer", "draft", "revision")
    else:
        version = result.version + 1 if result else 1
        code = f"{dossier.code}-KQ{version if version > 1 else ''}"
        result = Result(id=new_id(), dossier=dossier, version=version, code=code, content=dict(content), signer=signer)
        insert(result)
    record(ResultProposed(result=result.code), subject=dossier, by=by, at=at, agency=dossier.agency_id, words=opinion)
    draft_result.defer(result=str(result.id), revision=result.revision)
    return result


@action
def send_back(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """The leader does not sign: back to the officer, with the reason."""
    if len(reason.strip()) < 5:
        raise Refused("reason_missing", _("Tell the officer what to change."), field="reason", status=422)
    task = task_of(dossier, "sign")
    give_back(dossier, process.complete(task, "return", by=by, at=at, case=case_of(dossier)), by=by, at=at)
    record(
        ResultSentBack(result=current_result(dossier).code),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
        words=reason,
    )
    return dossier


@action
def take_signature(dossier: Dossier, *, signer: Staff, by: Actor, at: datetime) -> Result:
    """Have the draft made anew in `signer`'s name: a substitute signs as such (TUQ., KT.), never under
    the name of who is away; so does the leader of a successor agency."""
    from ..jobs import draft_result

    if signer.agency_id != dossier.agency_id or Role.LEADER not in signer.roles:
        raise Refused("not_a_signer", _("Only who leads this agency, or stands in for its leader, signs."), status=403)
    task = task_of(dossier, "sign")
    process.assign(task, to=signer.account, by=by, at=at)
    result = current_result(dossier)
    if result.signed_at is None and result.signer_id != signer.pk:
        result.signer, result.draft, result.revision = signer, None, result.revision + 1
        update(result, "signer", "draft", "revision")
        event = SignerChanged(result=result.code, signer=signer.pk)
        record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)
        draft_result.defer(result=str(result.id), revision=result.revision)
    return result


@action
def sign(
    dossier: Dossier, *, signer: Staff, drafted: FileLink, file: FileLink, certificate: str, digest: str, by: Actor,
    at: datetime,
) -> Result:  # fmt: skip
    """Keep the document the leader signed. `drafted` is the draft that was signed: if the
    officer changed it meanwhile, the signature is refused rather than kept on an old text."""
    task = task_of(dossier, "sign")
    process.complete(task, "signed", by=by, at=at, case=case_of(dossier))
    result = current_result(dossier)
    if result.draft_id != drafted.pk:
        raise Refused("draft_changed", _("The draft has changed since you opened it. Read it again, then sign."))
    if result.signer_id != signer.pk:
        raise Refused("other_signer", _("The draft was made for %(who)s to sign.") % {"who": result.signer})
    result.signed, result.signed_at = file, at
    update(result, "signed", "signed_at")
    record(
        ResultSigned(result=result.code, capacity=signer.capacity, certificate=whole(certificate), digest=digest),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
    )
    return result


@action
def number_result(dossier: Dossier, *, by: Actor, at: datetime) -> Result:
    """The clerk takes the next number of the agency's book; a job fills it in and seals.

    The number is the result's for ever: a job that fails is run again with the same one.
    """
    from ..jobs import seal_result

    task_of(dossier, "issue")
    result = current_result(dossier)
    if result.number_id is not None:
        raise Refused(
            "already_numbered", _("This result already has the number %(number)s.") % {"number": result.notation}
        )
    result.number = next_number(result.book, agency=dossier.agency_id, subject=result, by=by, at=at)
    result.numbered_at = at
    update(result, "number", "numbered_at")
    record(
        ResultNumbered(result=result.code, number=str(result.number.value)),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
    )
    seal_result.defer(result=str(result.id), by=str(by))
    return result


@action
def issue(result: Result, *, file: FileLink, digest: str, by: Actor, at: datetime) -> Result:
    """Keep the numbered and sealed document: the dossier is processed."""
    dossier = result.dossier
    process.complete(task_of(dossier, "issue"), "issued", by=by, at=at, case=case_of(dossier))
    if result.version > 1:
        return issue_corrected(result, file=file, digest=digest, by=by, at=at)
    aside.drop(dossier, "extend", by=by, at=at)
    move(dossier, allowed=(State.IN_PROCESS, State.ACCEPTED), state=State.PROCESSED, finished_at=at)
    result.issued, result.issued_at = file, at
    update(result, "issued", "issued_at")
    took = effort(dossier, at=at)
    record(
        ResultIssued(
            result=result.code,
            procedure=dossier.procedure_code,
            channel=dossier.channel,
            on_time=not dossier.late_at(at),
            early=took.early,
            worked=took.worked,
            officer=took.officer,
            digest=digest,
        ),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
    )
    return result


@action
def cancel_result(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Result:
    """A result that was returned holds no longer (NĐ 45/2020): it is kept, marked with the time, the applicant is told,
    and whoever scans its QR or brings its bytes reads that it was cancelled."""
    reason = sentence(reason, _("Tell the applicant why, in at least a sentence."))
    if dossier.state != State.RETURNED:
        raise Refused("not_returned", _("Only a result that was returned can be cancelled."))
    if get(Dossier, "id = %s", [dossier.pk], lock=True).correct_by is not None:
        raise Refused("correcting", _("A correction of this result is under way already."))
    result = current_result(dossier)
    if result.cancelled_at is not None:
        raise Refused("already_cancelled", _("This result was cancelled before."))
    result.cancelled_at = at
    update(result, "cancelled_at")
    record(ResultCancelled(result.code), subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason)
    return result
