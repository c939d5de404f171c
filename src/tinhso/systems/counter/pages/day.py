"""The end of the day: my figures, closing them, and taking over a colleague's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.api.pagination import page
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import days
from ..days import Figures
from ..models import Day

FIELDS = ("received", "returned", "receipts", "taken", "held")


@may(*days.READERS)
@require_http_methods(["GET", "POST"])
@never_cache
def day(request: Request) -> HttpResponse:
    """POST closes with the figures that the page showed."""
    assert request.staff is not None
    now, refusal = timezone.now(), None
    if request.method == "POST":
        try:
            if not request.staff.has_role(Role.RECEPTIONIST):
                raise Refused("not_a_counter", _("Only who works at a counter closes a day there."), status=403)
            told = Figures(*(_number(request.POST.get(name, "")) for name in FIELDS))
            note = request.POST.get("note", "")
            days.close(told, note=note, staff=request.staff, by=request.actor, at=now)
        except Refused as wrong:
            refusal = wrong
        else:
            messages.success(request, _("Your day is closed. Now a colleague counts and takes it over."))
            return redirect("counter:day")
    today = timezone.localtime(now).date()
    part = page(days.days_of(request.staff), ("-day", "-at", "-id"), after=request.GET.get("sau", ""), limit=30)
    shown = days.figures(request.staff, today) if request.staff.has_role(Role.RECEPTIONIST) else None
    context: dict[str, Any] = {
        "today": today,
        "figures": shown,
        "shown": [(name, getattr(shown, name)) for name in FIELDS] if shown else [],
        "closed": Day.objects.filter(agency=request.staff.agency, official=request.user, day=today).first(),
        "days": part.items,
        "after": part.after,
        "staff": request.staff,
        "may_take_over": request.staff.has_role(Role.RECEPTIONIST, Role.UNIT_HEAD),
        "refusal": refusal,
    }
    return render(request, "counter/day.html", context, status=refusal.status if refusal else 200)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else -1


@may(Role.RECEPTIONIST, Role.UNIT_HEAD)
@require_POST
def take_over(request: Request, day_id: UUID) -> HttpResponse:
    """I have counted the money and the papers, and it is right."""
    assert request.staff is not None
    closed = days.days_of(request.staff).filter(pk=day_id).first()
    if closed is None:
        raise Http404
    try:
        days.take_over(closed, staff=request.staff, by=request.actor, at=timezone.now())
        messages.success(request, _("Taken over. Both of you stand in the record."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("counter:day")
