"""A mistake of the office in a result that was returned: who finds it says so, the office corrects it, both are kept.

The dossier stays returned, so no figure or promise of the past changes. Its process goes on from the step that
proposed the result: proposed, signed, numbered, sealed and returned as drawn, under a code of its own (NĐ 45/2020,
article 14). The old result holds until the corrected one is issued, so that there is one at every moment.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, Refused, action, record
from tinhso.core.ledger.rows import change, get, update
from tinhso.core.process import actions as process
from tinhso.core.process import aside
from tinhso.core.process.models import Task
from tinhso.core.process.queries import done_by
from tinhso.core.worktime.calendar import Unit, WorkDuration
from tinhso.core.worktime.queries import calendar_for

from ..events import CorrectionAsked, CorrectionDeclined, CorrectionGranted, CorrectionIssued, CorrectionReturned
from ..models import Dossier, Result, State
from .common import case_of, current_result, move, newest_result, sentence, task_of
from .consultation import give_back

# What the house promises; no decree names a time that holds for every kind of result.
CORRECTING = WorkDuration(3, Unit.WORKING_DAYS)


@action
def ask_correction(dossier: Dossier, *, reason: str, by_applicant: bool, by: Actor, at: datetime) -> Dossier:
    """Say what is wrong in a returned result. Asked by the applicant, or at a counter for them, the head of the agency
    looks whether it is the office's mistake; found by an official who decides there, it goes back to work at once."""
    reason = sentence(reason, _("Write what is wrong, and what should stand there."))
    locked = get(Dossier, "id = %s", [dossier.pk], lock=True)
    if locked.state != State.RETURNED:
        raise Refused("not_returned", _("Only a result that was returned can be corrected."))
    if locked.correct_by is not None:
        raise Refused("correcting", _("A correction of this result is under way already."))
    result, proposed = newest_result(dossier), _proposed(dossier)
    if result is None or proposed is None:
        raise Refused("made_elsewhere", _("This result was not made here, so it cannot be corrected here."))
    if result.cancelled_at is not None:
        raise Refused("already_cancelled", _("This result was cancelled before."))
    _still_decides(dossier, at)
    dossier.correct_by = calendar_for(dossier.agency_id).add(at, CORRECTING)
    if by_applicant:
        aside.reopen(proposed, "correct", due=dossier.correct_by, case=case_of(dossier), by=by, at=at)
    else:
        give_back(dossier, aside.reopen(proposed, "", due=None, case=case_of(dossier), by=by, at=at), by=by, at=at)
    update(dossier, "correct_by")
    event = CorrectionAsked(result.code, by_applicant, dossier.correct_by)
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason)
    return dossier


def _proposed(dossier: Dossier) -> Task | None:
    """The step that proposed the result last; none where that was in another system, or within a branch."""
    steps = [task for task in done_by(dossier) if task.outcome == "propose" and task.fork_id is None]
    return max(steps, key=lambda task: task.closed_at or task.opened_at, default=None)


def _still_decides(dossier: Dossier, at: datetime) -> None:
    agency = dossier.agency
    if agency.valid_to is not None and agency.valid_to <= at:
        words = _("%(agency)s is no more, so it can sign nothing anew. Its successor decides on a new application.")
        raise Refused("agency_closed", words % {"agency": agency.name})


@action
def grant_correction(dossier: Dossier, *, by: Actor, at: datetime) -> Dossier:
    """The head agrees: back to who appraised it."""
    task = task_of(dossier, "correct")
    give_back(dossier, aside.resume(task, "granted", case=case_of(dossier), by=by, at=at), by=by, at=at)
    _record(CorrectionGranted, dossier, by=by, at=at)
    return dossier


@action
def decline_correction(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """There is no mistake of the office: the result stands, and the applicant reads why. A draft that was begun, and
    that nobody has signed, goes."""
    reason = sentence(reason, _("Tell the applicant why, in at least a sentence."))
    task = task_of(dossier, "correct", "appraise")
    if dossier.correct_by is None:
        raise Refused("not_correcting", _("No result of this dossier is being corrected."))
    process.close(task, "declined", by=by, at=at)
    process.close_all(dossier, "declined", by=by, at=at)
    move(dossier, allowed=(State.RETURNED,), correct_by=None)
    dossier.results.filter(version__gt=1, signed_at=None).delete()
    _record(CorrectionDeclined, dossier, by=by, at=at, words=reason)
    return dossier


def issue_corrected(result: Result, *, file: FileLink, digest: str, by: Actor, at: datetime) -> Result:
    """What `issue` does for a corrected result: it stands in the place of the one before from now on."""
    dossier = result.dossier
    move(dossier, allowed=(State.RETURNED,), state=State.RETURNED)
    result.issued, result.issued_at = file, at
    update(result, "issued", "issued_at")
    before = get(Result, "dossier_id = %s AND version = %s", [dossier.pk, result.version - 1], lock=True)
    change(Result, {"replaced_at": at}, "id = %s", [before.pk])
    event = CorrectionIssued(
        result.code,
        replaces=before.code,
        procedure=dossier.procedure_code,
        channel=dossier.channel,
        on_time=dossier.correct_by is not None and at <= dossier.correct_by,
        digest=digest,
    )
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return result


def return_corrected(dossier: Dossier, *, by: Actor, at: datetime) -> Dossier:
    """What `return_result` does for a corrected one. It costs nothing: the mistake was the office's."""
    move(dossier, allowed=(State.RETURNED,), correct_by=None)
    result = current_result(dossier)
    result.returned_at = at
    update(result, "returned_at")
    record(CorrectionReturned(result.code), subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return dossier


def _record(
    kind: type[CorrectionGranted | CorrectionDeclined], dossier: Dossier, *, by: Actor, at: datetime, words: str = ""
) -> None:
    standing = dossier.results.filter(issued_at__isnull=False).order_by("-version").first()
    assert standing is not None
    record(kind(standing.code), subject=dossier, by=by, at=at, agency=dossier.agency_id, words=words)
