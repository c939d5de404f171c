"""Office hours and days that differ, on a view of the whole year."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.dates import WEEKDAYS as NAMES
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.agencies.models import Agency, Role
from tinhso.core.agencies.queries import agencies_of, scope
from tinhso.core.worktime import actions, queries
from tinhso.core.worktime.hours import FIRST_YEAR, LAST_YEAR, WEEKDAYS, show_spans
from tinhso.core.worktime.models import DayOverride, OfficeHours

from ...access import may
from ...navigation import nav
from ...request import Request
from ..accounts.forms import tried
from .forms import DayForm, HoursForm

SHORT = (
    pgettext_lazy("short weekday", "Mo"),
    pgettext_lazy("short weekday", "Tu"),
    pgettext_lazy("short weekday", "We"),
    pgettext_lazy("short weekday", "Th"),
    pgettext_lazy("short weekday", "Fr"),
    pgettext_lazy("short weekday", "Sa"),
    pgettext_lazy("short weekday", "Su"),
)


@dataclass(frozen=True)
class Month:
    """One month as a table: weeks of seven cells, empty where another month has the day."""

    name: str
    weeks: list[list[queries.Day | None]]


def sheet(days: list[queries.Day]) -> Iterator[Month]:
    """A year as twelve tables."""
    first = {day.date: day for day in days}
    year = days[0].date.year
    for number, name in MONTHS.items():
        weeks = months.Calendar().monthdatescalendar(year, number)
        yield Month(str(name), [[first.get(d) if d.month == number else None for d in week] for week in weeks])


@may(Role.ADMINISTRATOR)
@require_GET
def own(request: Request) -> HttpResponse:
    assert request.staff is not None
    return redirect("ui:calendar", request.staff.agency_id)


@may(Role.ADMINISTRATOR)
@require_GET
def year(request: Request, agency_id: UUID) -> HttpResponse:
    """The year of an agency, with the forms that change it beside."""
    return _page(request, _agency(request, agency_id))


@may(Role.ADMINISTRATOR)
@require_POST
def hours(request: Request, agency_id: UUID) -> HttpResponse:
    agency = _agency(request, agency_id)
    form = HoursForm(request.POST, prefix="hours")
    if form.is_valid():
        day = form.cleaned_data["valid_from"]
        done = tried(
            form,
            lambda: actions.set_hours(agency.pk, form.weekly(), valid_from=day, by=request.actor, at=timezone.now()),
        )
        if done:
            messages.success(request, _("The new hours apply from that day on. Due times already promised stay."))
            return redirect("ui:calendar", agency.pk)
    return _page(request, agency, hours_form=form)


@may(Role.ADMINISTRATOR)
@require_POST
def day(request: Request, agency_id: UUID) -> HttpResponse:
    agency = _agency(request, agency_id)
    form = DayForm(request.POST, prefix="day")
    if form.is_valid():
        values = dict(form.cleaned_data)
        done = tried(
            form,
            lambda: actions.override_day(agency.pk, values.pop("day"), **values, by=request.actor, at=timezone.now()),
        )
        if done:
            messages.success(request, _("Noted. Due times already promised stay."))
            return _back(agency.pk, done.day.year)
    return _page(request, agency, day_form=form)


@may(Role.ADMINISTRATOR)
@require_POST
def hours_withdraw(request: Request, hours_id: UUID) -> HttpResponse:
    found = get_object_or_404(scope(OfficeHours.objects.all(), request.staff), pk=hours_id)
    actions.withdraw_hours(found, by=request.actor, at=timezone.now())
    messages.success(request, _("Withdrawn."))
    return redirect("ui:calendar", found.agency_id)


@may(Role.ADMINISTRATOR)
@require_POST
def day_withdraw(request: Request, override_id: UUID) -> HttpResponse:
    found = get_object_or_404(scope(DayOverride.objects.all(), request.staff), pk=override_id)
    actions.withdraw_override(found, by=request.actor, at=timezone.now())
    messages.success(request, _("Withdrawn."))
    return _back(found.agency_id, found.day.year)


def _agency(request: Request, agency_id: UUID) -> Agency:
    return get_object_or_404(agencies_of(request.staff), pk=agency_id)


def _back(agency_id: UUID, year: int) -> HttpResponse:
    response = redirect("ui:calendar", agency_id)
    response["Location"] += f"?year={year}"
    return response


def _year(request: Request) -> int:
    text = request.GET.get("year", "")
    if not text:
        return timezone.localdate().year
    if not text.isascii() or not text.isdigit() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Http404
    return int(text)


def _page(request: Request, agency: Agency, **forms: Any) -> HttpResponse:
    number, today = _year(request), timezone.localdate()
    calendar = queries.calendar_for(agency.pk)
    days = queries.year(agency, number)
    now = calendar.week(today)
    within = agencies_of(request.staff)
    context = {
        "agency": agency,
        "above": within.filter(pk__in=agency.path[:-1]).order_by("path__len"),
        "children": agency.children.open_at(timezone.now()).order_by("code"),
        "year": number,
        "before": number - 1 if number > FIRST_YEAR else None,
        "after": number + 1 if number < LAST_YEAR else None,
        "today": today,
        "months": sheet(days),
        "weekdays": list(zip(SHORT, NAMES.values(), strict=True)),
        "differing": [(day, show_spans(day.hours)) for day in days if day.reason],
        "working": sum(1 for day in days if day.hours),
        "week": [(name, show_spans(spans)) for name, spans in zip(NAMES.values(), now, strict=True)],
        "eras": [
            (one, [(NAMES[i], one.weekly[key]) for i, key in enumerate(WEEKDAYS) if key in one.weekly])
            for one in agency.office_hours.order_by("-valid_from")
        ],
        "hours_form": HoursForm.of(now, today),
        "day_form": DayForm(prefix="day"),
        **forms,
    }
    return render(request, "calendar/year.html", context, status=422 if forms else 200)


nav(
    "admin", gettext_lazy("Working time"), "ui:calendar_own", icon="calendar-days", order=20, roles=[Role.ADMINISTRATOR]
)
