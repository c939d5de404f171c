"""What must hold of every dossier, found from the rows alone and, for due times, by another calculation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from tinhso.core.worktime.calendar import ZONE, Calendar
from tinhso.core.worktime.queries import calendar_for

from ..models import Dossier, Extension, Supplement

# (what is wrong, a query for the codes of dossiers where it is)
FAULTS = (
    ("an open dossier without a way on", """
        SELECT d.code FROM dossiers_dossier d WHERE (d.state IN (1, 2, 4, 5, 9) OR d.correct_by IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM process_task t WHERE t.subject_id = d.id AND t.closed_at IS NULL)"""),
    ("a closed dossier with an open task", """
        SELECT d.code FROM dossiers_dossier d JOIN process_task t ON t.subject_id = d.id
        WHERE d.state IN (3, 7, 8, 10) AND d.correct_by IS NULL AND t.closed_at IS NULL"""),
    ("an accepted dossier without a slip", """
        SELECT d.code FROM dossiers_dossier d WHERE d.accepted_at IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id AND l.form = '01')"""),
    ("refused without form 03, or stopped without 03 or 05", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state IN (3, 8) AND NOT EXISTS
        (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id
         AND (l.form = '03' OR l.form = '05' AND d.state = 8))"""),
    ("waiting for the applicant without a request, or the other way round", """
        SELECT d.code FROM dossiers_dossier d WHERE (d.state = 5) <> EXISTS
        (SELECT 1 FROM dossiers_supplement s JOIN dossiers_letter l ON l.id = s.letter_id AND l.form = '02'
         WHERE s.dossier_id = d.id AND s.received_at IS NULL AND d.finished_at IS NULL)"""),
    ("processed without a numbered result, or what another agency granted", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state IN (9, 10) AND NOT EXISTS
        (SELECT 1 FROM dossiers_result r WHERE r.dossier_id = d.id AND r.version = 1 AND r.number_id IS NOT NULL
         AND r.issued_at = d.finished_at AND r.signed_at <= r.numbered_at) AND NOT EXISTS
        (SELECT 1 FROM process_task t WHERE t.subject_id = d.id AND t.kind IN ('elsewhere', 'linked')
         AND t.outcome = 'granted' AND t.closed_at = d.finished_at)"""),
    ("a corrected result that does not stand in the place of one before", """
        SELECT d.code FROM dossiers_dossier d JOIN dossiers_result r ON r.dossier_id = d.id
        LEFT JOIN dossiers_result b ON b.dossier_id = d.id AND b.version = r.version - 1
        LEFT JOIN dossiers_result n ON n.dossier_id = d.id AND n.version = r.version + 1
        WHERE r.version > 1 AND r.issued_at IS DISTINCT FROM b.replaced_at
        OR n.issued_at IS DISTINCT FROM r.replaced_at
        OR r.issued_at IS NOT NULL AND (r.number_id IS NULL OR r.signed_at > r.numbered_at)
        OR r.version > 1 AND r.returned_at IS NULL AND d.correct_by IS NULL
        OR r.returned_at < r.issued_at OR r.replaced_at < d.returned_at OR r.cancelled_at < d.returned_at"""),
    ("returned with the fee owed", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state = 10 AND d.fee > 0 AND NOT EXISTS
        (SELECT 1 FROM dossiers_feereceipt f WHERE f.dossier_id = d.id AND f.amount = d.fee)"""),
    ("a paper that somebody else has", """
        SELECT d.code FROM dossiers_component c JOIN dossiers_dossier d ON d.id = c.dossier_id
        JOIN files_filelink l ON l.id = c.file_id
        WHERE l.owner_kind <> 'dossiers.dossier' OR l.owner_id IS DISTINCT FROM d.id"""),
    ("times out of order", """
        SELECT code FROM dossiers_dossier WHERE accepted_at < submitted_at OR finished_at < submitted_at
        OR returned_at < finished_at OR (finished_at IS NULL) <> (state IN (1, 2, 4, 5))
        OR (returned_at IS NULL) = (state = 10) OR correct_by < returned_at"""),
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

    Dossiers of one agency hour and variant are due together, so each combination is counted once. What moved a promise
    since, in the order of time, must begin with what was promised before and end with what is promised now.
    """
    seen: dict[tuple[date, int, int, str, UUID], datetime] = {}
    moved = _moved()
    rows = Dossier.objects.filter(accepted_at__isnull=False).values_list(
        "pk", "code", "accepted_at", "due_at", "agency_id", "variant__amount", "variant__unit", "variant__cutoff"
    )
    for pk, code, accepted, due, agency, amount, unit, cutoff in rows.iterator(chunk_size=20_000):
        assert accepted is not None  # the filter says so
        local = accepted.astimezone(ZONE)
        if unit != "working_days":
            continue
        late = bool(cutoff and local.time() >= cutoff)
        key = (local.date(), amount, late, unit, agency)
        if key not in seen:
            seen[key] = _due(calendar_for(agency), local.date(), amount, late=late)
        promised = seen[key]
        for one in sorted(moved.get(pk, ()), key=lambda one: one.at):
            if one.before != promised:
                yield f"{code}: {promised} was promised before {one.at}, which says {one.before}"
            if one.waited and not _given_back(calendar_for(agency), one):
                yield f"{code}: not as much was left from {one.at} on ({one.after}) as when it was asked ({one.before})"
            promised = one.after
        if promised != due:
            yield f"{code}: promised {due}, counted day by day {promised}"


class _Moved(NamedTuple):
    """A promise that was moved at a moment; where the applicant was waited for, since when."""

    at: datetime
    before: datetime
    after: datetime
    waited: datetime | None = None


def _moved() -> dict[UUID, list[_Moved]]:
    """Of each dossier: completed late, given more time, or, where it is a joint one, following its parts."""
    found: dict[UUID, list[_Moved]] = defaultdict(list)
    asked = Supplement.objects.filter(due_before__isnull=False, received_at__isnull=False)
    for pk, at, before, after, waited in asked.values_list(
        "dossier_id", "received_at", "due_before", "due_after", "letter__made_at"
    ).iterator(chunk_size=20_000):
        assert at is not None  # as the filter says
        assert before is not None
        assert after is not None  # the promise was moved, not lost
        found[pk].append(_Moved(at, before, after, waited))
    granted = Extension.objects.filter(letter__isnull=False)
    for pk, at, before, after in granted.values_list("dossier_id", "letter__made_at", "due_before", "due_after"):
        found[pk].append(_Moved(at, before, after))
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject_id, payload FROM ledger_entry WHERE event = 'linked.promise_followed'")
        for pk, payload in cursor.fetchall():
            said = json.loads(payload)
            times = (said["at"], said["data"]["before"], said["data"]["due_at"])
            found[pk].append(_Moved(*map(datetime.fromisoformat, times)))
    return found


def _given_back(calendar: Calendar, one: _Moved) -> bool:
    """Whether the working time left is that which was left when the clock stopped; after the promise nothing is."""
    assert one.waited is not None
    if one.waited >= one.before:
        return one.after == one.before
    return _worked(calendar, one.waited, one.before) == _worked(calendar, one.at, one.after)


def _worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time between two moments, day by day."""
    first, last, done = start.astimezone(ZONE), end.astimezone(ZONE), timedelta()
    day = first.date()
    while day <= last.date():
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        for span in calendar.hours(day):
            opens, closes = (midnight + timedelta(microseconds=us) for us in (span.opens, span.closes))
            done += max(min(closes, last) - max(opens, first), timedelta())
        day += timedelta(days=1)
    return done


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
