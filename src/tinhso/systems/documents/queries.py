"""Reads of documents: whose they are, who may see them, what waits for somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tinhso.core.agencies.models import Agency, Kind, Role, Staff
from tinhso.core.process.models import Task
from tinhso.core.process.queries import inbox

from .models import Assignment, Direction, Document, State

READERS = (Role.CLERK, Role.LEADER, Role.UNIT_HEAD, Role.AUDITOR)  # read all their agency holds
STAFF = (*READERS, Role.OFFICER, Role.RECEPTIONIST)
SUBJECTS = ("documents.document", "documents.assignment")
WHOLE = ("agency", "number__book", "sender", "issued__file", "drafter", "signer__account", "reply_to")
SHOWN = 30


def house_of(agency: Agency) -> Agency:
    """The agency itself, or of a unit the one it is a part of: registers are an agency's, not a unit's."""
    if agency.kind != Kind.UNIT:
        return agency
    above = {one.pk: one for one in Agency.objects.filter(pk__in=agency.path).exclude(kind=Kind.UNIT)}
    return next(above[pk] for pk in reversed(agency.path) if pk in above)


def visible(staff: Staff | None) -> QuerySet[Document]:
    """What somebody may read: those who keep and lead an agency, all it holds; others what they draft or were given.
    Agencies below keep their own: nobody above reads along."""
    if staff is None or not staff.has_role(*STAFF):
        return Document.objects.none()
    merged = Agency.objects.filter(successor=staff.agency_id).values_list("pk", flat=True)
    houses = {house_of(staff.agency).pk, *merged}
    rows = Document.objects.select_related(*WHOLE)
    given = Q(assignee__in=staff.does_work_of) | Q(assignee=None, agency=staff.agency_id)
    mine: Any = Q(drafter__in=staff.does_work_of) | Exists(Assignment.objects.filter(given, document=OuterRef("pk")))
    if staff.has_role(*READERS) and staff.agency.kind != Kind.UNIT:
        mine |= ~Q(state__in=(State.DRAFT, State.DROPPED))
    return rows.filter(mine, agency__in=houses)


def register(staff: Staff, direction: Direction) -> QuerySet[Document]:
    """What an agency has received, or sent and is about to send, the newest first."""
    return visible(staff).filter(direction=direction).exclude(state=State.DROPPED).order_by("-created_at", "-id")


def drafts(staff: Staff) -> QuerySet[Document]:
    """What one is writing."""
    return visible(staff).filter(drafter__in=staff.does_work_of, state=State.DRAFT).order_by("-created_at")


def tasks(staff: Staff, limit: int = 60) -> list[tuple[Task, Document]]:
    """What waits for somebody, soonest due first, each with its document."""
    found = inbox(staff, limit=limit, subjects=SUBJECTS)
    given = dict(Assignment.objects.filter(pk__in=[task.subject_id for task in found]).values_list("pk", "document_id"))
    documents = Document.objects.select_related(*WHOLE).in_bulk([given.get(t.subject_id, t.subject_id) for t in found])
    pairs = ((task, documents.get(given.get(task.subject_id, task.subject_id))) for task in found)
    return [(task, document) for task, document in pairs if document is not None]


def assignments(document: Document) -> list[Assignment]:
    """All orders given from it, each after the one it was handed down from."""
    rows = list(document.assignments.select_related("agency", "assignee", "given_by").order_by("given_at", "pk"))
    below: dict[object, list[Assignment]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def tree(parent: object) -> list[Assignment]:
        return [each for row in below.get(parent, ()) for each in (row, *tree(row.pk))]

    return tree(None)


def mine(document: Document, staff: Staff) -> Assignment | None:
    """The open order that this member of staff has from it."""
    given = Q(assignee__in=staff.does_work_of) | Q(assignee=None, agency=staff.agency_id)
    if not staff.has_role(*STAFF):
        return None
    rows = document.assignments.filter(given, done_at=None).select_related("agency", "document")
    return rows.order_by("parent", "given_at").first()


def signers(staff: Staff, at: datetime) -> QuerySet[Staff]:
    """Who may sign for an agency."""
    posts = Staff.objects.open_at(at).filter(agency=house_of(staff.agency), roles__contains=[Role.LEADER])
    return posts.select_related("account").order_by("valid_from", "pk")


def people(staff: Staff, at: datetime) -> QuerySet[Staff]:
    """To whom work may be given: posts of the agency and of its units."""
    house = house_of(staff.agency)
    inside = Agency.objects.filter(Q(pk=house.pk) | Q(path__contains=[house.pk], kind=Kind.UNIT))
    roles = [Role.OFFICER, Role.UNIT_HEAD, Role.CLERK, Role.RECEPTIONIST, Role.LEADER]
    posts = Staff.objects.open_at(at).filter(agency__in=inside.values("pk"), roles__overlap=roles)
    return posts.select_related("account", "agency").order_by("agency__code", "account__display_name")


def addressees(staff: Staff, at: datetime) -> QuerySet[Agency]:
    """Agencies that a document may go to: of the state, of the Party and of the Front, but units of others."""
    return (
        Agency.objects.open_at(at)
        .exclude(kind=Kind.UNIT)
        .exclude(pk=house_of(staff.agency).pk)
        .order_by("path__len", "code")
    )
