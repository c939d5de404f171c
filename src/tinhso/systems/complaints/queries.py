"""Reads of complaints: one's own, those an official may see, who had a dossier in hand, and who is to answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.agencies.queries import above, agencies_of
from tinhso.core.ledger.actions import Refused
from tinhso.core.process.models import Task
from tinhso.systems.dossiers.models import Dossier, Result

from .models import About, Complaint, State

READERS = (Role.LEADER, Role.AUDITOR)
_WHOLE = ("dossier", "agency", "complained", "number__book", "answer_number", "issued", "signer__account")


def about(dossier: Dossier) -> list[Complaint]:
    """All complaints about a dossier, the newest first; for whoever may follow the dossier as its applicant."""
    rows = Complaint.objects.filter(dossier=dossier).select_related(*_WHOLE).defer("dossier__answers")
    return list(rows.order_by("-filed_at", "-id"))


def visible(staff: Staff | None) -> QuerySet[Complaint]:
    """What leaders and auditors of the agencies that answer, and of those above, may see; never what is about
    themselves."""
    if staff is None:
        return Complaint.objects.none()
    rows = Complaint.objects.filter(agency__in=agencies_of(staff, READERS).values("pk"))
    return rows.exclude(involved__contains=[staff.account_id]).select_related(*_WHOLE)


def to_answer(staff: Staff) -> QuerySet[Complaint]:
    """What waits for the leaders of this very agency."""
    rows = visible(staff).filter(agency=staff.agency_id, state__in=(State.FILED, State.TAKEN_ON))
    return rows if staff.has_role(Role.LEADER) else rows.none()


def involved(dossier: Dossier) -> list[UUID]:
    """Accounts that had it in hand: who did or has any of its steps, and who signed."""
    found: set[UUID] = set()
    for assignee, closed_by in Task.objects.filter(subject_id=dossier.pk).values_list("assignee", "closed_by"):
        kind, _colon, who = closed_by.partition(":")
        found |= {assignee} if assignee else set()
        found |= {UUID(who)} if kind == "account" else set()
    signers = Result.objects.filter(dossier=dossier).values_list("signer__account", flat=True)
    return sorted((found | set(signers)) - {dossier.account_id})


def whose(dossier: Dossier, subject: About) -> Agency:
    """Whose doing a complaint is about."""
    return dossier.receiving_agency if subject == About.COUNTER else dossier.agency


def competent(start: Agency, hands: list[UUID], at: datetime) -> Agency:
    """The agency itself, or its successor, or the nearest above, where a leader had no hand in it."""
    agency: UUID | None = start.successor_id or start.pk
    while agency:
        leaders = Staff.objects.open_at(at).filter(agency=agency, roles__contains=[Role.LEADER])
        if leaders.exclude(account__in=hands).exists():
            return Agency.objects.get(pk=agency)
        agency = above(agency)
    message = _("No leader who had no hand in this dossier was found. Please send it on paper to the province.")
    raise Refused("nobody_competent", message)


def leaders(complaint: Complaint, at: datetime) -> list[Account]:
    """Who may answer it."""
    posts = Staff.objects.open_at(at).filter(agency=complaint.agency_id, roles__contains=[Role.LEADER])
    return [post.account for post in posts.exclude(account__in=complaint.involved).select_related("account")]
