"""The four figures on the wall, each with how fresh it is, what to compare it with, and the
dossiers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.agencies.queries import REACH, Reach, agencies_of
from tinhso.core.indicators.queries import figure

from .models import Dossier
from .queries import READERS

NAMES: dict[str, Any] = {
    "today": gettext_lazy("Submitted today"),
    "open": gettext_lazy("In process"),
    "late": gettext_lazy("Late now"),
    "on_time": gettext_lazy("On time this month"),
}
ON_TIME_TARGET = 95  # per cent; what the demo province has set itself


@dataclass(frozen=True)
class Shown:
    """One figure as the wall shows it."""

    name: str
    label: Any
    value: int | None
    unit: str
    trend: str
    as_of: datetime | None
    tone: str = ""
    target: str = ""


def all_of(staff: Staff, at: datetime) -> list[Shown]:
    """The figures in the reach of this post: its agency and, for those who lead, all below it."""
    if any(REACH.get(role) is Reach.BELOW for role in staff.roles):
        return [_today(staff.agency, at), _open(staff.agency, at), _late(staff, at), _on_time(staff.agency, at)]
    return []


def _today(agency: Agency, at: datetime) -> Shown:
    today = timezone.localtime(at).date()
    two_days = figure("dossiers.submitted", since=today - timedelta(days=1), until=today, agency=agency.pk, by="day")
    came = {row.of: row.count for row in two_days.rows}
    return Shown(
        "today",
        NAMES["today"],
        came.get(today, 0),
        _("dossiers"),
        _("yesterday %(n)d") % {"n": came.get(today - timedelta(days=1), 0)},
        two_days.as_of.at,
    )


def _open(agency: Agency, at: datetime) -> Shown:
    today = timezone.localtime(at).date()
    week = today - timedelta(days=7)
    now = figure("dossiers.open", since=week, until=today, agency=agency.pk, by="day")
    before = now.rows[0].sum
    return Shown("open", NAMES["open"], now.value, _("dossiers"), _("a week ago %(n)d") % {"n": before}, now.as_of.at)


def _late(staff: Staff, at: datetime) -> Shown:
    """Depends on now, so it is counted over open dossiers by a partial index, not folded."""
    rows = rows_of("late", staff, at)
    value, oldest = rows.aggregate(late=Count("pk"), oldest=Min("due_at")).values()
    trend = (
        _("the oldest since %(day)s") % {"day": f"{timezone.localtime(oldest):%d/%m}"} if oldest else _("none is late")
    )
    return Shown("late", NAMES["late"], value, _("dossiers"), trend, at, tone="late" if value else "done")


def _on_time(agency: Agency, at: datetime) -> Shown:
    today = timezone.localtime(at).date()
    done = figure("dossiers.processed", since=today.replace(day=1), until=today, agency=agency.pk, by="on_time")
    kept = sum(row.count for row in done.rows if row.of == "yes")
    share = round(100 * kept / done.value) if done.value else None
    return Shown(
        "on_time",
        NAMES["on_time"],
        share,
        "%" if share is not None else "",
        _("%(n)d results issued") % {"n": done.value},
        done.as_of.at,
        tone="" if share is None or share >= ON_TIME_TARGET else "late",
        target=f"{ON_TIME_TARGET} %",
    )


def rows_of(name: str, staff: Staff, at: datetime) -> QuerySet[Dossier]:
    """The dossiers behind a figure, decided in the reach of this post."""
    rows = Dossier.objects.filter(agency__in=agencies_of(staff, READERS).values("pk"))
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    if name == "today":
        return rows.filter(submitted_at__gte=midnight)
    if name == "open":
        return rows.filter(finished_at=None)
    if name == "late":
        return rows.filter(finished_at=None, due_at__lt=at)
    return rows.filter(finished_at__gte=midnight.replace(day=1), finished_at__lte=F("due_at"))
