"""Asking other agencies for their opinion, and what they answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.agencies.queries import staff_of
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, record
from tinhso.core.ledger.events import canonical
from tinhso.core.process import actions as process
from tinhso.core.process.models import Task

from ..events import ConsultationAnswered, ConsultationAsked, ConsultationWaived
from ..models import Answer, Consultation, Dossier, State
from .common import case_of, task_of, work_on

ANSWERS = (Answer.AGREE, Answer.DISAGREE, Answer.NO_OPINION)
ASKING = (Role.OFFICER, Role.UNIT_HEAD, Role.LEADER)


def opened(task: Task, *, by: Actor, at: datetime) -> None:
    """A step of a consulted agency has begun, whoever led there: it may read the whole application and its papers
    until somebody who asks says less."""
    dossier = Dossier.objects.get(pk=task.subject_id)
    Consultation(
        dossier=dossier,
        task=task,
        asked_by_id=UUID(by.id) if by.kind == "account" else None,
        papers=list(dossier.components.values_list("pk", flat=True)),
    ).save(force_insert=True)
    event = ConsultationAsked(task.step, task.agency_id, task.due_at)
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)


@action
def consult(
    dossier: Dossier, *, question: str, form: bool, papers: Collection[UUID], by: Actor, at: datetime
) -> list[Consultation]:
    """Ask the agencies that the process names. They read the question and, of the dossier, the answers of the
    application (`form`) and those `papers`, until they have answered; the work waits where the process joins."""
    if len(question.strip()) < 10:
        message = _("Write what you ask, in at least a sentence.")
        raise Refused("question_missing", message, field="question", status=422)
    task = task_of(dossier, "appraise")
    tasks = process.complete(task, "consult", by=by, at=at, case=case_of(dossier))
    work_on(dossier, allowed=(State.ACCEPTED, State.IN_PROCESS), state=State.IN_PROCESS)
    mine = [pk for pk in dossier.components.values_list("pk", flat=True) if pk in papers]
    asked = Consultation.objects.filter(task__in=[one.pk for one in tasks])
    asked.update(question=question.strip(), form=form, papers=mine)
    return list(asked)


@action
def answer(
    consultation: Consultation, *, outcome: str, opinion: str, file: FileLink | None, by: Actor, at: datetime
) -> Dossier:
    """The consulted agency's opinion, with a file where it has one. Who does not agree says why."""
    if outcome not in ANSWERS:
        raise Refused("answer_missing", _("Choose one of the answers."), field="answer", status=422)
    if outcome == Answer.DISAGREE and len(opinion.strip()) < 10:
        message = _("Say why you do not agree, in at least a sentence.")
        raise Refused("opinion_missing", message, field="opinion", status=422)
    dossier, task = consultation.dossier, consultation.task
    following = process.complete(task, outcome, by=by, at=at, case=case_of(dossier))
    if file:
        files.attach(file, dossier, by=by, at=at)
    consultation.opinion, consultation.file = opinion.strip(), file
    consultation.answered_by_id = UUID(by.id) if by.kind == "account" else None
    consultation.save(update_fields=["opinion", "file", "answered_by"])
    said = canonical({"opinion": consultation.opinion, "file": file.file_id if file else ""})
    event = ConsultationAnswered(task.step, task.agency_id, outcome, dossier.digest(said.encode()))
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)
    give_back(dossier, following, by=by, at=at)
    return dossier


@action
def go_on_without(consultation: Consultation, *, staff: Staff, reason: str, by: Actor, at: datetime) -> Dossier:
    """Go on although an agency has not answered in its time; who does so says why."""
    dossier, task = consultation.dossier, consultation.task
    if not may_go_on(dossier, staff):
        raise NotAllowed(_("Only the agency that asked may go on without the answer."))
    if task.closed_at is None and not consultation.late_at(at):
        raise Refused("not_late_yet", _("This agency still has time to answer."))
    if len(reason.strip()) < 10:
        message = _("Say why you go on without the answer, in at least a sentence.")
        raise Refused("reason_missing", message, field="reason", status=422)
    following = process.complete(task, Answer.WAIVED, by=by, at=at, case=case_of(dossier))
    event = ConsultationWaived(task.step, task.agency_id)
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason.strip())
    give_back(dossier, following, by=by, at=at)
    return dossier


def may_go_on(dossier: Dossier, staff: Staff) -> bool:
    """Whether a post is of those who ask for this dossier: officers and heads of the agency that decides."""
    return staff.agency_id == dossier.agency_id and staff.has_role(*ASKING)


def give_back(dossier: Dossier, tasks: Collection[Task], *, by: Actor, at: datetime) -> None:
    """Appraising again is for who appraised before, as long as they hold that post; else for whoever is free."""
    before = Task.objects.filter(subject_id=dossier.pk, kind="appraise").exclude(assignee=None).order_by("-closed_at")
    for task in [one for one in tasks if one.kind == "appraise"]:
        last = before.filter(closed_at__isnull=False).select_related("assignee").first()
        if last and last.assignee and _still(last.assignee, task, at):
            process.assign(task, to=last.assignee, by=by, at=at)


def _still(account: Account, task: Task, at: datetime) -> bool:
    return any(post.agency_id == task.agency_id and task.role in post.roles for post in staff_of(account, at))
