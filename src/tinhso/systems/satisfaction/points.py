"""The circular's indices, 2, 1 or 0 points each, as far as the house's own record knows them; which do not count, and
why, stands in `data/sheets.json`. Points of dossiers are the mean of each dossier's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency
from tinhso.core.indicators.queries import figure
from tinhso.systems.dossiers.models import Channel

from .queries import Period, Shown
from .sheets import Index

MOST = 2.0
PROMPT = 0.9  # of complaints answered in time, for one point
ONLINE = (0.15, 0.30)  # of dossiers received online, for one point and for two

Counts = Callable[..., Counter[str]]  # (figure's name, cut by, …) → how many of each
Known = tuple[float | None, str]  # points, and what they rest on


@dataclass(frozen=True)
class Pointed:
    """An index: what the record gives it, what applicants' marks give it; None where nothing or too little is known."""

    index: Index
    points: float | None
    basis: str
    said: float | None


def pointed(agency: Agency, period: Period, shown: Shown) -> list[Pointed]:
    """Of an agency and everything below it. Who asks must reach the agency."""

    def counts(name: str, by: str, **where: str) -> Counter[str]:
        read = partial(figure, since=period.since, until=period.until, agency=agency.pk)
        return Counter({row.of: row.count for row in read(name, by=by, where=where).rows})

    said = {one.key: one.points for one in shown.questions}
    level = figure("complaints.overdue", since=period.since, until=period.until, agency=agency.pk)
    closed = level.as_of.at is not None and timezone.localdate(level.as_of.at) >= period.until
    overdue = level.value if closed else None
    found = []
    for index in shown.sheet.indices:
        rule = RULES.get(index.record)
        known = rule(counts, overdue) if rule else None
        points, basis = known or (None, index.reason if rule is None else "")
        found.append(Pointed(index, points, basis, said.get(index.question)))
    return found


def _time(counts: Counts, _overdue: int | None) -> Known | None:
    """Two for a result before the day promised, one for one on it, none for a late one."""
    n = counts("statistics.course", "what")
    total = n["early"] + n["on_time"] + n["late"]
    basis = _("%(early)d early, %(on_time)d on the day, %(late)d late") % n if total else ""
    return ((2 * n["early"] + n["on_time"]) / total, basis) if total else None


def _contacts(counts: Counts, _overdue: int | None) -> Known | None:
    """Each request to complete a dossier takes a point, in the month of the request."""
    n = counts("statistics.course", "what")
    words = _("%(requests)d requests to complete, %(ended)d dossiers ended")
    return _taken_from(n["supplement"], n, words)


def _places(counts: Counts, _overdue: int | None) -> Known | None:
    """One place at most is contacted, the one-stop shop: the first request takes a point, the next no more."""
    n = counts("statistics.course", "what")
    words = _("%(requests)d dossiers completed at the one-stop shop, %(ended)d ended")
    return _taken_from(n["supplement"] - n["breach"], n, words)


def _taken_from(requests: int, n: Counter[str], words: str) -> Known | None:
    ended = sum(n[what] for what in ("early", "on_time", "late", "refused", "stopped"))
    return (max(0.0, MOST - requests / ended), words % {"requests": requests, "ended": ended}) if ended else None


def _complaints(counts: Counts, overdue: int | None) -> Known:
    """None where one is overdue and unanswered at the end of the period, or more than a tenth were answered late."""
    if overdue is None:
        return None, _("not known yet what was overdue at the end of the period")
    n = counts("complaints.answered", "on_time")
    total = n["yes"] + n["no"]
    points = 0.0 if overdue or n["yes"] < PROMPT * total else 1.0 if n["no"] else MOST
    words = _("%(on_time)d of %(total)d answered in time, %(overdue)d still waiting and overdue")
    return points, words % {"on_time": n["yes"], "total": total, "overdue": overdue}


def _online(counts: Counts, _overdue: int | None) -> Known | None:
    """By the share received online; none where a result of one came late. Which procedures are offered is not asked."""
    received = counts("statistics.course", "channel", what="received")
    online, total = received[str(Channel.ONLINE.value)], received.total()
    late = counts("statistics.course", "channel", what="late")[str(Channel.ONLINE.value)]
    if not total:
        return None
    points = 0.0 if late else float(sum(online >= share * total for share in ONLINE))
    words = _("%(online)d of %(total)d came online, %(late)d of such late")
    return points, words % {"online": online, "total": total, "late": late}


RULES: dict[str, Callable[[Counts, int | None], Known | None]] = {
    "time": _time, "contacts": _contacts, "places": _places, "complaints": _complaints, "online": _online,
}  # fmt: skip
