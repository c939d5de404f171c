"""How far behind we are with the portal, what it refuses, and what came from it; within an official's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from tinhso.core.agencies.models import Staff
from tinhso.core.agencies.queries import scope

from . import channel
from .models import Application, Item, Link, State

PAGE = 50
SLOW = timedelta(minutes=15)  # waiting longer than that is worth a warning


@dataclass(frozen=True)
class Overview:
    """The connection, and what of the reader's agencies waits."""

    configured: bool
    link: Link
    waiting: int
    oldest: datetime | None
    held: int  # of these behind a refused item of the same dossier
    free: datetime | None  # the oldest of the others
    rejected: int
    at: datetime

    @property
    def away(self) -> bool:
        return self.link.away_since is not None

    @property
    def behind(self) -> bool:
        """Whether something waits too long that no refusal holds up."""
        return self.free is not None and self.at - self.free > SLOW


def overview(staff: Staff | None, at: datetime) -> Overview:
    """Figures of the page, from partial indexes over what is open."""
    waiting = items(staff).filter(state=State.WAITING)
    refused = rejected(staff)
    held = Q(dossier__in=Item.objects.filter(state=State.REJECTED).values("dossier"))
    counted = waiting.aggregate(
        n=Count("pk"), oldest=Min("at"), held=Count("pk", filter=held), free=Min("at", filter=~held)
    )
    link = Link.objects.filter(pk=1).first() or Link()
    figures = (counted["n"], counted["oldest"], counted["held"], counted["free"], refused.count())
    return Overview(channel.configured(), link, *figures, at)


def items(staff: Staff | None) -> QuerySet[Item]:
    """Items about dossiers of the agencies within reach."""
    return scope(Item.objects.all(), staff)


def rejected(staff: Staff | None) -> QuerySet[Item]:
    """What the portal refuses, oldest first: the first of its dossier's line."""
    return items(staff).filter(state=State.REJECTED).select_related("dossier", "agency").order_by("order")


def applications(staff: Staff | None) -> QuerySet[Application]:
    """What came from the portal to agencies within reach, newest first. Without a known agency: the province's."""
    found = scope(Application.objects.all(), staff)
    if staff is not None and staff.agency.parent_id is None:
        found |= Application.objects.filter(agency=None)
    return found.select_related("dossier", "agency").order_by("-at")
