"""The same figures from the rows of dossiers, their papers, requests and steps. A difference is a bug.

Of the ledger this reads only what rows do not keep: where a dossier was before it was passed on, and which entries are
older than what they are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from tinhso.core.indicators.declare import Indicator, Key, Recounted
from tinhso.core.ledger.consumers import entries_between, last_position
from tinhso.core.process.models import Task
from tinhso.systems.dossiers.effort import Effort, took
from tinhso.systems.dossiers.models import (
    Channel,
    Component,
    Dossier,
    Earlier,
    Letter,
    Result,
    State,
    Supplement,
    TakenOver,
)
from tinhso.systems.dossiers.moves import Move, agency_at, moves

from . import declared
from .declared import What

CHUNK = 2_000
ISSUED = (State.PROCESSED, State.RETURNED)


@dataclass(frozen=True)
class _Happened:
    """Something that counts, once."""

    what: What
    at: datetime
    agency: UUID
    procedure: str
    channel: str
    officer: str = ""
    worked: int | None = None


@dataclass
class _Past:
    """What rows do not keep."""

    moved: dict[UUID, list[Move]] = field(default_factory=moves)
    unmeasured: set[UUID] = field(default_factory=set)  # issued before working time was recorded
    nameless: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))  # letters of such requests

    def __post_init__(self) -> None:
        for entry in entries_between(0, last_position(), {"dossiers.result_issued", "dossiers.supplement_requested"}):
            if entry.event == "dossiers.result_issued":
                if entry.data["worked"] is None:
                    self.unmeasured.add(entry.subject_id)
            elif not entry.data["procedure"]:
                self.nameless[entry.subject_id].add(entry.data["letter"])

    def agency(self, one: Dossier, at: datetime) -> UUID:
        return agency_at(at, one.agency_id, self.moved.get(one.pk, []))


def _rows() -> Iterator[list[Any]]:
    refusal = Letter.objects.filter(dossier=OuterRef("pk"), form=Letter.Form.REFUSAL)
    reused = Component.objects.filter(dossier=OuterRef("pk"), supplement=None).exclude(file__origin="")
    rows = Dossier.objects.annotate(refusal=Exists(refusal), reused=Exists(reused), taken=F("taken_over__at"))
    rows = rows.defer("answers", "salt").order_by("pk")
    found = list(rows[:CHUNK])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1].pk)[:CHUNK])


def _happened() -> Iterator[_Happened]:
    past = _Past()
    for chunk in _rows():
        keys = [one.pk for one in chunk]
        requests: dict[UUID, list[Supplement]] = defaultdict(list)
        for asked in Supplement.objects.filter(dossier__in=keys).select_related("letter__number"):
            requests[asked.dossier_id].append(asked)
        efforts = _efforts(keys)
        for one in chunk:
            yield from _of(one, past, requests[one.pk], efforts)
        whose = {one.pk: one for one in chunk}
        corrected = Result.objects.filter(dossier__in=keys, version__gt=1, issued_at__isnull=False).order_by("pk")
        for dossier, at in corrected.values_list("dossier_id", "issued_at"):
            assert at is not None
            one = whose[dossier]
            yield _Happened(What.CORRECTED, at, past.agency(one, at), one.procedure_code, str(one.channel))


def _efforts(keys: list[UUID]) -> Callable[[Any], Effort]:
    steps: dict[UUID, list[Task]] = defaultdict(list)
    closed = Task.objects.filter(subject_id__in=keys, closed_at__isnull=False)
    for task in closed.filter(Q(role="") | Q(outcome="propose")).order_by("closed_at", "pk"):
        steps[task.subject_id].append(task)
    earlier: dict[UUID, list[Earlier]] = defaultdict(list)
    for line in Earlier.objects.filter(dossier__in=keys, until__isnull=False).order_by("pk"):
        earlier[line.dossier_id].append(line)
    return lambda one: took(one, steps[one.pk], earlier[one.pk], at=one.finished_at)


def _of(one: Any, past: _Past, requests: list[Supplement], efforts: Callable[[Any], Effort]) -> Iterator[_Happened]:
    def count(what: What, at: datetime, **more: Any) -> _Happened:
        return _Happened(what, at, past.agency(one, at), one.procedure_code, str(one.channel), **more)

    if one.taken is None:
        yield count(What.RECEIVED, one.submitted_at)
        if one.channel == Channel.ONLINE and one.account_id:
            yield count(What.AUTHENTICATED, one.submitted_at)
        if one.reused:
            yield count(What.REUSED, one.submitted_at)
    for asked in requests:
        for what in (What.SUPPLEMENT, *[What.BREACH] * asked.breach):
            counted = count(what, asked.letter.made_at)
            if str(asked.letter.number.value) in past.nameless[one.pk]:
                counted = _Happened(what, counted.at, counted.agency, "", "0")
            yield counted
    if one.finished_at is None or (one.taken and one.finished_at < one.taken):
        return
    if one.state in ISSUED:
        effort, measured = efforts(one), one.pk not in past.unmeasured
        late = one.finished_at > one.due_at
        what = What.LATE if late else What.EARLY if effort.early and measured else What.ON_TIME
        worked = effort.worked if measured else None
        yield count(what, one.finished_at, officer=str(effort.officer or ""), worked=worked)
        if one.channel == Channel.ONLINE:
            yield count(What.ELECTRONIC, one.finished_at)
    else:
        ended = What.REFUSED if one.refusal else What.STOPPED
        yield count(What.WITHDRAWN if one.state == State.WITHDRAWN else ended, one.finished_at)


def _recount(indicator: Indicator, place: Callable[[_Happened], tuple[str, str] | None]) -> None:
    @indicator.recounted
    def recount() -> Iterable[Recounted]:
        found: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
        for one in _happened():
            if (dims := place(one)) is not None:
                cell = found[Key(timezone.localtime(one.at).date(), one.agency, *dims)]
                cell[0] += 1
                cell[1] += one.worked or 0 if indicator.buckets else 0
        return [Recounted(key, count, total) for key, (count, total) in found.items()]


_recount(declared.course, lambda one: (one.what, one.channel))
_recount(declared.of_procedures, lambda one: (one.procedure, one.what))
_recount(declared.worked, lambda one: None if one.worked is None else (one.channel, ""))
_recount(declared.worked_of_procedures, lambda one: None if one.worked is None else (one.procedure, ""))
_recount(declared.of_officers, lambda one: (one.officer, one.what) if one.officer and one.worked is not None else None)


@declared.in_hand.recounted
def _count_in_hand() -> Iterator[Recounted]:
    """What came and what went, by day and agency, moves included."""
    moved, taken = moves(), dict(TakenOver.objects.values_list("dossier_id", "at"))
    rows = Dossier.objects.values_list("pk", "agency_id", "submitted_at", "finished_at").order_by()
    for pk, agency, submitted, finished in rows.iterator(chunk_size=CHUNK):
        came = taken.get(pk, submitted)
        if finished is not None and finished < came:
            continue
        ways = moved.get(pk, [])
        changes = [(came, agency_at(came, agency, ways), 1)]
        changes += [change for move in ways for change in ((move.at, move.before, -1), (move.at, move.after, 1))]
        changes += [(finished, agency, -1)] if finished else []
        for at, where, many in changes:
            yield Recounted(Key(timezone.localtime(at).date(), where), 0, many)
