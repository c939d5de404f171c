"""Erasing a person at their request: find, see what goes and what stays, confirm, done.

Only administrators of a root agency (the province): a commune's administrator would erase
what other agencies hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.accounts import actions, events, holdings, queries
from tinhso.core.accounts.models import Person
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import NotAllowed, Refused, record_access

from ...access import may
from ...navigation import nav
from ...request import Request
from ..agencies.agencies import leads_province
from .forms import tried

SALT, GOOD_FOR = "accounts.erase", 15 * 60  # seconds between the two steps
_NUMBER = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
View = TypeVar("View", bound=Callable[..., HttpResponse])


class FindForm(forms.Form):
    national_id = forms.CharField(
        label=gettext_lazy("Citizen ID of the person who asks"), max_length=20, widget=_NUMBER
    )


class ConfirmForm(forms.Form):
    """The second step. The number is typed again: a click alone erases nobody."""

    person = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason, and number and date of the request"),
        min_length=10,
        max_length=500,
        help_text=gettext_lazy("It stays for good: no name, no number of the person."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    again = forms.CharField(label=gettext_lazy("Citizen ID, typed again"), max_length=20, widget=_NUMBER)


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@never_cache
def ask(request: Request) -> HttpResponse:
    """Step one: who, and what would go. That somebody looked goes to the access log."""
    _of_the_province(request)
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = tried(form, lambda: _found(form.cleaned_data["national_id"]))
        if person is not None:
            record_access(events.PersonLookedUp(), subject=person, by=request.actor, at=timezone.now())
            token = signing.dumps(str(person.pk), salt=SALT)
            return _step_two(request, person, ConfirmForm(initial={"person": token}))
    return render(request, "accounts/erase.html", {"form": form}, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_POST
@never_cache
def confirm(request: Request) -> HttpResponse:
    """Step two: erase, with a reason."""
    _of_the_province(request)
    form = ConfirmForm(request.POST)
    person = get_object_or_404(Person, pk=_person_of(request.POST.get("person", "")))
    if form.is_valid() and tried(form, lambda: _erase(request, person, form.cleaned_data)):
        messages.success(request, _("The person's data are erased."))
        return redirect("ui:erase")
    return _step_two(request, person, form)


def _step_two(request: Request, person: Person, form: ConfirmForm) -> HttpResponse:
    held = [(holding.label, list(holding.items(person))) for holding in holdings.holdings()]
    context = {"person": person, "form": form, "held": held}
    return render(request, "accounts/erase_confirm.html", context, status=422 if form.errors else 200)


def _erase(request: Request, person: Person, values: dict[str, Any]) -> bool:
    if _found(values["again"], field="again").pk != person.pk:
        raise Refused("not_the_same", _("This is another number. Check whom you are about to erase."), field="again")
    actions.erase_person(person, reason=values["reason"], by=request.actor, at=timezone.now())
    return True


def _found(number: str, field: str = "national_id") -> Person:
    person = queries.find_person(number)
    if person is None:
        raise Refused("unknown_person", _("Nothing is held under this number."), field=field, status=404)
    return person


def _person_of(token: str) -> UUID:
    try:
        return UUID(signing.loads(token, salt=SALT, max_age=GOOD_FOR))
    except signing.BadSignature as wrong:
        raise Refused("confirmation_over", _("This took longer than fifteen minutes. Begin again.")) from wrong


def _of_the_province(request: Request) -> None:
    if not leads_province(request):
        raise NotAllowed(_("Only administrators of the province erase a person: other agencies hold data too."))


nav(
    "admin", gettext_lazy("Erase a person"), "ui:erase", icon="user-round-x", order=90, roles=[Role.ADMINISTRATOR]
)  # fmt: skip
