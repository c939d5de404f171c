"""Every promise and every step's due time against another reckoning (`clock`), through all that moved them since."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from tinhso.core.process.graph import ASIDES, graph_of
from tinhso.core.process.models import Task

from ..actions.correction import CORRECTING
from ..models import Dossier, Extension, Supplement
from .clock import Clock

RECEIVED_WITHIN = 8  # working hours; NĐ 61/2018
CHUNK = 20_000


class _Moved(NamedTuple):
    """A promise that was moved at a moment; where the applicant was waited for, since when."""

    at: datetime
    before: datetime
    after: datetime
    waited: datetime | None = None


class _Step(NamedTuple):
    """A task."""

    definition: str
    step: str
    kind: str
    role: str
    agency: UUID
    opened: datetime
    due: datetime | None
    promise: datetime | None
    closed: datetime | None


def check() -> Iterator[str]:
    """Sentences about what is due at another time than counted; dossiers that began in another system are left out."""
    book = _Book()
    dossiers = Dossier.objects.filter(taken_over=None).order_by("pk").values_list(
        "pk", "code", "agency_id", "submitted_at", "accepted_at", "due_at",
        "variant__amount", "variant__unit", "variant__cutoff",
    )  # fmt: skip
    tasks = Task.objects.filter(subject_kind="dossiers.dossier").order_by("subject_id", "opened_at").values_list(
        "subject_id", "definition_id", "step", "kind", "role", "agency_id", "opened_at", "due_at", "subject_due_at",
        "closed_at",
    )  # fmt: skip
    by_dossier = groupby(tasks.iterator(chunk_size=CHUNK), itemgetter(0))
    whose, steps = next(by_dossier, (None, iter(())))
    for pk, code, agency, submitted, accepted, due, *limit in dossiers.iterator(chunk_size=CHUNK):
        faults: list[str] = []
        promised = book.promises(pk, agency, accepted, due, tuple(limit), faults)
        while whose is not None and whose < pk:
            whose, steps = next(by_dossier, (None, iter(())))
        if whose == pk:
            for row in steps:
                faults += book.step(pk, submitted, promised, _Step._make(row[1:]))
        yield from (f"{code}: {fault}" for fault in faults)


class _Book:
    """What the rows say beside dossiers and tasks."""

    def __init__(self) -> None:
        self.moved, self.corrected = _moved(), _corrected()
        asked = Supplement.objects.values_list("dossier_id", "letter__made_at", "until")
        self.until = {(pk, at): until for pk, at, until in asked.iterator(chunk_size=CHUNK)}
        self.clocks: dict[UUID, Clock] = {}
        self.seen: dict[Any, datetime] = {}

    def clock(self, agency: UUID) -> Clock:
        if agency not in self.clocks:
            self.clocks[agency] = Clock(agency)
        return self.clocks[agency]

    def due(self, agency: UUID, at: datetime, amount: int, unit: str, cutoff: time | None) -> datetime:
        """A promise. What is promised in days is the same for all of a day, as long as the office is open."""
        clock, local = self.clock(agency), at.astimezone(Clock.zone)
        spans = clock.spans(local.date())
        late = not spans or local >= spans[-1][1] or bool(cutoff and local.time() >= cutoff)
        key = (agency, local.date(), late, amount, unit, cutoff)
        if unit == "working_hours" or key not in self.seen:
            self.seen[key] = clock.due(at, amount, unit, cutoff)
        return self.seen[key]

    def promises(
        self, pk: UUID, agency: UUID, accepted: datetime | None, due: datetime | None, limit: Any, faults: list[str]
    ) -> list[tuple[datetime, datetime]]:
        """What was promised since when. What moved a promise must begin with what was promised before and end with
        what is promised now; a correction has a time of its own, and the promise stays."""
        if accepted is None:
            return []
        clock, promise = self.clock(agency), self.due(agency, accepted, *limit)
        since = [(accepted, promise)]
        for one in sorted(self.moved.get(pk, ()), key=lambda one: one.at):
            if one.before != promise:
                faults.append(f"{promise} was promised before {one.at}, which says {one.before}")
            if one.waited and not _given_back(clock, one, limit[1]):
                faults.append(f"not as much was left from {one.at} on ({one.after}) as when asked ({one.before})")
            promise = one.after
            since.append((one.at, promise))
        if promise != due:
            faults.append(f"promised {due}, counted day by day {promise}")
        for at, until in self.corrected.get(pk, ()):
            if until != clock.due(at, CORRECTING.amount, CORRECTING.unit):
                faults.append(f"a correction asked for at {at} is promised by {until}")
            since.append((at, until))
        return since

    def step(
        self, pk: UUID, submitted: datetime, promised: list[tuple[datetime, datetime]], task: _Step
    ) -> Iterator[str]:
        """A step is due by its own limit, never after what was promised when it opened, and a new promise moves what
        waited for the old one. A receipt takes eight working hours at most."""
        graph, aside = graph_of(task.definition), task.step in ASIDES
        first = task.opened == submitted and task.step == graph.start
        before = [promise for since, promise in promised if since <= task.opened and not first]
        promise = before[-1] if before else None
        own, clock, waits = None, self.clock(task.agency), not task.role
        if waits and aside:
            own = self.until.get((pk, task.opened))
        elif not aside:
            node = graph.step(task.step)
            limit = (node.timeout.duration if node.timeout else None) if waits else node.duration
            own = clock.due(task.opened, limit.amount, limit.unit) if limit else None
        due = own if waits else min((one for one in (own, promise) if one), default=task.opened)
        for one in sorted(self.moved.get(pk, ()), key=lambda one: one.at):
            if task.opened < one.at and (task.closed is None or one.at < task.closed):
                due = one.after if due == promise else due
                promise = one.after
        if (task.due, task.promise) != (due, promise):
            yield f"{task.step}, begun {task.opened}, is due {task.due} of {task.promise}, counted {due} of {promise}"
        if first and task.kind == "receive" and own and own > clock.due(submitted, RECEIVED_WITHIN, "working_hours"):
            yield f"its receipt is due {own}, more than {RECEIVED_WITHIN} working hours after {submitted}"


def _moved() -> dict[UUID, list[_Moved]]:
    """Of each dossier: completed late, given more time, or, where it is a joint one, following its parts."""
    found: dict[UUID, list[_Moved]] = defaultdict(list)
    asked = Supplement.objects.filter(due_before__isnull=False, received_at__isnull=False)
    for pk, at, before, after, waited in asked.values_list(
        "dossier_id", "received_at", "due_before", "due_after", "letter__made_at"
    ).iterator(chunk_size=CHUNK):
        assert at is not None  # as the filter says
        assert before is not None
        assert after is not None  # the promise was moved, not lost
        found[pk].append(_Moved(at, before, after, waited))
    granted = Extension.objects.filter(letter__isnull=False)
    for pk, at, before, after in granted.values_list("dossier_id", "letter__made_at", "due_before", "due_after"):
        found[pk].append(_Moved(at, before, after))
    for pk, said in _told("linked.promise_followed"):
        times = (said["at"], said["data"]["before"], said["data"]["due_at"])
        found[pk].append(_Moved(*map(datetime.fromisoformat, times)))
    return found


def _corrected() -> dict[UUID, list[tuple[datetime, datetime]]]:
    """Of each dossier: when a correction of its result was asked for, and by when it was promised."""
    found: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for pk, said in _told("dossiers.correction_asked"):
        found[pk].append((datetime.fromisoformat(said["at"]), datetime.fromisoformat(said["data"]["until"])))
    return {pk: sorted(them) for pk, them in found.items()}


def _told(event: str) -> list[tuple[UUID, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject_id, payload FROM ledger_entry WHERE event = %s", [event])
        return [(pk, json.loads(payload)) for pk, payload in cursor.fetchall()]


def _given_back(clock: Clock, one: _Moved, unit: str) -> bool:
    """Whether as much is left as when the clock stopped, of working time or of days; after the promise nothing is."""
    assert one.waited is not None
    if one.waited >= one.before:
        return one.after == one.before
    if unit in ("calendar_days", "months"):
        until = (one.at + (one.before - one.waited)).astimezone(Clock.zone)
        return one.after == clock.close(until.date(), after=one.at)
    return clock.between(one.waited, one.before) == clock.between(one.at, one.after)
