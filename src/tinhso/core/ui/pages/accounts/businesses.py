"""Businesses: registered at the counter by who has seen the papers; one's own, and whom one lets act for them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.accounts import actions
from tinhso.core.accounts.models import Authority, Business
from tinhso.core.accounts.queries import authorities_of, find_business
from tinhso.core.agencies.models import Role
from tinhso.core.api.limits import limit
from tinhso.core.ledger.actions import one_change

from ...access import may
from ...navigation import nav
from ...request import Request
from .forms import tried

TRIES = 10  # a minute, of one representative: naming people must not become a way to try IDs
_NUMBER = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PersonForm(forms.Form):
    """Whom a representative authorises, and until when."""

    national_id = forms.CharField(label=gettext_lazy("Citizen ID"), max_length=20, widget=_NUMBER)
    full_name = forms.CharField(label=gettext_lazy("Full name, as on the card"), max_length=120)
    until = forms.DateField(label=gettext_lazy("May act until the end of"), widget=_DAY)


class BusinessForm(PersonForm):
    """What stands in the registration certificate, and who stands here with which papers."""

    code = forms.CharField(label=gettext_lazy("Enterprise code"), max_length=16, widget=_NUMBER)
    name = forms.CharField(label=gettext_lazy("Name of the business"), max_length=250)
    role = forms.ChoiceField(
        label=gettext_lazy("Who this person is"), choices=Authority.Role.choices, widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=gettext_lazy("May act until the end of"), widget=_DAY, required=False,
        help_text=gettext_lazy("For an authorised person, as the authorisation says."),
    )  # fmt: skip
    seen = forms.BooleanField(
        label=gettext_lazy("I have seen the registration certificate, the ID card and any written authorisation")
    )
    field_order = ("code", "name", "national_id", "full_name", "role", "until", "seen")


@may(Role.RECEPTIONIST)
@require_http_methods(["GET", "POST"])
@never_cache
def counter(request: Request) -> HttpResponse:
    """Look a business up by its code (`?ma=`), register it, and say who acts for it."""
    now = timezone.now()
    asked = request.GET.get("ma", "")
    known = find_business(asked)
    form = BusinessForm(request.POST or None, initial={"code": known.code if known else asked, "name": known or ""})
    if request.method == "POST" and form.is_valid() and (made := tried(form, lambda: _register(request, form, now))):
        messages.success(request, _("%(name)s is registered.") % {"name": made.name})
        return redirect(f"{reverse('ui:counter_business')}?ma={made.code}")
    context = {"form": form, "asked": asked, "business": known, "members": _members([known], now) if known else []}
    return render(request, "accounts/counter_business.html", context, status=422 if form.errors else 200)


def _register(request: Request, form: BusinessForm, at: datetime) -> Business:
    v, by = form.cleaned_data, request.actor
    with one_change():
        business = actions.register_business(v["code"], name=v["name"], by=by, at=at)
        person = actions.register_person(v["national_id"], full_name=v["full_name"], by=by, at=at)
        actions.give_authority(business, person, role=v["role"], until=_end_of(v["until"]), by=by, at=at)
    return business


def _end_of(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) if day else None


def _members(businesses: list[Business], at: datetime) -> list[Authority]:
    held = Authority.objects.open_at(at).filter(business__in=businesses).select_related("business", "person")
    return list(held.order_by("business__name", "-role", "pk"))


@may("account")
@require_http_methods(["GET", "POST"])
@never_cache
def own(request: Request) -> HttpResponse:
    """The businesses one acts for; who represents one by law says who else does."""
    now = timezone.now()
    mine = list(authorities_of(request.user.person_id, now))
    legal = [one for one in mine if one.is_legal]
    chosen = next((one for one in legal if str(one.pk) == request.POST.get("for")), None)
    form = PersonForm(request.POST if chosen else None)
    if chosen and form.is_valid() and tried(form, lambda: _authorise(request, chosen, form, now)):
        messages.success(request, _("They may act for %(name)s from now on.") % {"name": chosen.business.name})
        return redirect("ui:businesses")
    members = _members([one.business for one in legal], now)
    context = {"mine": mine, "legal": legal, "form": form, "members": members, "chosen": chosen}
    return render(request, "accounts/businesses.html", context, status=422 if form.errors else 200)


def _authorise(request: Request, chosen: Authority, form: PersonForm, at: datetime) -> Any:
    limit("authorise", str(request.user.pk), per_minute=TRIES, at=at)
    v = form.cleaned_data
    return actions.authorise(
        chosen, v["national_id"], full_name=v["full_name"], until=_end_of(v["until"]), by=request.actor, at=at
    )


@may("account")
@require_POST
def end(request: Request, authority_id: UUID) -> HttpResponse:
    """End an authority: a counter any; a legal representative those of others; each their own."""
    now = timezone.now()
    at_counter = request.staff is not None and request.staff.has_role(Role.RECEPTIONIST)
    may_end = Authority.objects.open_at(now).select_related("business")
    if not at_counter:
        mine = authorities_of(request.user.person_id, now)
        legal = [one.business_id for one in mine if one.is_legal]
        own = may_end.filter(pk__in=[one.pk for one in mine])
        may_end = own | may_end.filter(business__in=legal, role=Authority.Role.AUTHORISED)
    one = get_object_or_404(may_end, pk=authority_id)
    actions.end_authority(one, by=request.actor, at=now)
    messages.success(request, _("The authority has ended."))
    return redirect(f"{reverse('ui:counter_business')}?ma={one.business.code}" if at_counter else "ui:businesses")


nav("account", gettext_lazy("My businesses"), "ui:businesses", icon="building-2", order=17)
nav("desk", gettext_lazy("Businesses"), "ui:counter_business", icon="building-2", order=35, roles=[Role.RECEPTIONIST])
