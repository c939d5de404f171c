"""What happens to dossiers, counted twice over: by channel for agencies and times, by procedure for procedures and
fields. Two dimensions each, so that a year of a province stays small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Agency
from tinhso.core.indicators.declare import Delta, Indicator, Kind
from tinhso.core.ledger.consumers import Placed
from tinhso.systems.dossiers.models import Channel, Dossier, State


class What(StrEnum):
    """What is counted about a dossier."""

    RECEIVED = "received"
    AUTHENTICATED = "authenticated"  # of those: online, by an account whose holder has proven who they are
    REUSED = "reused"  # of those: with papers nobody had to hand in again
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    ELECTRONIC = "electronic"  # of the decided: came online, and every result is signed and sealed electronically
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    SUPPLEMENT = "supplement"
    BREACH = "breach"  # of those: asked again, against the rule
    CORRECTED = "corrected"  # a returned result had a mistake of the office and was issued anew


DECIDED = (What.EARLY, What.ON_TIME, What.LATE)
HOUR = 3600
# Working time in seconds: hours of the first day, then days of eight hours.
BUCKETS = tuple(h * HOUR for h in (1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 36, 40)) + tuple(
    d * 8 * HOUR for d in (6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 50, 60, 80, 100, 150, 200)
)

course = Indicator(
    "statistics.course",
    title=_("What happened to dossiers"),
    unit=_("dossiers"),
    kind=Kind.COUNT,
    dims=("what", "channel"),
)
of_procedures = Indicator(
    "statistics.of_procedures",
    title=_("What happened to dossiers, by procedure"),
    unit=_("dossiers"),
    kind=Kind.COUNT,
    dims=("procedure", "what"),
)
worked = Indicator(
    "statistics.worked",
    title=_("Working time to the result"),
    unit=_("seconds"),
    kind=Kind.HISTOGRAM,
    dims=("channel",),
    buckets=BUCKETS,
)
worked_of_procedures = Indicator(
    "statistics.worked_of_procedures",
    title=_("Working time to the result, by procedure"),
    unit=_("seconds"),
    kind=Kind.HISTOGRAM,
    dims=("procedure",),
    buckets=BUCKETS,
)
of_officers = Indicator(
    "statistics.of_officers",
    title=_("Working time to the result, by officer"),
    unit=_("seconds"),
    kind=Kind.HISTOGRAM,
    dims=("officer", "standing"),
    buckets=BUCKETS,
)
in_hand = Indicator("statistics.in_hand", title=_("Dossiers in hand"), unit=_("dossiers"), kind=Kind.STOCK)
overdue = Indicator(
    "statistics.overdue",
    title=_("Dossiers in hand and late"),
    unit=_("dossiers"),
    kind=Kind.LEVEL,
    dims=("procedure",),
)


def standing(data: dict[str, object]) -> What:
    """How an issued result stands to its promise. Recorded before it was asked, an early one counts as on time."""
    if not data["on_time"]:
        return What.LATE
    return What.EARLY if data["early"] else What.ON_TIME


def _whats(entry: Placed) -> Iterator[What]:
    match entry.event:
        case "dossiers.submitted":
            yield What.RECEIVED
            if entry.data["channel"] == Channel.ONLINE and entry.actor.startswith("account:"):
                yield What.AUTHENTICATED
        case "dossiers.result_issued":
            yield standing(entry.data)
            if entry.data["channel"] == Channel.ONLINE:
                yield What.ELECTRONIC
        case "dossiers.supplement_requested":
            yield What.SUPPLEMENT
            if entry.data["breach"]:
                yield What.BREACH
        case "dossiers.correction_issued":
            yield What.CORRECTED
        case "dossiers.papers_reused":
            yield What.REUSED
        case _:
            yield What(entry.event.removeprefix("dossiers."))


def _by_channel(entry: Placed) -> Iterable[Delta]:
    return [Delta(what, entry.data["channel"]) for what in _whats(entry)]


def _by_procedure(entry: Placed) -> Iterable[Delta]:
    return [Delta(entry.data["procedure"], what) for what in _whats(entry)]


for _name in (
    *("submitted", "result_issued", "refused", "withdrawn", "stopped"),
    *("supplement_requested", "papers_reused", "correction_issued"),
):
    course.on(f"dossiers.{_name}")(_by_channel)
    of_procedures.on(f"dossiers.{_name}")(_by_procedure)


@worked.on("dossiers.result_issued")
def _worked(entry: Placed) -> Delta | None:
    seconds = entry.data["worked"]
    return None if seconds is None else Delta(entry.data["channel"], amount=seconds)


@worked_of_procedures.on("dossiers.result_issued")
def _worked_of_procedure(entry: Placed) -> Delta | None:
    seconds = entry.data["worked"]
    return None if seconds is None else Delta(entry.data["procedure"], amount=seconds)


@of_officers.on("dossiers.result_issued")
def _of_officer(entry: Placed) -> Delta | None:
    officer, seconds = entry.data["officer"], entry.data["worked"]
    return None if officer is None or seconds is None else Delta(officer, standing(entry.data), seconds)


def _comes(entry: Placed) -> Delta | None:
    """As `dossiers.open`: one that only waits to be fetched, or is only received here, is not in hand."""
    only_waits = entry.data.get("state") == State.PROCESSED
    return None if only_waits or not entry.data.get("competent", True) else Delta()


def _goes(_entry: Placed) -> Delta:
    return Delta(amount=-1)


for _name in ("submitted", "taken_over", "inherited", "transferred"):
    in_hand.on(f"dossiers.{_name}")(_comes)
for _name in ("left_agency", "refused", "withdrawn", "stopped", "result_issued"):
    in_hand.on(f"dossiers.{_name}")(_goes)


def late_at(at: datetime, agencies: Collection[UUID]) -> Counter[tuple[UUID, str]]:
    """Open at that moment in these agencies with the promise broken, by agency and procedure; a clock that stands still
    breaks none. By the indexes of open dossiers, and of those each agency finished since."""
    found: Counter[tuple[UUID, str]] = Counter()
    due = Dossier.objects.filter(agency__in=agencies, due_at__lt=at)
    for rows in (due.filter(finished_at=None).exclude(state=State.SUPPLEMENT), due.filter(finished_at__gte=at)):
        for agency, procedure, n in rows.values_list("agency_id", "procedure_code").annotate(n=Count("pk")).order_by():
            found[agency, procedure] += n
    return found


@overdue.measured
def _everywhere(at: datetime) -> list[tuple[UUID, str, str, int]]:
    found = late_at(at, list(Agency.objects.values_list("pk", flat=True)))
    return [(agency, procedure, "", n) for (agency, procedure), n in found.items()]
