"""What must hold of every dossier, found from the rows alone and, for due times, by another calculation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from tinhso.core.worktime.calendar import ZONE, Calendar
from tinhso.core.worktime.queries import calendar_for

from ..models import Dossier

# (what is wrong, a query for the codes of dossiers where it is)
FAULTS = (
    ("an open dossier without exactly one way on", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state IN (1, 2, 4, 9) AND NOT EXISTS
        (SELECT 1 FROM process_task t WHERE t.subject_id = d.id AND t.closed_at IS NULL)"""),
    ("a closed dossier with an open task", """
        SELECT d.code FROM dossiers_dossier d JOIN process_task t ON t.subject_id = d.id
        WHERE d.state IN (3, 7, 8, 10) AND t.closed_at IS NULL"""),
    ("an accepted dossier without a slip", """
        SELECT d.code FROM dossiers_dossier d WHERE d.accepted_at IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id AND l.form = '01')"""),
    ("a refused dossier without form 03", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state IN (3, 8) AND NOT EXISTS
        (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id AND l.form = '03')"""),
    ("processed without a numbered result", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state IN (9, 10) AND NOT EXISTS
        (SELECT 1 FROM dossiers_result r WHERE r.dossier_id = d.id AND r.number_id IS NOT NULL
         AND r.issued_at = d.finished_at AND r.signed_at <= r.numbered_at)"""),
    ("returned with the fee owed", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state = 10 AND d.fee > 0 AND NOT EXISTS
        (SELECT 1 FROM dossiers_feereceipt f WHERE f.dossier_id = d.id AND f.amount = d.fee)"""),
    ("times out of order", """
        SELECT code FROM dossiers_dossier WHERE accepted_at < submitted_at OR finished_at < submitted_at
        OR returned_at < finished_at OR finished_at IS NULL <> (state IN (1, 2, 4))
        OR returned_at IS NULL = (state = 10)"""),
    ("a task out of order", """
        SELECT code FROM process_task WHERE subject_kind = 'dossiers.dossier' AND closed_at < opened_at"""),
    ("no entry of its submission, or two", """
        SELECT d.code FROM dossiers_dossier d
        LEFT JOIN ledger_entry e ON e.subject_id = d.id AND e.event = 'dossiers.submitted'
        GROUP BY d.id, d.code HAVING count(e.id) <> 1"""),
)  # fmt: skip


def check(at: datetime) -> Iterator[str]:
    """Sentences about what is wrong; none is right."""
    with connection.cursor() as cursor:
        for what, query in FAULTS:
            cursor.execute(f"SELECT count(*), min(code) FROM ({query}) AS f (code)")  # noqa: S608  # our own queries
            count, first = cursor.fetchone()
            if count:
                yield f"{count} dossiers: {what}, e.g. {first}"
    yield from _clocks()


def _clocks() -> Iterator[str]:
    """Due times of accepted dossiers counted day by day, which the calendar's own tables are not used for.

    Dossiers of one agency hour and variant are due together, so each combination is counted once.
    """
    seen: dict[tuple[date, int, int, str, UUID], datetime] = {}
    rows = Dossier.objects.filter(accepted_at__isnull=False).values_list(
        "code", "accepted_at", "due_at", "agency_id", "variant__amount", "variant__unit", "variant__cutoff"
    )
    for code, accepted, due, agency, amount, unit, cutoff in rows.iterator(chunk_size=20_000):
        assert accepted is not None  # the filter says so
        local = accepted.astimezone(ZONE)
        if unit != "working_days":
            continue
        late = bool(cutoff and local.time() >= cutoff)
        key = (local.date(), amount, late, unit, agency)
        if key not in seen:
            seen[key] = _due(calendar_for(agency), local.date(), amount, late=late)
        if seen[key] != due:
            yield f"{code}: promised {due}, counted day by day {seen[key]}"


def _due(calendar: Calendar, day: date, amount: int, *, late: bool) -> datetime:
    """The close of the last of so many working days after `day`; what is late counts from the next one."""
    if late:
        day = _next(calendar, day)
    for _day in range(amount):
        day = _next(calendar, day)
    closes = calendar.hours(day)[-1].closes
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(microseconds=closes)


def _next(calendar: Calendar, day: date) -> date:
    day += timedelta(days=1)
    while not calendar.hours(day):
        day += timedelta(days=1)
    return day
