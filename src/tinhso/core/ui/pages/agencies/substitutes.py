"""Who stands in for whom, and until when: one's own post, or as administrator anyone's within reach."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.agencies import substitution
from tinhso.core.agencies.models import Capacity, Role, Staff
from tinhso.core.agencies.queries import scope

from ...access import may
from ...navigation import nav
from ...request import Request
from ..accounts.forms import tried

_DAY = {"type": "date"}


class SubstituteForm(forms.Form):
    substitute = forms.ModelChoiceField(label=gettext_lazy("Substitute"), queryset=Staff.objects.none())
    since = forms.DateField(label=gettext_lazy("From the day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("To the day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    capacity = forms.ChoiceField(
        label=gettext_lazy("Signs as"),
        choices=[(Capacity.TUQ.value, Capacity.TUQ.label), (Capacity.KT.value, Capacity.KT.label)],
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("For these roles"), widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"})
    )

    def __init__(self, post: Staff, people: Any, data: Any = None) -> None:
        given = [role for role in post.roles if role not in substitution.NEVER]
        super().__init__(data, initial={"roles": given, "since": timezone.localdate()})
        self.fields["substitute"].queryset = people  # type: ignore[attr-defined]
        self.fields["roles"].choices = [(role, Role(role).label) for role in given]  # type: ignore[attr-defined]


@may("staff")
@require_http_methods(["GET", "POST"])
def own(request: Request) -> HttpResponse:
    """Name who stands in for oneself."""
    assert request.staff is not None
    return _page(request, request.staff, "ui:my_substitute")


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def of(request: Request, staff_id: UUID) -> HttpResponse:
    """Name who stands in for someone within reach, who may be ill."""
    posts = scope(Staff.objects.select_related("account", "agency"), request.staff)
    return _page(request, get_object_or_404(posts, pk=staff_id), "ui:staff_substitute", staff_id)


@may("staff")
@require_POST
def end(request: Request, staff_id: UUID) -> HttpResponse:
    """Ask the work back: who is away themselves, or an administrator who reaches the agency."""
    mine = Q(stands_in_for__account=request.user.pk)
    if request.staff is not None and request.staff.has_role(Role.ADMINISTRATOR):
        mine |= Q(pk__in=scope(Staff.objects.all(), request.staff).values("pk"))
    post = get_object_or_404(Staff.objects.filter(mine, stands_in_for__isnull=False), pk=staff_id)
    substitution.end_substitution(post, by=request.actor, at=timezone.now())
    messages.success(request, _("The substitution has ended."))
    return redirect("ui:my_substitute" if request.user.pk == post.stands_in_for.account_id else "ui:accounts")  # type: ignore[union-attr]


def _page(request: Request, post: Staff, url: str, *parts: Any) -> HttpResponse:
    now = timezone.now()
    near = Staff.objects.filter(agency__path__contains=[post.agency_id], valid_to=None, account__disabled_at=None)
    people = near.exclude(account=post.account_id).select_related("account").order_by("account__display_name", "pk")
    form = SubstituteForm(post, people, request.POST or None)
    if request.method == "POST" and form.is_valid():
        v = form.cleaned_data
        period = {"valid_from": _midnight(v["since"]), "valid_to": _midnight(v["until"] + timedelta(days=1))}
        more = {"roles": v["roles"], "capacity": v["capacity"], "by": request.actor, "at": now, **period}
        if tried(form, lambda: substitution.name_substitute(post, v["substitute"], **more)):
            messages.success(request, _("The substitute is named and sees the work for those days."))
            return redirect(url, *parts)
    context = {"post": post, "form": form, "people": people.exists()}
    context["substitutes"] = substitution.substitutes_at([post], now)
    return render(request, "agencies/substitute.html", context, status=422 if form.errors else 200)


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


nav("account", gettext_lazy("My substitute"), "ui:my_substitute", icon="user-round-cog", order=15)
