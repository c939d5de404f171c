"""The receptionist's page: an account for someone who stands at the counter with their ID card."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tinhso.core.accounts import actions
from tinhso.core.accounts.models import Account, Sex
from tinhso.core.agencies.models import Role

from ...access import may
from ...navigation import nav
from ...request import Request
from .forms import mail, telephone, tried

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_NUMBER = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})


class CardForm(forms.Form):
    """What stands on the card, and how the person is reached."""

    national_id = forms.CharField(label=_("Citizen ID"), max_length=20, widget=_NUMBER)
    full_name = forms.CharField(label=_("Full name, as on the card"), max_length=120)
    birth_date = forms.DateField(label=_("Date of birth"), widget=_DAY)
    sex = forms.ChoiceField(label=_("Sex"), choices=[c for c in Sex.choices if c[0]], widget=forms.RadioSelect)
    phone = telephone(help_text=_("The person may sign in with it instead of the username."))
    email = mail()
    card_seen = forms.BooleanField(label=_("I have compared the card with the person in front of me"), required=False)


@may(Role.RECEPTIONIST)
@require_http_methods(["GET", "POST"])
@never_cache
def open_account(request: Request) -> HttpResponse:
    """Open an account, or give the one there is a new one-time password; the sheet is shown this once."""
    form = CardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: _open(request, form))
        if made is not None:
            account, password = made
            site = request.build_absolute_uri("/").rstrip("/")
            return render(
                request, "accounts/handed_out.html", {"account": account, "password": password, "address": site}
            )
    return render(request, "accounts/counter.html", {"form": form}, status=422 if form.errors else 200)


def _open(request: Request, form: CardForm) -> tuple[Account, str]:
    given = {name: value for name, value in form.cleaned_data.items() if value}  # what is left empty stays as known
    given.setdefault("card_seen", False)
    return actions.open_at_counter(given.pop("national_id"), **given, by=request.actor, at=timezone.now())


nav("desk", _("Account for a citizen"), "ui:counter_account", icon="user-plus", order=30, roles=[Role.RECEPTIONIST])
