"""What a decided dossier took: told to the ledger when its result is issued, so that figures need not ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from tinhso.core.ledger.rows import find
from tinhso.core.process.models import Task
from tinhso.core.worktime.queries import calendar_for

from .models import Dossier, Earlier


@dataclass(frozen=True)
class Effort:
    """`worked`: seconds of working time of the agency from acceptance on, without what the applicant was waited for,
    here or in the system it began in. `officer`: the account that submitted it for signature last."""

    early: bool
    worked: int
    officer: UUID | None


def effort(dossier: Dossier, *, at: datetime) -> Effort:
    """Of a dossier whose result is issued at that moment. Early is an earlier day than promised (as form 06 says)."""
    asked = "subject_id = %s AND closed_at IS NOT NULL AND (role = '' OR outcome = 'propose') ORDER BY closed_at, id"
    earlier = find(Earlier, "dossier_id = %s AND until IS NOT NULL ORDER BY id", [dossier.pk])
    return took(dossier, find(Task, asked, [dossier.pk]), earlier, at=at)


def took(dossier: Dossier, tasks: Sequence[Task], earlier: Sequence[Earlier], *, at: datetime) -> Effort:
    """The same from its closed steps that waited for the applicant or proposed a result, and its earlier pauses.
    Whoever corrected the result later did not decide the dossier."""
    tasks = [task for task in tasks if task.closed_at and task.closed_at <= at]
    proposed = [task.closed_by for task in tasks if task.outcome == "propose"]
    waits = [(task.opened_at, task.closed_at or at) for task in tasks if task.waits_for_applicant]
    waits += [(line.at, line.until or at) for line in earlier]
    calendar, started = calendar_for(dossier.agency_id), dossier.accepted_at or dossier.submitted_at
    worked = calendar.between(started, at)
    worked -= sum((calendar.between(max(a, started), b) for a, b in waits if b > started), timedelta())
    kind, _colon, who = proposed[-1].partition(":") if proposed else ("", "", "")
    due = dossier.due_at
    return Effort(
        early=due is not None and timezone.localdate(at) < timezone.localdate(due),
        worked=max(0, round(worked.total_seconds())),
        officer=UUID(who) if kind == "account" else None,
    )
