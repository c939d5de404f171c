"""Who works in an agency and what they may do there."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.accounts.actions import appoint
from tinhso.core.agencies import actions, queries
from tinhso.core.agencies.models import Role, Staff

from ...access import may
from ...request import Request
from ..accounts.forms import tried
from .forms import NewPostForm, PostForm


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def add(request: Request, agency_id: UUID) -> HttpResponse:
    """Give someone a post; a new account's owner then needs an invitation."""
    agency = get_object_or_404(queries.agencies_of(request.staff), pk=agency_id)
    form = NewPostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        username = values.pop("username")
        staff = tried(form, lambda: appoint(username, agency, **values, by=request.actor, at=timezone.now()))
        if staff is not None:
            messages.success(request, _("Added. A new account needs a link to choose its password."))
            return redirect("ui:account", staff.account_id)
    context = {"agency": agency, "form": form, "title": _("Add someone"), "verb": _("Add")}
    return render(request, "agencies/form.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def change(request: Request, staff_id: UUID) -> HttpResponse:
    """Change roles, title or signing capacity."""
    staff = _staff(request, staff_id)
    form = PostForm.of(staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if tried(form, lambda: actions.change_staff(staff, by=request.actor, at=timezone.now(), **values)):
            messages.success(request, _("Saved."))
            return redirect("ui:agency", staff.agency_id)
    context = {"agency": staff.agency, "staff_member": staff, "form": form, "verb": _("Save")}
    context["title"] = staff.account.display_name
    return render(request, "agencies/form.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_POST
def end(request: Request, staff_id: UUID) -> HttpResponse:
    staff = _staff(request, staff_id)
    actions.end_staff(staff, by=request.actor, at=timezone.now())
    messages.success(request, _("The post has ended. The account stays."))
    return redirect("ui:agency", staff.agency_id)


def _staff(request: Request, staff_id: UUID) -> Staff:
    posts = queries.scope(Staff.objects.select_related("account", "agency"), request.staff)
    return get_object_or_404(posts, pk=staff_id)
