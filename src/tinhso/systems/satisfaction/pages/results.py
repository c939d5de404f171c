"""How it went, for heads, leaders and auditors: by question and by agency, of months that are over."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tinhso.core.agencies.models import Role
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.api.pagination import page
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, points, queries
from ..queries import READERS
from ..sheets import sheet

SAID = 30  # on one page


@may(*READERS)
@require_GET
@never_cache
def results(request: Request) -> HttpResponse:
    """Shares with how many they rest on, agency by agency, and words without names."""
    choice = queries.periods(timezone.now())
    period = next((one for one in choice if one.key == request.GET.get("period")), choice[0])
    reach = agencies_of(request.staff, READERS)
    wanted = request.GET.get("agency") or str(request.staff.agency_id if request.staff else "")
    agency = reach.filter(pk=wanted).first() if _is_id(wanted) else None
    if agency is None:
        raise Http404
    figures = queries.shown(agency, period)
    said = page(queries.words(agency, period), ("answer_id",), after=request.GET.get("after", ""), limit=SAID)
    labels = {mark.mark: mark.label for mark in figures.sheet.marks}
    key = figures.sheet.questions[0].key
    context = {
        "periods": choice,
        "period": period,
        "agency": agency,
        "home": request.staff.agency if request.staff else None,
        "shown": figures,
        "pointed": points.pointed(agency, period, figures),
        "share": round(100 * figures.answers / figures.asked) if figures.asked else None,
        "said": [(one, labels.get(one.answer.marks.get(key), "")) for one in said.items],
        "after": said.after,
        "traces": request.staff is not None and request.staff.has_role(Role.AUDITOR),
    }
    return render(request, "satisfaction/results.html", context)


@may(Role.AUDITOR)
@require_GET
@never_cache
def trace(request: Request, answer_id: UUID) -> HttpResponse:
    """To which dossier an answer belongs; the look is recorded, and the person can see it."""
    given = queries.traceable(request.staff).select_related("agency").filter(pk=answer_id).first()
    if given is None:
        raise Http404
    reply = actions.trace(given, by=request.actor, at=timezone.now())
    asked = sheet(given.month)
    labels = {mark.mark: mark.label for mark in asked.marks}
    marks = [(q.label, labels[given.marks[q.key]]) for q in asked.questions if q.key in given.marks]
    return render(request, "satisfaction/trace.html", {"given": given, "reply": reply, "marks": marks})


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
