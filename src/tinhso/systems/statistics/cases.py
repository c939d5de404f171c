"""From a figure down to its dossiers, newest first, a page at a time.

The cells behind a figure say on which days, in which agencies there are any; only dossiers of those days and agencies
are read, by their indexes. So the hundredth page of a province's year is read as quickly as the first one of a commune.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.agencies.models import Agency
from tinhso.core.indicators.queries import places
from tinhso.core.ledger.actions import Refused
from tinhso.systems.dossiers.models import Channel, Dossier, State

from .indicators import DECIDED, What
from .periods import Period
from .queries import Scope

PAGE = 30
CELLS = 90  # looked at for one page
ROUNDS = 8  # of such looks, where few of the counted are still to be found
SALT = "tinhso.statistics.cases"
LISTS: dict[str, Any] = {
    What.RECEIVED: gettext_lazy("Received"),
    "online": gettext_lazy("Received online"),
    What.AUTHENTICATED: gettext_lazy("Received online, identity proven"),
    What.REUSED: gettext_lazy("With reused papers"),
    "decided": gettext_lazy("Decided"),
    What.EARLY: gettext_lazy("Before the due date"),
    What.ON_TIME: gettext_lazy("On time"),
    "kept": gettext_lazy("Early or on time"),
    What.LATE: gettext_lazy("Overdue"),
    What.ELECTRONIC: gettext_lazy("Wholly electronic"),
    What.REFUSED: gettext_lazy("Refusals"),
    What.WITHDRAWN: gettext_lazy("Withdrawals"),
    What.STOPPED: gettext_lazy("Stops"),
    What.SUPPLEMENT: gettext_lazy("Asked to complete"),
    What.BREACH: gettext_lazy("Asked again"),
    What.CORRECTED: gettext_lazy("Corrected results"),
    "start": gettext_lazy("In hand at the beginning"),
    "end": gettext_lazy("In hand at the end"),
    "overdue": gettext_lazy("In hand and late"),
}
COUNTED: dict[str, tuple[What, ...]] = {
    "online": (What.RECEIVED,),
    "decided": DECIDED,
    "kept": (What.EARLY, What.ON_TIME),
}
STOCKS = ("start", "end", "overdue")


@dataclass(frozen=True)
class Wanted:
    """Which dossiers: counted as `what`, of a scope, in a period; of one channel or officer where that is said."""

    what: str
    of: Scope
    when: Period
    channel: str = ""
    officer: UUID | None = None
    own: bool = False  # of the agency itself, without those below

    @property
    def agency(self) -> UUID | None:
        """None: the whole province."""
        return self.of.of.pk if self.own or self.officer else self.of.agency

    @property
    def exact(self) -> bool:
        return self.own or self.officer is not None


@dataclass(frozen=True)
class Listed:
    """A page: the dossiers, each with when it was counted; `after` is the cursor of the next page."""

    items: list[tuple[Dossier, datetime]]
    after: str


def cases(wanted: Wanted, *, after: str = "", at: datetime) -> Listed:
    """The dossiers behind a figure. Raises `Refused("cursor_invalid")` for a cursor of another list."""
    start = _read(after) if after else None
    found = _standing(wanted, start, at) if wanted.what in STOCKS else _counted(wanted, start)
    page = found[:PAGE]
    rows = Dossier.objects.select_related("agency").defer("answers", "salt").in_bulk([pk for _at, pk in page])
    items = [(rows[pk], moment) for moment, pk in page if pk in rows]
    return Listed(items, signing.dumps([page[-1][0].isoformat(), str(page[-1][1])], salt=SALT) if found[PAGE:] else "")


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, pk = signing.loads(cursor, salt=SALT)
        return datetime.fromisoformat(moment), UUID(pk)
    except (signing.BadSignature, ValueError, TypeError) as wrong:
        message = _("This cursor does not belong to this list. Start at the first page.")
        raise Refused("cursor_invalid", message, status=400) from wrong


Found = list[tuple[datetime, UUID]]


def _counted(wanted: Wanted, start: tuple[datetime, UUID] | None) -> Found:
    """Enough for a page and one more, from the latest days on which the figure was counted."""
    found: Found = []
    until = timezone.localtime(start[0]).date() if start else wanted.when.until
    for _round in range(ROUNDS):
        name, where = _cells(wanted)
        days, more = places(
            name,
            since=wanted.when.since,
            until=until,
            agency=wanted.agency,
            exact=wanted.exact,
            where=where,
            limit=CELLS,
        )
        if not days:
            break
        if more:  # the last day may go on: it is left to the next look, or read whole
            last = min(days)
            days = {last: []} if len(days) == 1 else {day: them for day, them in days.items() if day != last}
        found += _rows(wanted, days, start, PAGE + 1 - len(found))
        if len(found) > PAGE or not more:
            break
        until = min(days) - timedelta(days=1)
        if until < wanted.when.since:
            break
    return found


def _cells(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """The indicator that counted them, and which of its cells."""
    whats = COUNTED.get(wanted.what, (wanted.what,))
    channel = str(int(Channel.ONLINE)) if wanted.what == "online" else wanted.channel
    if wanted.officer:
        return "statistics.of_officers", {"officer": str(wanted.officer), "standing": whats}
    if wanted.of.procedures is None:
        return "statistics.course", {"what": whats} | ({"channel": channel} if channel else {})
    if channel and whats == (What.RECEIVED,):
        return "dossiers.submitted", {"procedure": wanted.of.procedures, "channel": channel}
    return "statistics.of_procedures", {"procedure": wanted.of.procedures, "what": whats}


_WHEN = {What.RECEIVED: "submitted_at", "online": "submitted_at", What.AUTHENTICATED: "submitted_at"}
_WHEN |= {What.REUSED: "submitted_at"}
_REQUESTS = (What.SUPPLEMENT, What.BREACH)
_FINISHED = "d.state = ANY('{9,10}') AND "
_TESTS: dict[str, str] = {
    What.RECEIVED: "true",
    "online": "d.channel = 2",
    What.AUTHENTICATED: "d.channel = 2 AND d.account_id IS NOT NULL",
    What.REUSED: "EXISTS (SELECT 1 FROM dossiers_component c JOIN files_filelink f ON f.id = c.file_id"
    " WHERE c.dossier_id = d.id AND c.supplement_id IS NULL AND f.origin <> '')",
    "decided": _FINISHED + "true",
    What.ELECTRONIC: _FINISHED + "d.channel = 2",
    "kept": _FINISHED + "d.finished_at <= d.due_at",
    What.EARLY: _FINISHED + "d.finished_at <= d.due_at AND (d.finished_at AT TIME ZONE %(zone)s)::date"
    " < (d.due_at AT TIME ZONE %(zone)s)::date",
    What.ON_TIME: _FINISHED + "d.finished_at <= d.due_at AND (d.finished_at AT TIME ZONE %(zone)s)::date"
    " = (d.due_at AT TIME ZONE %(zone)s)::date",
    What.LATE: _FINISHED + "d.finished_at > d.due_at",
    What.WITHDRAWN: "d.state = 7",
    What.REFUSED: "d.state = ANY('{3,8}') AND"
    " EXISTS (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id AND l.form = '03')",
    What.STOPPED: "d.state = 8 AND"
    " NOT EXISTS (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id AND l.form = '03')",
    What.SUPPLEMENT: "true",
    What.BREACH: "s.breach",
    What.CORRECTED: "true",
}
_OFFICER = (
    "(SELECT t.closed_by FROM process_task t WHERE t.subject_id = d.id AND t.outcome = 'propose'"
    " AND t.closed_at <= d.finished_at"
    " ORDER BY t.closed_at DESC, t.id DESC LIMIT 1) = %(officer)s"
)


def _rows(wanted: Wanted, days: dict[date, list[UUID]], start: tuple[datetime, UUID] | None, limit: int) -> Found:
    """Dossiers of these days and agencies (of one day with none named: the whole scope), newest first."""
    edges = [(day, one) for day, agencies in days.items() for one in (agencies or _everybody(wanted))]
    asks = wanted.what in _REQUESTS
    corrected = wanted.what == What.CORRECTED
    when = "l.made_at" if asks else "r.issued_at" if corrected else f"d.{_WHEN.get(wanted.what, 'finished_at')}"
    tables = "dossiers_dossier d"
    if asks:
        tables = "dossiers_letter l JOIN dossiers_supplement s ON s.letter_id = l.id JOIN dossiers_dossier d"
        tables += " ON d.id = l.dossier_id AND l.form = '02'"
    if corrected:
        tables += " JOIN dossiers_result r ON r.dossier_id = d.id AND r.version > 1"
    tests = [_TESTS[wanted.what]]
    values: dict[str, Any] = {"zone": timezone.get_default_timezone_name(), "limit": limit}
    values |= {"agencies": [one for _day, one in edges]}
    values |= {"starts": [_midnight(d) for d, _one in edges], "ends": [_midnight(d, 1) for d, _one in edges]}
    tests.append(f"d.agency_id = p.agency AND {when} >= p.a AND {when} < p.b")
    if wanted.of.procedures is not None:
        values["procedures"] = list(wanted.of.procedures)
        tests.append("d.procedure_code = ANY(%(procedures)s)")
    if wanted.channel:
        values["channel"] = int(wanted.channel)
        tests.append("d.channel = %(channel)s")
    if start:
        values |= {"moment": start[0], "pk": start[1]}
        tests.append(f"({when}, d.id) < (%(moment)s, %(pk)s)")
    if wanted.officer:
        values["officer"] = f"account:{wanted.officer}"
        tests.append(_OFFICER)
    newest = "ORDER BY 1 DESC, 2 DESC LIMIT %(limit)s"
    statement = f"SELECT {when} AS at, d.id FROM {tables} WHERE {' AND '.join(tests)} {newest}"  # noqa: S608  # our own names
    # Place by place, so that nothing but the index of agency and time can serve.
    each = "unnest(%(agencies)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS p (agency, a, b)"
    statement = f"SELECT x.at, x.id FROM {each} CROSS JOIN LATERAL ({statement}) AS x {newest}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _everybody(wanted: Wanted) -> list[UUID]:
    """Every agency of the scope."""
    if wanted.exact:
        return [wanted.of.of.pk]
    agencies = Agency.objects.all() if wanted.agency is None else Agency.objects.below(wanted.of.of)
    return list(agencies.values_list("pk", flat=True))


def _midnight(day: date, later: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=later), time.min))


def _standing(wanted: Wanted, start: tuple[datetime, UUID] | None, at: datetime) -> Found:
    """What was in hand at a moment, the last submitted first."""
    end = _midnight(wanted.when.since) if wanted.what == "start" else min(at, _midnight(wanted.when.until, 1))
    rows = _in_hand(end, now=end == at)
    if wanted.exact:
        rows = rows.filter(agency=wanted.agency)
    elif wanted.agency:
        rows = rows.filter(agency__in=Agency.objects.below(wanted.of.of).values("pk"))
    if wanted.of.procedures is not None:
        rows = rows.filter(procedure_code__in=wanted.of.procedures)
    if wanted.what == "overdue":
        rows = rows.filter(due_at__lt=end)
        rows = rows.exclude(finished_at=None, state=State.SUPPLEMENT)
    if start:
        same = Q(submitted_at=start[0], pk__lt=start[1])
        rows = rows.filter(Q(submitted_at__lte=start[0]) & (Q(submitted_at__lt=start[0]) | same))
    return list(rows.order_by("-submitted_at", "-pk").values_list("submitted_at", "pk")[: PAGE + 1])


def _in_hand(end: datetime, *, now: bool) -> QuerySet[Dossier]:
    rows = Dossier.objects.filter(submitted_at__lt=end)
    if now:
        return rows.filter(finished_at=None)
    taken = Q(taken_over=None) | Q(taken_over__at__lt=end)
    return rows.filter(taken, Q(finished_at=None) | Q(finished_at__gte=end)).exclude(
        taken_over__isnull=False, finished_at__lt=F("taken_over__at")
    )
