"""Figures of a period, cut, beside the period before; and down to the dossiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.core.ui.templatetags.ui import number
from tinhso.systems.dossiers.queries import READERS

from ..cases import LISTS, Wanted, cases
from ..indicators import What
from ..periods import LABELS, Kind, period
from ..queries import CUTS, Cut, Line, reach, table, whole
from .asked import Asked, asked, id_of, officers_for


@dataclass(frozen=True)
class Column:
    """A column of figures: how a line gives it, and the list it opens, "" for none."""

    label: Any
    value: Callable[[Line], float | None]
    opens: str = ""
    places: int = 0
    unit: str = ""


def _count(name: str) -> Callable[[Line], float | None]:
    return lambda line: line[name]


def _share(
    part: Callable[[Line], float | None], all_: Callable[[Line], float | None]
) -> Callable[[Line], float | None]:
    def share(line: Line) -> float | None:
        some, many = part(line), all_(line)
        return 100 * some / many if some is not None and many else None

    return share


_received, _decided = _count(What.RECEIVED), lambda line: line.decided
PROGRESS = (
    Column(gettext_lazy("In hand at the beginning"), lambda line: line.start, "start"),
    Column(gettext_lazy("Received"), _received, What.RECEIVED),
    Column(gettext_lazy("Decided"), _decided, "decided"),
    Column(gettext_lazy("Early"), _count(What.EARLY), What.EARLY),
    Column(gettext_lazy("On time"), _count(What.ON_TIME), What.ON_TIME),
    Column(gettext_lazy("Overdue"), _count(What.LATE), What.LATE),
    Column(gettext_lazy("Early or on time, %"), _share(lambda line: line.kept_promise, _decided), "kept", 1),
    Column(gettext_lazy("In hand at the end"), lambda line: line.end, "end"),
    Column(gettext_lazy("Of those late"), lambda line: line.overdue, "overdue"),
    Column(gettext_lazy("Working hours, average"), lambda line: line.hours(), "decided", 1),
    Column(gettext_lazy("Half within"), lambda line: line.hours(50), "decided", 1),
    Column(gettext_lazy("9 of 10 within"), lambda line: line.hours(90), "decided", 1),
)
QUALITY = (
    Column(gettext_lazy("Received"), _received, What.RECEIVED),
    Column(gettext_lazy("Online"), _count("online"), "online"),
    Column(gettext_lazy("Online, %"), _share(_count("online"), _received), "online", 1),
    Column(gettext_lazy("Identity proven, % of online"), _share(_count(What.AUTHENTICATED), _count("online")),
           What.AUTHENTICATED, 1),
    Column(gettext_lazy("Wholly electronic, % of decided"), _share(_count(What.ELECTRONIC), _decided),
           What.ELECTRONIC, 1),
    Column(gettext_lazy("With reused papers, %"), _share(_count(What.REUSED), _received), What.REUSED, 1),
    Column(gettext_lazy("Asked to complete"), _count(What.SUPPLEMENT), What.SUPPLEMENT),
    Column(gettext_lazy("Of those again"), _count(What.BREACH), What.BREACH),
    Column(gettext_lazy("Refusals"), _count(What.REFUSED), What.REFUSED),
    Column(gettext_lazy("Stops"), _count(What.STOPPED), What.STOPPED),
    Column(gettext_lazy("Withdrawals"), _count(What.WITHDRAWN), What.WITHDRAWN),
    Column(gettext_lazy("Corrected results"), _count(What.CORRECTED), What.CORRECTED),
)  # fmt: skip
OF_OFFICER = tuple(c for c in PROGRESS if c.opens in ("decided", What.EARLY, What.ON_TIME, What.LATE, "kept"))
HEADLINES = (  # of what, whether more is better (None: neither)
    (PROGRESS[1], None), (PROGRESS[2], None), (PROGRESS[6], True),
    (Column(gettext_lazy("In hand and late"), lambda line: line.overdue, "overdue"), False),
    (PROGRESS[10], False), (QUALITY[2], True),
)  # fmt: skip


@may(*READERS)
@require_GET
@never_cache
def figures(request: Request) -> HttpResponse:
    """One agency with everything below it, one period, one cut."""
    now = timezone.now()
    this = asked(request, at=now)
    today = timezone.localtime(now).date()
    before = this.when.compared(today)
    found = table(this.cut, this.of, this.when, at=now, officers=officers_for(request.staff))
    columns = _columns(this)
    context = {
        "this": this,
        "found": found,
        "columns": columns,
        "rows": [_row(this, line, columns) for line in found.lines],
        "total": None if this.cut is Cut.OFFICER else _cells(this, found.total, columns, this.url(cut=None)),
        "headlines": _headlines(this, found.total, whole(this.of, before, at=now, stocks=False)),
        "before": before,
        "running": this.when.until >= today,
        "home": request.staff.agency if request.staff else None,
        "up": reach(request.staff).filter(pk=this.agency.parent_id).first() if this.agency.parent_id else None,
        "kinds": [
            {"label": label, "url": this.url(kind=kind.value), "current": kind is this.when.kind}
            for kind, label in LABELS.items()
        ],
        "cuts": [
            {"label": label, "url": this.url(cut=cut.value), "current": cut is this.cut} for cut, label in CUTS.items()
        ],
        "views": [
            {"label": _("Progress"), "url": this.url(view=None), "current": "view" not in this.values},
            {"label": _("Quality, online"), "url": this.url(view="quality"), "current": "view" in this.values},
        ],
        "earlier": this.url(day=f"{this.when.before.since}"),
        "later": this.url(day=f"{this.when.after.since}") if this.when.until < today else "",
        "unnarrowed": this.url(field=None, procedure=None) if this.narrowed else "",
    }
    return render(request, "statistics/figures.html", context)


def _columns(this: Asked) -> Sequence[Column]:
    if this.cut is Cut.OFFICER:
        return OF_OFFICER
    columns: Sequence[Column] = QUALITY if "view" in this.values else PROGRESS
    if this.cut in (Cut.CHANNEL, Cut.TIME):
        columns = tuple(c for c in columns if c.opens not in ("start", "end", "overdue"))
    return columns


def _row(this: Asked, line: Line, columns: Sequence[Column]) -> dict[str, Any]:
    """A line with the way further down: into the agency, field, procedure or stretch of time itself."""
    down, narrower = "", ""
    match this.cut:
        case Cut.AGENCY:
            own = line.key == str(this.agency.pk)
            narrower = this.url(agency=line.key) + ("&own=1" if own else "")
            down = "" if own else narrower
        case Cut.FIELD:
            narrower = this.url(field=line.key, procedure=None)
            down = this.url(field=line.key, procedure=None, cut=Cut.PROCEDURE.value) if line.key else ""
        case Cut.PROCEDURE:
            narrower = this.url(procedure=line.key, field=None)
            down = this.url(procedure=line.key, field=None, cut=Cut.AGENCY.value)
        case Cut.TIME:
            kind = Kind.MONTH if this.when.kind in (Kind.QUARTER, Kind.HALF, Kind.YEAR) else Kind.DAY
            narrower = this.url(kind=kind.value, day=line.key)
            down = narrower if kind is not this.when.kind else ""
            stretch = period(kind, this.when.since.fromisoformat(line.key))
            return {"label": stretch.label, "url": down, "cells": _cells(this, line, columns, narrower)}
        case _:
            narrower = this.url(**{this.cut.value: line.key})
    label = f"{line.key} {line.label}" if this.cut is Cut.PROCEDURE else line.label
    return {
        "label": label or _("No longer in the catalogue"),
        "url": down,
        "cells": _cells(this, line, columns, narrower),
    }


def _cells(this: Asked, line: Line, columns: Sequence[Column], opens: str) -> SafeString:
    """The cells of a line. Written here and not in a template, which would take longer than finding the figures."""
    lists = reverse("statistics:cases")
    cells = []
    for column in columns:
        value = column.value(line)
        text = "–" if value is None else number(value, column.places)
        if value and column.opens:
            text = f'<a href="{lists}{opens.replace("&", "&amp;")}&amp;what={column.opens}">{text}</a>'
        cells.append(f'<td class="num">{text}</td>')
    return SafeString("".join(cells))


def _headlines(this: Asked, now: Line, before: Line) -> list[dict[str, Any]]:
    shown = []
    for column, good in HEADLINES:
        value, was = column.value(now), column.value(before)
        trend, tone = "", ""
        if value is not None and was is not None:
            trend = _("before: %(n)s") % {"n": number(was, column.places)}
            if good is not None and value != was:
                tone = "done" if (value > was) == good else "soon"
        url = reverse("statistics:cases") + this.url(cut=None) + f"&what={column.opens}" if value else ""
        text = "–" if value is None else number(value, column.places)
        shown.append({"label": column.label, "value": text, "trend": trend, "tone": tone, "url": url})
    return shown


@may(*READERS)
@require_GET
@never_cache
def list_of_cases(request: Request) -> HttpResponse:
    """The dossiers behind one figure, newest first, in reach of who looks; by codes, without anybody's name."""
    now = timezone.now()
    this = asked(request, at=now)
    what = request.GET.get("what", "")
    channel, officer = request.GET.get("channel", ""), id_of(request.GET.get("officer"))
    if what not in LISTS or channel not in ("", "1", "2", "3") or not _may_see(request, officer):
        raise Http404
    wanted = Wanted(what, this.of, this.when, channel, officer, own="own" in request.GET)
    found = cases(wanted, after=request.GET.get("after", ""), at=now)
    more = {name: request.GET.get(name) for name in ("channel", "officer", "own")}
    context = {
        "this": this,
        "what": LISTS[what],
        "found": found,
        "now": now,
        "back": reverse("statistics:figures") + this.url(),
        "next": this.url(what=what, after=found.after, **more) if found.after else "",
    }
    return render(request, "statistics/cases.html", context)


def _may_see(request: Request, officer: UUID | None) -> bool:
    mine = officers_for(request.staff)
    return officer is None or mine is None or officer in mine
