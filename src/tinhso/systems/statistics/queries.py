"""Figures of an agency with everything below it, cut as one likes to look at them; all of it read from indicators."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, AgencySet, Role, Staff
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.indicators.models import Cell
from tinhso.core.indicators.queries import AsOf, Row, as_of, percentile
from tinhso.core.indicators.queries import figure as _figure
from tinhso.systems.dossiers.models import Channel
from tinhso.systems.dossiers.queries import READERS
from tinhso.systems.procedures.models import Procedure

from .indicators import BUCKETS, DECIDED, What, late_at, overdue
from .periods import Kind, Period

HEADS = (Role.UNIT_HEAD, Role.LEADER, Role.AUDITOR)  # who reads figures of each officer; others read their own
ONLINE = str(int(Channel.ONLINE))


class Cut(StrEnum):
    """Along what a table of figures is cut."""

    AGENCY = "agency"
    FIELD = "field"
    PROCEDURE = "procedure"
    OFFICER = "officer"
    CHANNEL = "channel"
    TIME = "time"


CUTS = {
    Cut.AGENCY: gettext_lazy("By agency"),
    Cut.FIELD: gettext_lazy("By field"),
    Cut.PROCEDURE: gettext_lazy("By procedure"),
    Cut.OFFICER: gettext_lazy("By officer"),
    Cut.CHANNEL: gettext_lazy("By channel"),
    Cut.TIME: gettext_lazy("By time"),
}


@dataclass
class Line:
    """Figures of one agency, field, procedure, officer, channel or stretch of time; or of all together.

    `counts` by `What` and, beside them, "online" (received online). What is not kept for a cut is None.
    """

    key: str
    label: str
    counts: Counter[str] = field(default_factory=Counter)
    start: int | None = None  # in hand when the period began
    end: int | None = None  # in hand when it ended, or now
    overdue: int | None = None  # of those, with the promise broken
    time: Row = field(default_factory=lambda: Row("", 0, 0))
    kept: frozenset[str] | None = None  # the only counts that this cut knows; None: all

    def __getitem__(self, name: str) -> int | None:
        return None if self.kept is not None and name not in self.kept else self.counts[name]

    @property
    def decided(self) -> int | None:
        return None if self.kept is not None and What.LATE not in self.kept else sum(self.counts[w] for w in DECIDED)

    @property
    def kept_promise(self) -> int | None:
        return None if self.decided is None else self.decided - self.counts[What.LATE]

    def hours(self, share: int = 0) -> float | None:
        """Working hours to the result: of `share` per cent at most so many, or on average."""
        seconds = percentile(self.time, BUCKETS, share) if share else self.time.mean
        return None if seconds is None else seconds / 3600

    def add(self, other: Line) -> None:
        """Put another line's figures to these."""
        self.counts.update(other.counts)
        for name in ("start", "end", "overdue"):
            mine, more = getattr(self, name), getattr(other, name)
            setattr(self, name, more if mine is None else mine + (more or 0))
        self.time = _both(self.time, other.time)


def _both(one: Row, other: Row) -> Row:
    hist = tuple(a + b for a, b in zip(one.hist, other.hist, strict=True)) if one.hist and other.hist else ()
    return Row(one.of, one.count + other.count, one.sum + other.sum, hist or one.hist or other.hist)


@dataclass(frozen=True)
class Scope:
    """Whose figures: an agency with everything below it. `agency` is None where that is the whole province, which has
    totals of its own; `procedures` are the only ones that count, None: all."""

    of: Agency
    agency: UUID | None
    procedures: tuple[str, ...] | None = None

    @property
    def where(self) -> dict[str, Sequence[str]]:
        return {} if self.procedures is None else {"procedure": self.procedures}


def reach(staff: Staff | None) -> AgencySet:
    """Agencies whose figures an official may read."""
    return agencies_of(staff, READERS)


def scope(agency: Agency, procedures: Collection[str] | None = None) -> Scope:
    """The figures of an agency; who asks must reach it."""
    root = agency.parent_id is None and not Agency.objects.of_the_state().filter(parent=None).exclude(pk=agency.pk)
    return Scope(agency, None if root else agency.pk, None if procedures is None else tuple(sorted(procedures)))


def codes_of(field_key: str) -> list[str]:
    """The procedures of a field."""
    return list(Procedure.objects.filter(field__key=field_key).values_list("code", flat=True))


@dataclass(frozen=True)
class Table:
    """A cut with the line of all; `closed` says whether the count of late ones at its end is known."""

    lines: list[Line]
    total: Line
    as_of: AsOf
    closed: bool


def table(cut: Cut, of: Scope, when: Period, *, at: datetime, officers: Collection[UUID] | None = None) -> Table:
    """The figures of a period, cut. `officers` are those whose own figures may be read; None: all."""
    fresh, total = as_of("statistics.course"), None
    match cut:
        case Cut.OFFICER:
            lines = _officers(of, when, officers)
        case Cut.FIELD:
            lines = _by_field(_cut("procedure", of, when, at))
        case Cut.AGENCY:
            lines = _by_part(of.of, _cut("agency", of, when, at))
        case Cut.TIME:
            lines = _cut("month" if when.kind in (Kind.QUARTER, Kind.HALF, Kind.YEAR) else "day", of, when, at)
        case _:
            lines = _cut(cut.value, of, when, at)
    if cut in (Cut.AGENCY, Cut.FIELD, Cut.PROCEDURE):  # nothing stands outside of these
        total = Line("", "")
        for line in lines:
            total.add(line)
    total = total or whole(of, when, at=at)
    named = lines if cut is Cut.FIELD else _named(cut, lines)
    return Table(named, total, fresh, total.overdue is not None)


def whole(of: Scope, when: Period, *, at: datetime, stocks: bool = True) -> Line:
    """The figures of a period, uncut; without `stocks` not what was in hand at its ends."""
    (line,) = _cut("", of, when, at, stocks=stocks)
    return line


FOLDED = AsOf(0, None)  # all of these are read together; `Table` says how far
figure = partial(_figure, fresh=FOLDED)


def _cut(by: str, of: Scope, when: Period, at: datetime, *, stocks: bool = True) -> list[Line]:
    lines: dict[Any, Line] = defaultdict(lambda: Line("", ""))
    if not by:
        lines[""]  # there is always a whole
    for key, name, many in _counted(by, of, when):
        lines[key].counts[name] += many
    timed = by == "procedure" or of.procedures is not None
    if not (timed and by == "channel"):
        name = "statistics.worked_of_procedures" if timed else "statistics.worked"
        took = figure(name, since=when.since, until=when.until, agency=of.agency, by=by, where=of.where)
        for row in took.rows if by else [took.total]:
            if row.count:
                lines[row.of].time = row
    if by in ("", "agency", "procedure"):
        _stand(lines, by, of, when, at, stocks=stocks)
    kept = frozenset({What.RECEIVED, "online"}) if by == "channel" and of.procedures is not None else None
    for key, line in lines.items():
        line.key, line.label, line.kept = str(key), str(key), kept
    return list(lines.values())


def _counted(by: str, of: Scope, when: Period) -> Iterable[tuple[Any, str, int]]:
    """Key of the line, name of the count, how many."""
    read, cut = partial(figure, since=when.since, until=when.until, agency=of.agency), [by] if by else []
    if by != "procedure" and of.procedures is None:
        parts = ["what", "channel"]
        names = list(dict.fromkeys([*cut, *parts]))  # cut by channel it is there already
        for row in read("statistics.course", by=names).rows:
            found = dict(zip(names, row.of, strict=True))
            what, key = found["what"], found[by] if by else ""
            yield key, what, row.count
            if found["channel"] == ONLINE and what == What.RECEIVED:
                yield key, "online", row.count
        return
    received = read("dossiers.submitted", by=list(dict.fromkeys([*cut, "channel"])), where=of.where)
    for row in received.rows:
        *_, channel = row.of
        key = row.of[0] if by else ""
        if by == "channel":
            yield key, What.RECEIVED, row.count
        if channel == ONLINE:
            yield key, "online", row.count
    if by == "channel":
        return
    for row in read("statistics.of_procedures", by=[*cut, "what"], where=of.where).rows:
        yield row.of[0] if by else "", row.of[-1], row.count


def _stand(lines: dict[Any, Line], by: str, of: Scope, when: Period, at: datetime, *, stocks: bool) -> None:
    """What was in hand at both ends, and what of it was late at the end."""
    plain = by != "procedure" and of.procedures is None
    name = "statistics.in_hand" if plain else "dossiers.open"
    eve = when.since - timedelta(days=1)
    for side, day in (("start", eve), ("end", when.until)) if stocks else ():
        stock = figure(name, since=day, until=day, agency=of.agency, by=by, where=of.where)
        for row in stock.rows if by else [stock.total]:
            if row.sum or not by:
                setattr(lines[row.of], side, row.sum)
    late = _late(by, of, when, at)
    for key, many in (late or {}).items():
        lines[key].overdue = many
    for line in lines.values():
        line.start, line.end = line.start or 0, line.end or 0
        line.overdue = None if late is None else line.overdue or 0


def _late(by: str, of: Scope, when: Period, at: datetime) -> dict[Any, int] | None:
    """Late and open: now, by a partial index; at the end of a day that is over, as it was counted then. None: it was
    not, because the house did not count them yet."""
    today = timezone.localtime(at).date()
    if when.until < today:
        closed = as_of(overdue.name).at
        first = overdue_since()
        if closed is None or first is None or not first <= when.until < timezone.localtime(closed).date():
            return None
        level = figure(overdue.name, since=when.until, until=when.until, agency=of.agency, by=by, where=of.where)
        return {row.of: row.sum for row in (level.rows if by else [level.total])}
    agencies = Agency.objects.all() if of.agency is None else Agency.objects.below(of.of)
    found: Counter[Any] = Counter()
    for (agency, procedure), many in late_at(at, list(agencies.values_list("pk", flat=True))).items():
        if of.procedures is None or procedure in of.procedures:
            found[{"agency": agency, "procedure": procedure}.get(by, "")] += many
    return dict(found)


def overdue_since() -> date | None:
    """The first day that was closed; None before any."""
    return Cell.objects.filter(indicator=overdue.name).order_by("day").values_list("day", flat=True).first()


def _by_part(agency: Agency, lines: list[Line]) -> list[Line]:
    """The agency itself, and each directly below it with everything below that."""
    paths = dict(Agency.objects.filter(pk__in=[line.key for line in lines]).values_list("pk", "path"))
    found: dict[str, Line] = {}
    for line in lines:
        below = paths[UUID(line.key)][len(agency.path) :]
        key = str(below[0] if below else agency.pk)
        found.setdefault(key, Line(key, key)).add(line)
    return list(found.values())


def _by_field(lines: list[Line]) -> list[Line]:
    fields = {
        code: (key, name)
        for code, key, name in Procedure.objects.filter(code__in=[line.key for line in lines]).values_list(
            "code", "field__key", "field__name"
        )
    }
    found: dict[str, Line] = {}
    for line in lines:
        key, name = fields.get(line.key, ("", ""))
        found.setdefault(key, Line(key, name)).add(line)
    return sorted(found.values(), key=lambda line: line.label)


def _officers(of: Scope, when: Period, officers: Collection[UUID] | None) -> list[Line]:
    """Who submitted results of the agency itself for signature; of agencies below, look there."""
    mine = figure(
        "statistics.of_officers",
        since=when.since,
        until=when.until,
        agency=of.of.pk,
        by=["agency", "officer", "standing"],
    )
    lines: dict[str, Line] = defaultdict(lambda: Line("", "", kept=frozenset({*DECIDED})))
    for row in mine.rows:
        agency, officer, standing = row.of
        if agency == of.of.pk and (officers is None or UUID(officer) in officers):
            lines[officer].counts[standing] += row.count
            lines[officer].time = _both(lines[officer].time, Row(officer, row.count, row.sum, row.hist))
    for key, line in lines.items():
        line.key = line.label = key
    return list(lines.values())


def _named(cut: Cut, lines: list[Line]) -> list[Line]:
    """With names in the place of keys, in the order people look for."""
    keys = [line.key for line in lines]
    match cut:
        case Cut.AGENCY:
            order = {
                str(a.pk): (n, a.short_name) for n, a in enumerate(Agency.objects.filter(pk__in=keys).order_by("path"))
            }
        case Cut.PROCEDURE:
            named = Procedure.objects.filter(code__in=keys).order_by("code").values_list("code", "name")
            order = {code: (n, name) for n, (code, name) in enumerate(named)}
        case Cut.OFFICER:
            people = Account.objects.filter(pk__in=keys).order_by("display_name").values_list("pk", "display_name")
            order = {str(pk): (n, name) for n, (pk, name) in enumerate(people)}
        case Cut.CHANNEL:
            order = {str(c.value): (c.value, str(c.label)) for c in Channel}
        case _:
            return sorted(lines, key=lambda line: line.key)
    for line in lines:
        line.label = order.get(line.key, (0, line.key))[1]
    return sorted(lines, key=lambda line: (order.get(line.key, (10**9, ""))[0], line.key))
