"""Filing a complaint, looking into it, answering it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.agencies.queries import above
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, new_id, record
from tinhso.core.ledger.events import Event
from tinhso.core.ledger.rows import get, insert
from tinhso.core.numbering.actions import next_number
from tinhso.core.signing.events import whole
from tinhso.core.worktime.calendar import WorkDuration
from tinhso.core.worktime.queries import calendar_for
from tinhso.systems.dossiers.models import Dossier

from . import queries
from .events import (
    AnswerSigned,
    AnswerWritten,
    ComplaintAnswered,
    ComplaintFiled,
    ComplaintForgotten,
    ComplaintTakenOn,
    ComplaintWithdrawn,
)
from .limits import Limits, limits
from .models import OPEN, About, Complaint, Kind, Outcome, State

LONGEST = 10_000  # letters


@action
def file(
    dossier: Dossier, *, kind: str, about: str, words: str, account: Account, by: Actor, at: datetime
) -> Complaint:
    """Say what went wrong. It has its number at once and goes to whoever is competent, never to who had the dossier in
    hand. Who is not content with the answer to a complaint complains once more, to the agency above."""
    if kind not in Kind.values or about not in About.values:
        raise Refused("kind_missing", _("Choose what it is, and what it is about."), field="kind", status=422)
    if not 20 <= len(words := words.strip()) <= LONGEST:
        message = _("Say what happened and what you ask for, in at least a sentence.")
        raise Refused("words_missing", message, field="words", status=422)
    get(Dossier, "id = %s", [dossier.pk], lock=True)
    before = [one for one in queries.about(dossier) if one.state != State.WITHDRAWN]
    if any(one.is_open for one in before):
        raise Refused("open_already", _("A complaint about this dossier is being looked into. You hear from it first."))
    rules = limits(kind, timezone.localtime(at).date())
    first = next((one for one in before if one.kind == kind and kind == Kind.COMPLAINT), None)
    if first is not None and first.level > 1:
        message = _("It was decided twice. What remains is a suit at the administrative court.")
        raise Refused("decided_twice", message)
    whose, hands = queries.whose(dossier, About(about)), queries.involved(dossier)
    start = whose
    if first is None:
        _in_time(rules.file, dossier.returned_at or dossier.finished_at, at)
    else:
        _in_time(rules.again, first.answered_at, at)
        start = _above(first)
        hands += [first.signer.account_id] if first.signer else []
    agency = queries.competent(start, hands, at)
    one = Complaint(
        id=new_id(), dossier=dossier, account=account, level=2 if first else 1, kind=kind, about=about, words=words,
        complained=whose, agency=agency, involved=hands, filed_at=at, due_at=_due(agency, rules.take_on, at),
    )  # fmt: skip
    one.number = next_number("complaint", agency=agency.pk, subject=one, by=by, at=at)
    try:
        insert(one)
    except IntegrityError as error:
        if "complaint_one_open" not in str(error):
            raise
        raise Refused("open_already", _("A complaint about this dossier is being looked into.")) from None
    event = ComplaintFiled(
        kind, about, one.level, dossier.pk, whose.pk, str(one.number.value), one.due_at, dossier.digest(words.encode())
    )
    record(event, subject=one, by=by, at=at, agency=agency.pk)
    return one


def _in_time(given: timedelta | None, since: datetime | None, at: datetime) -> None:
    if given and since and at > since + given:
        day = f"{timezone.localtime(since + given):%d/%m/%Y}"
        message = _("The time to complain was over on %(day)s. You can still tell the agency by a reflection.")
        raise Refused("too_late", message % {"day": day})


def _above(first: Complaint) -> Agency:
    higher = above(first.agency_id)
    if higher is None:
        message = _(
            "The highest agency of the province has decided. What remains is a suit at the administrative court."
        )
        raise Refused("decided_twice", message)
    return Agency.objects.get(pk=higher)


def _due(agency: Agency, within: WorkDuration, at: datetime) -> datetime:
    return calendar_for(agency.pk).add(at, within)


def _judged(complaint: Complaint, staff: Staff, *allowed: State) -> Complaint:
    """Locked, if this leader may judge it and it is where they think."""
    locked = get(Complaint, "id = %s", [complaint.pk], lock=True)
    if staff.account_id in locked.involved:
        raise NotAllowed(_("You had this dossier in hand, so somebody else answers."))
    if staff.agency_id != locked.agency_id or not staff.has_role(Role.LEADER):
        raise NotAllowed(_("Only who leads the agency that answers may do this."))
    if locked.state not in allowed:
        raise Refused("already_done", _("A colleague has done this already, or it was withdrawn."))
    return locked


@action
def take_on(complaint: Complaint, *, complex_case: bool, staff: Staff, by: Actor, at: datetime) -> Complaint:
    """Look into it: the time to answer runs from now, the longer one where the case is complex."""
    one = _judged(complaint, staff, State.FILED)
    rules = _rules(one)
    within = (rules.complex if complex_case else rules.answer)[one.level - 1]
    one.state, one.taken_on_at, one.due_at = State.TAKEN_ON, at, _due(one.agency, within, at)
    one.save(update_fields=["state", "taken_on_at", "due_at"])
    record(ComplaintTakenOn(complex_case, one.due_at), subject=one, by=by, at=at, agency=one.agency_id)
    return one


def _rules(one: Complaint) -> Limits:
    return limits(one.kind, timezone.localtime(one.filed_at).date())


@action
def write_answer(complaint: Complaint, *, outcome: str, words: str, staff: Staff, by: Actor, at: datetime) -> Complaint:
    """State the outcome and why, for one's own signature; a job drafts the letter. Written again, it is drafted anew.
    What was not taken on can only be told that it is not."""
    from .jobs import draft_answer

    one = _judged(complaint, staff, State.FILED, State.TAKEN_ON)
    if outcome not in Outcome.values:
        raise Refused("outcome_missing", _("Choose what the answer is."), field="outcome", status=422)
    if not 20 <= len(words := words.strip()) <= LONGEST:
        raise Refused("words_missing", _("Give the reasons, in at least a sentence."), field="answer", status=422)
    if (one.state == State.FILED) != (outcome == Outcome.NOT_TAKEN_ON):
        message = _("Take it on first; or say that it cannot be taken on, as long as it was not.")
        raise Refused("not_taken_on", message, field="outcome", status=422)
    one.outcome, one.answer, one.signer, one.draft, one.revision = outcome, words, staff, None, one.revision + 1
    one.save(update_fields=["outcome", "answer", "signer", "draft", "revision"])
    record(AnswerWritten(outcome), subject=one, by=by, at=at, agency=one.agency_id)
    draft_answer.defer(complaint=str(one.pk), revision=one.revision)
    return one


@action
def sign_answer(
    complaint: Complaint, *, drafted: FileLink, link: FileLink, certificate: str, digest: str, staff: Staff, by: Actor,
    at: datetime,
) -> Complaint:  # fmt: skip
    """Keep what its writer signed, and number it; a job fills number and date in and seals."""
    from .jobs import seal_answer

    one = _judged(complaint, staff, State.FILED, State.TAKEN_ON)
    if one.draft_id != drafted.pk or one.signer_id != staff.pk:
        raise Refused("draft_changed", _("The answer has changed since you opened it. Read it again, then sign."))
    one.signed, one.signed_at, one.state = link, at, State.SIGNED
    one.answer_number = next_number("complaint-answer", agency=one.agency_id, subject=one, by=by, at=at)
    one.save(update_fields=["signed", "signed_at", "state", "answer_number"])
    event = AnswerSigned(str(one.answer_number.value), whole(certificate), digest)
    record(event, subject=one, by=by, at=at, agency=one.agency_id)
    seal_answer.defer(complaint=str(one.pk))
    return one


@action
def deliver(complaint: Complaint, *, link: FileLink, digest: str, by: Actor, at: datetime) -> Complaint:
    """Give the sealed answer to whoever complained. In time is when its leader signed in time."""
    one = get(Complaint, "id = %s", [complaint.pk], lock=True)
    if one.state != State.SIGNED or one.signed_at is None:
        raise Refused("already_done", _("This answer was delivered before."))
    one.issued, one.answered_at, one.state = link, at, State.ANSWERED
    one.save(update_fields=["issued", "answered_at", "state"])
    event = ComplaintAnswered(one.outcome, one.signed_at <= one.due_at, digest)
    record(event, subject=one, by=by, at=at, agency=one.agency_id)
    return one


@action
def withdraw(complaint: Complaint, *, by: Actor, at: datetime) -> Complaint:
    """Whoever filed it takes it back, before it is answered."""
    one = get(Complaint, "id = %s", [complaint.pk], lock=True)
    if one.state not in (State.FILED, State.TAKEN_ON):
        raise Refused("already_done", _("It has been answered already, or withdrawn."))
    one.state = State.WITHDRAWN
    one.save(update_fields=["state"])
    record(ComplaintWithdrawn(), subject=one, by=by, at=at, agency=one.agency_id)
    return one


@action
def forget(complaints: list[Complaint], *, by: Actor, at: datetime) -> None:
    """Erase words and letters; what is open ends. That there was one, and how it ended, stays in the record."""
    for one in complaints:
        ends: list[Event] = [ComplaintWithdrawn()] * (one.state in OPEN) + [ComplaintForgotten()]
        for event in ends:
            record(event, subject=one, by=by, at=at, agency=one.agency_id)
        one.words = one.answer = ""
        one.account, one.involved = None, []
        one.draft = one.signed = one.issued = None
        one.state = State.WITHDRAWN if one.state in OPEN else one.state
        one.save()
        files.release_of(one, by=by, at=at)
