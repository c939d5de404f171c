"""Leaders look into complaints and answer; auditors read them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tinhso.core.agencies.models import Role
from tinhso.core.api.pagination import page
from tinhso.core.ledger.actions import Refused, record_access
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..events import ComplaintSeen
from ..models import Complaint, Outcome, State

SHOWN = 30


@may(*queries.READERS)
@require_GET
@never_cache
def listed(request: Request) -> HttpResponse:
    """What waits for one's own answer, what is due first on top; then all one may see, the newest first."""
    assert request.staff is not None
    after = request.GET.get("sau", "")
    part = page(queries.visible(request.staff), ("-filed_at", "-id"), after=after, limit=SHOWN)
    waiting = [] if after else queries.to_answer(request.staff).order_by("due_at", "pk")
    context = {"waiting": waiting, "rows": part.items, "after": part.after, "now": timezone.now()}
    return render(request, "complaints/list.html", context)


@may(*queries.READERS)
@require_http_methods(["GET", "POST"])
@never_cache
def judge(request: Request, complaint_id: UUID) -> HttpResponse:
    """One of them: take it on, answer it. That it was opened is recorded, and its dossier's owner sees that."""
    assert request.staff is not None
    one, now = get_object_or_404(queries.visible(request.staff), pk=complaint_id), timezone.now()
    refusal, status = None, 200
    if request.method == "POST":
        try:
            messages.success(request, _done(request, one))
            return redirect("complaints:judge", one.pk)
        except Refused as wrong:
            refusal, status = wrong, wrong.status
    else:
        seen = ComplaintSeen(str(one.number.value))
        record_access(seen, subject=one.dossier.applicant or one.dossier, by=request.actor, at=now)
    mine = request.staff.agency_id == one.agency_id and request.staff.has_role(Role.LEADER)
    outcomes = [(o.value, o.label) for o in Outcome if (o is Outcome.NOT_TAKEN_ON) == (one.state == State.FILED)]
    context = {
        "one": one,
        "can_answer": mine and one.state in (State.FILED, State.TAKEN_ON),
        "outcomes": outcomes,
        "outcome": request.POST.get("outcome", one.outcome) or outcomes[0][0],
        "answer": request.POST.get("answer", one.answer),
        "refusal": refusal,
        "now": now,
    }
    return render(request, "complaints/judge.html", context, status=status)


def _done(request: Request, one: Complaint) -> str:
    assert request.staff is not None
    staff, by, now = request.staff, request.actor, timezone.now()
    if request.POST.get("verb") == "take_on":
        actions.take_on(one, complex_case="complex" in request.POST, staff=staff, by=by, at=now)
        return _("Taken on. The complainer is told by when they hear.")
    words = request.POST.get("answer", "")[: actions.LONGEST + 1]
    actions.write_answer(one, outcome=request.POST.get("outcome", ""), words=words, staff=staff, by=by, at=now)
    return _("Written. It is drafted in a moment: read it, then sign it.")
