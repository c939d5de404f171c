"""The figures of complaints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tinhso.core.indicators.declare import Delta, Indicator, Key, Kind, Recounted
from tinhso.core.ledger.consumers import Placed

from .models import OPEN, Complaint, State

filed = Indicator(
    "complaints.filed", title=_("Complaints received"), unit=_("complaints"), kind=Kind.COUNT, dims=("kind", "about")
)
answered = Indicator(
    "complaints.answered",
    title=_("Complaints answered"),
    unit=_("complaints"),
    kind=Kind.COUNT,
    dims=("outcome", "on_time"),
)


overdue = Indicator(
    "complaints.overdue", title=_("Complaints waiting and overdue"), unit=_("complaints"), kind=Kind.LEVEL
)


@filed.on("complaints.filed")
def _filed(entry: Placed) -> Delta:
    return Delta(entry.data["kind"], entry.data["about"])


@answered.on("complaints.answered")
def _answered(entry: Placed) -> Delta:
    return Delta(entry.data["outcome"], "yes" if entry.data["on_time"] else "no")


@filed.recounted
def _count_filed() -> Iterable[Recounted]:
    day = TruncDate("filed_at", tzinfo=timezone.get_default_timezone())
    place = "number__book__agency_id"  # where it was received; since then the agency may have been merged
    rows = Complaint.objects.annotate(day=day).values("day", place, "kind", "about").annotate(n=Count("pk"))
    for row in rows.order_by():
        yield Recounted(Key(row["day"], row[place], row["kind"], row["about"]), row["n"])


@answered.recounted
def _count_answered() -> Iterable[Recounted]:
    done = Complaint.objects.filter(state=State.ANSWERED)
    day = TruncDate("answered_at", tzinfo=timezone.get_default_timezone())
    for word, test in (("yes", Q(signed_at__lte=F("due_at"))), ("no", Q(signed_at__gt=F("due_at")))):
        rows = done.filter(test).annotate(day=day).values("day", "agency_id", "outcome").annotate(n=Count("pk"))
        for row in rows.order_by():
            yield Recounted(Key(row["day"], row["agency_id"], row["outcome"], word), row["n"])


@overdue.measured
def _overdue(at: datetime) -> list[tuple[UUID, str, str, int]]:
    rows = Complaint.objects.filter(state__in=OPEN, due_at__lt=at).values_list("agency_id").annotate(n=Count("pk"))
    return [(agency, "", "", n) for agency, n in rows.order_by()]
