"""One's own profile, and what the state holds about one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tinhso.core.accounts import actions, holdings, queries
from tinhso.core.accounts.models import Account, Person
from tinhso.core.agencies.models import Agency

from ...access import may
from ...navigation import nav
from ...request import Request
from .forms import ContactForm, ProfileForm, tried

WHAT = {  # events of the access log and of sign-in, in the words of the person they are about
    "dossiers.seen": gettext_lazy("opened your dossier"),
    "files.read": gettext_lazy("read a paper of yours"),
    "vault.seen": gettext_lazy("saw which papers you have, as you agreed at a counter"),
    "vault.share_opened": gettext_lazy("opened a paper you shared by a link"),
    "vault.paper_seen": gettext_lazy("opened a paper to compare it with its original"),
    "account.password_handed_out": gettext_lazy("A counter gave a one-time password on paper"),
    "person.looked_up": gettext_lazy("opened your data to erase it at your request"),
    "account.signed_in": gettext_lazy("Signed in"),
    "account.sign_in_failed": gettext_lazy("Wrong password or code"),
    "account.locked": gettext_lazy("Locked after five wrong tries"),
    "account.signed_out": gettext_lazy("Signed out"),
}


@may("account")
@require_http_methods(["GET", "POST"])
def profile(request: Request) -> HttpResponse:
    """Who one is here, and how one is reached."""
    person = request.user.person
    data = request.POST if request.method == "POST" else None
    form = ProfileForm(person, data) if person else ContactForm.of(request.user, data)
    if data is not None and form.is_valid() and tried(form, lambda: _keep(request, form.cleaned_data)) is not None:
        messages.success(request, _("Saved."))
        return redirect("ui:profile")
    return render(
        request,
        "accounts/profile.html",
        {
            "form": form,
            "person": person,
            "sign_ins": [(WHAT[e.event], e.at) for e in queries.sign_ins(request.user)],
            "shell": "ui/desk.html" if request.staff else "ui/citizen.html",
        },
        status=422 if form.errors else 200,
    )


def _keep(request: Request, values: Any) -> Person | Account:
    person, now = request.user.person, timezone.now()
    if person is not None:
        return actions.change_profile(person, by=request.actor, at=now, **values)
    return actions.change_account(request.user, by=request.actor, at=now, **values)


@may("account")
@require_GET
@never_cache
def held(request: Request) -> HttpResponse:
    """What the state holds about me, and who looked."""
    person = _person(request)
    seen = holdings.lookers(person)
    agencies = {a.pk: a for a in Agency.objects.filter(pk__in={e.agency_id for e in seen})}
    return render(
        request,
        "accounts/held.html",
        {
            "person": person,
            "holdings": [(h.label, list(h.items(person))) for h in holdings.holdings()],
            "seen": [
                (
                    e.at,
                    agencies.get(e.agency_id) if e.agency_id else None,
                    WHAT.get(e.event, _("looked at your data")),
                    e.data.get("code", ""),
                )
                for e in seen
            ],
        },
    )


@may("account")
@require_GET
@never_cache
def export(request: Request) -> HttpResponse:
    """All of it as one JSON file, to keep or to take elsewhere."""
    person = _person(request)
    body = {"as_of": timezone.now(), "person": str(person.pk), "holdings": holdings.export(person)}
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="du-lieu-cua-toi.json"'
    return response


def _person(request: Request) -> Person:
    if request.user.person is None:
        raise Http404
    return request.user.person


nav("account", gettext_lazy("My profile"), "ui:profile", icon="user-round", order=10)
nav("account", gettext_lazy("What the state holds about me"), "ui:held", icon="folder-search", order=20)
