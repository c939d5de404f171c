"""Merging an agency into its successor, and opening further trees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tinhso.core.accounts.actions import appoint
from tinhso.core.agencies import actions, queries, units
from tinhso.core.agencies.models import Agency, Kind, Role, Staff
from tinhso.core.agencies.succession import merge_agency
from tinhso.core.ledger.actions import NotAllowed, one_change

from ...access import may
from ...request import Request
from ..accounts.administration import invitation
from ..accounts.forms import tried
from .agencies import leads_province
from .forms import AgencyForm


class MergeForm(forms.Form):
    successor = forms.ModelChoiceField(label=gettext_lazy("Successor"), queryset=Agency.objects.none())
    with_staff = forms.BooleanField(
        label=gettext_lazy("Its people, but for leaders, get the same posts at the successor"),
        required=False,
        initial=True,
    )


class RootForm(AgencyForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[c for c in Kind.choices if c[0] in ("party", "front")]
    )
    username = forms.CharField(label=gettext_lazy("Username of its first administrator"), max_length=60)
    display_name = forms.CharField(label=gettext_lazy("Full name of its first administrator"), max_length=120)


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def merge(request: Request, agency_id: UUID) -> HttpResponse:
    """Choose who goes on; then it is done at once."""
    reach, now = queries.agencies_of(request.staff), timezone.now()
    agency = get_object_or_404(reach, pk=agency_id)
    form = MergeForm(request.POST or None)
    choices = reach.open_at(now).exclude(path__contains=[agency.pk]).order_by("code")
    form.fields["successor"].queryset = choices  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        merged = tried(form, lambda: merge_agency(agency, **values, by=request.actor, at=timezone.now()))
        if merged is not None:
            messages.success(request, _("Merged. Open work goes on at the successor."))
            return redirect("ui:agency", merged.successor_id)
    context = {"agency": agency, "form": form, "likely": units.merged_into(agency.name, _province_of(agency))}
    return render(request, "agencies/merge.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@never_cache
def add_root(request: Request) -> HttpResponse:
    """Open a tree of its own and hand its first administrator a link; only the province's administrators may."""
    if not leads_province(request):
        raise NotAllowed(_("Only administrators of the province open another tree."))
    form = RootForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        staff = tried(form, lambda: _open(request, dict(form.cleaned_data)))
        if staff is not None:
            context = {"account": staff.account, "address": invitation(request, staff.account)}
            return render(request, "accounts/invitation.html", context)
    return render(request, "agencies/root.html", {"form": form}, status=422 if form.errors else 200)


def _open(request: Request, values: dict[str, Any]) -> Staff:
    username, name, now = values.pop("username"), values.pop("display_name"), timezone.now()
    with one_change():
        old = values.pop("old_code") or None
        root = actions.create_agency(values.pop("code"), old_code=old, **values, by=request.actor, at=now)
        return appoint(username, root, display_name=name, roles=[Role.ADMINISTRATOR], by=request.actor, at=now)


def _province_of(agency: Agency) -> str:
    """Code of the province it lies in, by its root."""
    return Agency.objects.get(pk=agency.path[0]).unit_code
