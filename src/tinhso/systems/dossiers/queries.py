"""Reads of dossiers: one's own, those in an official's reach, where one is, and what proves it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.accounts.queries import authorities_of
from tinhso.core.agencies.models import Agency, Capacity, Role, Staff
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.ledger.rows import find
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks
from tinhso.core.ui.templatetags.ui import moment
from tinhso.core.worktime.queries import calendar_for

from .models import (
    CLOSED,
    Component,
    Consultation,
    Dossier,
    FeeReceipt,
    Letter,
    Note,
    Result,
    State,
    Supplement,
)

PAGE = 30
OF_RESULT = ("draft", "draft__file", "signed", "signed__file", "issued", "issued__file", "number", "number__book")
# Whose work it is to read dossiers. Administrators keep the house; its papers are not theirs to read.
READERS = (Role.RECEPTIONIST, Role.OFFICER, Role.UNIT_HEAD, Role.LEADER, Role.CLERK, Role.AUDITOR)


def of_account(account: Account, at: datetime) -> QuerySet[Dossier]:
    """Dossiers a person follows: those they submitted, those in their name from a counter, and those of the
    businesses they act for, whoever submitted them, as long as they do."""
    mine = Q(account=account, business=None)
    if account.person_id:
        businesses = authorities_of(account.person_id, at).values("business")
        mine |= Q(applicant=account.person_id) | Q(business__in=businesses.order_by())
    return Dossier.objects.filter(mine).order_by("-submitted_at", "-id")


def in_reach(staff: Staff | None) -> QuerySet[Dossier]:
    """Dossiers received or decided within an official's reach; none for nobody, nor for who only administers."""
    agencies = agencies_of(staff, READERS).values("pk")
    return Dossier.objects.filter(Q(agency__in=agencies) | Q(receiving_agency__in=agencies))


def consultations_of(staff: Staff | None) -> QuerySet[Consultation]:
    """What an official's agency is or was asked: by who holds the step's role there, and heads who reach it."""
    if staff is None:
        return Consultation.objects.none()
    heads = agencies_of(staff, (Role.UNIT_HEAD, Role.LEADER)).values("pk")
    role = Q(task__agency__in=agencies_of(staff, READERS).values("pk"), task__role__in=staff.roles)
    asked = Consultation.objects.filter(Q(task__agency__in=heads) | role)
    return asked.select_related("dossier__agency", "task__agency", "file__file")


def asked_of_others(staff: Staff) -> list[Consultation]:
    """Opinions that this official waits for, longest due first."""
    waiting = Consultation.objects.filter(asked_by__in=staff.does_work_of, task__closed_at=None)
    waiting = waiting.filter(dossier__agency=staff.agency_id, dossier__finished_at=None)
    waiting = waiting.select_related("dossier", "task__agency").defer("dossier__answers")
    return list(waiting.order_by("task__due_at", "pk")[:PAGE])


def waiting_for_applicants(staff: Staff) -> list[Supplement]:
    """What applicants of this agency's dossiers were asked to add and have not yet, longest due first: after that day
    somebody decides whether to wait, refuse or stop."""
    if not staff.has_role(Role.RECEPTIONIST, Role.OFFICER, Role.UNIT_HEAD):
        return []
    mine = Q(dossier__agency=staff.agency_id) | Q(dossier__receiving_agency=staff.agency_id)
    asked = Supplement.objects.filter(mine, received_at=None, dossier__state=State.SUPPLEMENT)
    return list(asked.select_related("dossier").defer("dossier__answers").order_by("until", "pk")[:PAGE])


def of_agency(agency: UUID) -> QuerySet[Dossier]:
    """Dossiers received or decided by an agency or anything below it."""
    below = Agency.objects.filter(path__contains=[agency]).values("pk")
    return Dossier.objects.filter(Q(agency__in=below) | Q(receiving_agency__in=below))


def by_slip(code: str, secret: str) -> Dossier | None:
    """The dossier of a code and the secret printed on its slip; both must be right."""
    dossier = Dossier.objects.filter(code=code.strip().upper()).first()
    return (
        dossier if dossier and hmac.compare_digest(dossier.secret.encode(), secret.strip().upper().encode()) else None
    )


def by_token(token: UUID) -> Result | None:
    """The result a QR points at; a draft is not a result yet."""
    return (
        Result.objects.select_related("dossier__agency", "dossier__variant", "number__book")
        .filter(token=token, issued__isnull=False)
        .first()
    )


def results_of(dossier: Dossier) -> list[Result]:
    """All of a dossier's, the first first: more than one where a mistake was corrected, or is being. A new dossier has
    none yet."""
    if dossier.state == State.NEW:
        return []
    rows = find(Result, "dossier_id = %s", [dossier.pk], related=OF_RESULT)
    for row in rows:
        row.dossier = dossier
    return sorted(rows, key=attrgetter("version"))


def papers_of(dossier: Dossier) -> list[Component]:
    """What was handed in, each with its file, the first first."""
    rows = find(Component, "dossier_id = %s", [dossier.pk], related=("file", "file__file"))
    return sorted(rows, key=attrgetter("pk"))


def letters_of(dossier: Dossier) -> list[Letter]:
    """The official letters, each with its number and its file, the first first."""
    rows = find(Letter, "dossier_id = %s", [dossier.pk], related=("number", "file"))
    return sorted(rows, key=attrgetter("made_at"))


def receipt_of(dossier: Dossier) -> FeeReceipt | None:
    """Of the fee, with its number; None as long as it is not paid, and where there is none."""
    rows = find(FeeReceipt, "dossier_id = %s", [dossier.pk], related=("number",)) if dossier.fee else []
    return rows[0] if rows else None


@dataclass(frozen=True)
class Whereabouts:
    """Where a dossier is, in one sentence, and what the applicant must do."""

    sentence: str
    todo: str = ""
    done: bool = False
    paused: bool = False


def moves(dossier: Dossier) -> bool:
    """Whether an open task says where it is; in any other state the state does."""
    return dossier.state in (State.NEW, State.ACCEPTED, State.IN_PROCESS, State.PAYMENT)


def whereabouts(dossier: Dossier, tasks: list[Task] | None = None) -> Whereabouts:
    """One sentence for the applicant, from the state and the open tasks; asked for where they are not given."""
    if dossier.state == State.RETURNED:
        if dossier.correct_by is not None:
            return Whereabouts(
                _("The result has been returned to you; the agency looks at a mistake in it."), done=True
            )
        return Whereabouts(_("The result has been returned to you."), done=True)
    if dossier.state == State.REFUSED:
        return Whereabouts(_("The dossier was not accepted. The letter below says why."), done=True)
    if dossier.state == State.WITHDRAWN:
        return Whereabouts(_("You have withdrawn this dossier."), done=True)
    if dossier.state == State.STOPPED:
        return Whereabouts(_("The agency has stopped processing. The letter below says why."), done=True)
    if dossier.state == State.SUPPLEMENT:
        return Whereabouts(
            _("The agency waits for you to complete it; the clock stands still."),
            todo=_("Add what the letter asks for, here or at the counter."),
            paused=True,
        )
    if dossier.state == State.PROCESSED:
        if dossier.fee and not dossier.receipts.exists():
            return Whereabouts(
                _("The result is ready."),
                todo=_("Come to the counter with the appointment slip; the fee is paid there in cash."),
            )
        return Whereabouts(_("The result is ready and will be handed to you."))
    tasks = open_tasks(dossier) if tasks is None else tasks
    step = tasks[0].name if tasks else State(dossier.state).label
    if dossier.due_at:
        return Whereabouts(_("At the step “%(step)s”.") % {"step": step})
    if tasks and tasks[0].due_at:
        due = moment(tasks[0].due_at)
        return Whereabouts(_("Waiting for the one-stop shop to check it, by %(due)s.") % {"due": due})
    return Whereabouts(_("Waiting for the one-stop shop to check it, within 8 working hours."))


@dataclass(frozen=True)
class Row:
    """One row of the queue: the task, the working time left (negative: late) and all it had."""

    task: Task
    left: timedelta
    total: timedelta


@dataclass(frozen=True)
class Group:
    """Rows of the queue that are due alike."""

    key: str
    label: str
    rows: list[Row]


def grouped(tasks: list[Task], at: datetime) -> list[Group]:
    """The queue as people think of it: late, today, this week, later."""
    today = timezone.localtime(at).replace(hour=23, minute=59, second=59)
    week = today + timedelta(days=6 - today.weekday())
    groups = [
        Group("late", _("Late"), []),
        Group("today", _("Today"), []),
        Group("week", _("This week"), []),
        Group("later", _("Later"), []),
    ]
    for task in tasks:
        due = task.due_at or at
        index = 0 if due < at else 1 if due <= today else 2 if due <= week else 3
        groups[index].rows.append(row_of(task, at))
    return [g for g in groups if g.rows]


def row_of(task: Task, at: datetime) -> Row:
    """A task with its working time, by the calendar of its agency."""
    if task.due_at is None:
        return Row(task, timedelta(), timedelta())
    calendar = calendar_for(task.agency_id)
    left = calendar.between(at, task.due_at) if task.due_at >= at else -calendar.between(task.due_at, at)
    return Row(task, left, calendar.between(task.opened_at, task.due_at))


WORKING = (Role.RECEPTIONIST, Role.OFFICER, Role.UNIT_HEAD, Role.CLERK)


def colleagues(staff: Staff, at: datetime) -> list[tuple[Account, int]]:
    """All who do steps of dossiers in this agency, who has least to do first."""
    return officers(staff, at, *WORKING)


def officers(staff: Staff, at: datetime, *roles: str) -> list[tuple[Account, int]]:
    """Who may be given work in this agency, by default its officers, with how many open tasks each has."""
    held = list(roles or (Role.OFFICER,))
    posts = Staff.objects.open_at(at).filter(agency=staff.agency_id, roles__overlap=held).select_related("account")
    load: dict[UUID, int] = {}
    for assignee in Task.objects.filter(
        agency=staff.agency_id, closed_at=None, assignee__in=[p.account_id for p in posts]
    ).values_list("assignee", flat=True):
        load[assignee] = load.get(assignee, 0) + 1
    return sorted(((p.account, load.get(p.account_id, 0)) for p in posts), key=lambda pair: pair[1])


def signers(staff: Staff, at: datetime) -> QuerySet[Staff]:
    """Who may sign for this agency, its head first."""
    return (
        Staff.objects.open_at(at)
        .filter(agency=staff.agency_id, roles__contains=[Role.LEADER])
        .select_related("account")
        .order_by(Case(When(capacity=Capacity.KT, then=1), default=0), "valid_from", "pk")
    )


def others_of(dossier: Dossier, staff: Staff) -> list[Dossier]:
    """The applicant's other dossiers, as far as this official may see them."""
    if dossier.business_id:
        rows = in_reach(staff).filter(business=dossier.business_id).exclude(pk=dossier.pk)
    elif dossier.applicant_id:
        rows = in_reach(staff).filter(applicant=dossier.applicant_id).exclude(pk=dossier.pk)
    else:
        return []
    return list(rows.defer("answers").order_by("-submitted_at")[:10])


@dataclass(frozen=True)
class Likely:
    """A dossier that may be the same one again, and why it seems so."""

    dossier: Dossier
    why: str


def duplicates(dossier: Dossier, staff: Staff) -> list[Likely]:
    """Open dossiers of the same applicant for the same procedure, and those with the very same file although
    somebody else applies or the procedure is the same; as far as this official may see them."""
    reach = in_reach(staff).exclude(pk=dossier.pk).defer("answers").order_by("-submitted_at")
    same = Q(business=dossier.business_id) if dossier.business_id else Q(applicant=dossier.applicant_id)
    known = bool(dossier.business_id or dossier.applicant_id)
    found: dict[UUID, Likely] = {}
    if known:
        again = reach.filter(same, procedure_code=dossier.procedure_code, finished_at=None)
        found = {one.pk: Likely(one, _("The same applicant and procedure, still open.")) for one in again[:5]}
    digests = list(dossier.components.values_list("file__file", flat=True))
    if digests:
        alike = reach.filter(components__file__file__in=digests)
        other = ~same if known else Q()
        for one in alike.filter(Q(procedure_code=dossier.procedure_code) | other).distinct()[:5]:
            found.setdefault(one.pk, Likely(one, _("It holds the very same file.")))
    return list(found.values())


def notes_of(dossier: Dossier) -> list[Note]:
    """What officials told each other, oldest first."""
    return list(dossier.notes.select_related("author").order_by("at", "pk"))


def may_be_told(dossier: Dossier, staff: Staff, at: datetime) -> list[Account]:
    """Colleagues of one's own agency to mention, where the agency reaches the dossier."""
    if staff.agency_id not in (dossier.agency_id, dossier.receiving_agency_id):
        return []
    posts = Staff.objects.open_at(at).filter(agency=staff.agency_id, roles__overlap=list(READERS))
    accounts = Account.objects.filter(pk__in=posts.values("account")).exclude(pk=staff.account_id)
    return list(accounts.order_by("display_name"))


def open_dossiers(staff: Staff) -> QuerySet[Dossier]:
    """Dossiers in reach that are not finished."""
    return in_reach(staff).exclude(state__in=CLOSED)
