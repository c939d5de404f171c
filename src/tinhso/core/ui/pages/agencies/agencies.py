"""The tree of agencies, as far as an administrator reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.agencies import actions, queries
from tinhso.core.agencies.models import Agency, Kind, Role
from tinhso.core.agencies.substitution import substitutes_at

from ...access import may
from ...navigation import nav
from ...request import Request
from ..accounts.forms import tried
from .forms import AgencyForm, NewAgencyForm

PAGE = 100


@may(Role.ADMINISTRATOR)
@require_GET
def listing(request: Request) -> HttpResponse:
    """Search within reach; without words the administrator's own agency and what hangs under it."""
    assert request.staff is not None
    words, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    found = queries.search(request.staff, words, timezone.now()).filter(code__gt=after)
    if not words:
        found = found.filter(path__len__lte=len(request.staff.agency.path) + 1)
    rows = list(found[: PAGE + 1])
    return render(
        request,
        "agencies/agencies.html",
        {
            "rows": rows[:PAGE],
            "words": words,
            "own": request.staff.agency,
            "province_root": leads_province(request),
            "next": rows[PAGE - 1].code if len(rows) > PAGE else "",
        },
    )


@may(Role.ADMINISTRATOR)
@require_GET
def one(request: Request, agency_id: UUID) -> HttpResponse:
    """One agency: where it hangs, what hangs under it, who works in it."""
    agency, now = _agency(request, agency_id), timezone.now()
    above = Agency.objects.filter(pk__in=agency.path[:-1]).order_by("path__len")
    within = set(queries.agencies_of(request.staff).filter(pk__in=agency.path).values_list("pk", flat=True))
    return render(
        request,
        "agencies/agency.html",
        {
            "agency": agency,
            "above": [(a, a.pk in within) for a in above],
            "children": agency.children.open_at(now).order_by("code"),
            "people": agency.staff.filter(valid_to=None).select_related("account").order_by("account__display_name"),
            "substitutes": substitutes_at(agency.staff.filter(valid_to=None), now),
            "merged": agency.predecessors.order_by("code"),
            "closed": agency.valid_to is not None and agency.valid_to <= now,
        },
    )


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def add(request: Request, agency_id: UUID) -> HttpResponse:
    """Open an agency under this one."""
    parent = _agency(request, agency_id)

    def create(values: dict[str, Any]) -> Agency:
        old = values.pop("old_code") or None
        return actions.create_agency(
            values.pop("code"), old_code=old, parent=parent, **values, by=request.actor, at=timezone.now()
        )

    form = NewAgencyForm(request.POST or None)
    return _form(request, form, create, {"agency": parent, "title": _("Add an agency"), "verb": _("Add")})


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def change(request: Request, agency_id: UUID) -> HttpResponse:
    """Correct names and codes."""
    agency = _agency(request, agency_id)

    def apply(values: dict[str, Any]) -> Agency:
        return actions.change_agency(agency, by=request.actor, at=timezone.now(), **values)

    form = AgencyForm.of(agency, request.POST or None)
    return _form(request, form, apply, {"agency": agency, "title": _("Change the agency"), "verb": _("Save")})


@may(Role.ADMINISTRATOR)
@require_POST
def close(request: Request, agency_id: UUID) -> HttpResponse:
    agency = _agency(request, agency_id)
    actions.close_agency(agency, by=request.actor, at=timezone.now())
    messages.success(request, _("The agency is closed and the posts in it have ended."))
    return redirect("ui:agencies")


def leads_province(request: Request) -> bool:
    """Whether this administrator's post is at the root of the state's tree."""
    agency = request.staff.agency if request.staff else None
    return agency is not None and agency.depth == 0 and agency.kind == Kind.PROVINCE


def _form(
    request: Request, form: forms.Form, verb: Callable[[dict[str, Any]], Agency], context: dict[str, Any]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        done = tried(form, lambda: verb(dict(form.cleaned_data)))
        if done is not None:
            messages.success(request, _("Saved."))
            return redirect("ui:agency", done.pk)
    return render(request, "agencies/form.html", {**context, "form": form}, status=422 if form.errors else 200)


def _agency(request: Request, agency_id: UUID) -> Agency:
    return get_object_or_404(queries.agencies_of(request.staff), pk=agency_id)


nav("admin", gettext_lazy("Agencies and staff"), "ui:agencies", icon="building-2", order=10, roles=[Role.ADMINISTRATOR])
