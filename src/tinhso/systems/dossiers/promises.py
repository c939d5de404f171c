"""Promises that are about to end: an apology (form 04) is worth something only before they do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.ledger.actions import Actor, action, record
from tinhso.core.notify.actions import Message, Recipient, notify_all
from tinhso.core.notify.models import Notice
from tinhso.core.process.models import Task
from tinhso.core.worktime.calendar import Unit, WorkDuration
from tinhso.core.worktime.queries import calendar_for

from .events import PromisesEnding
from .models import Dossier, Extension, State

KIND = "dossiers.promises_ending"
NEXT = WorkDuration(1, Unit.WORKING_DAYS)
FAR = timedelta(days=21)  # longer than any holiday between two working days
HOUSE = Actor.system("jobs")


def warn_all(at: datetime) -> None:
    """In each agency that works today. Run again on the same day it tells nobody twice."""
    worked_on = Dossier.objects.filter(state__in=(State.ACCEPTED, State.IN_PROCESS), finished_at=None)
    soon = worked_on.filter(due_at__gt=at, due_at__lte=at + FAR).order_by("pk")
    ending: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    for agency, pk, due in soon.values_list("agency", "pk", "due_at"):
        if due:
            ending[agency].append((pk, due))
    today = timezone.localdate(at)
    for agency, promises in ending.items():
        calendar = calendar_for(agency)
        if calendar.hours(today):
            until = calendar.add(at, NEXT)
            warn(agency, [pk for pk, due in promises if due <= until], until=until, by=HOUSE, at=at)


@action
def warn(agency: UUID, dossiers: Collection[UUID], *, until: datetime, by: Actor, at: datetime) -> None:
    """Tell the officers whose dossiers these are, and the heads of their agency, how many promises end by then; not
    of those that have more time, or for which a leader is being asked."""
    deciding = Task.objects.filter(subject_id__in=dossiers, kind="extend", closed_at=None)
    asked = deciding.values_list("subject_id", flat=True)
    given = Extension.objects.filter(dossier__in=dossiers).exclude(letter=None).values_list("dossier", flat=True)
    open_promises = set(dossiers) - set(asked) - set(given)
    counts = _concerned(agency, open_promises, at)
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    before = Notice.objects.filter(kind=KIND, subject_id=agency, at__gte=midnight, account__in=counts)
    for told in before.values_list("account", flat=True):
        del counts[told]
    if not counts:
        return
    subject = Agency.objects.get(pk=agency)
    event = PromisesEnding(until, len(open_promises), tuple(sorted(counts)))
    entry = record(event, subject=subject, by=by, at=at, agency=agency)
    notify_all(
        Message(KIND, Recipient(account=one), subject, entry, at, {"count": count, "until": until})
        for one, count in counts.items()
    )


def _concerned(agency: UUID, dossiers: Collection[UUID], at: datetime) -> Counter[UUID]:
    """Accounts with how many of these concern them: heads all, officers those they have or had; what nobody has had
    yet concerns every officer."""
    posts = Staff.objects.open_at(at).filter(agency=agency)
    heads = set(posts.filter(roles__contains=[Role.UNIT_HEAD]).values_list("account", flat=True))
    officers = set(posts.filter(roles__contains=[Role.OFFICER]).values_list("account", flat=True))
    steps = Task.objects.filter(subject_id__in=dossiers, agency=agency, assignee__in=officers)
    whose: dict[UUID, set[UUID]] = defaultdict(set)
    for dossier, account in steps.values_list("subject_id", "assignee"):
        whose[dossier].add(account)
    return Counter(account for one in dossiers for account in heads | (whose[one] or officers))
