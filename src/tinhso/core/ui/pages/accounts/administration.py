"""Administrators' pages: accounts of officials and clients of the API, within the administrator's reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.accounts import actions, directory, queries
from tinhso.core.accounts.models import Account, ApiClient
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.agencies.queries import agencies_of, scope
from tinhso.core.ledger.actions import Refused

from ...access import may
from ...navigation import nav
from ...request import Request
from .forms import ClientForm, DeviceForm, tried

PAGE = 50


@may(Role.ADMINISTRATOR)
@require_GET
def accounts(request: Request) -> HttpResponse:
    """Officials' accounts within reach, by username."""
    words, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    found = queries.accounts_of(request.staff).filter(username__gt=after).order_by("username")
    if words:
        found = found.filter(Q(username__icontains=words) | Q(display_name__icontains=words))
    rows = list(found[: PAGE + 1])
    return render(
        request,
        "accounts/accounts.html",
        {"accounts": rows[:PAGE], "words": words, "next": rows[PAGE - 1].username if len(rows) > PAGE else ""},
    )


@may(Role.ADMINISTRATOR)
@require_GET
def account(request: Request, account_id: UUID) -> HttpResponse:
    """One official's account: its posts, its state, what may be done with it."""
    one = _account(request, account_id)
    posts = scope(Staff.objects.filter(account=one, valid_to=None), request.staff).select_related("agency")
    context = {"account": one, "posts": posts, "locked": one.locked_at(timezone.now())}
    context |= {"directory": directory.configured() is not None, "has_password": one.has_usable_password()}
    return render(request, "accounts/account.html", context)


@may(Role.ADMINISTRATOR)
@require_POST
def unlock(request: Request, account_id: UUID) -> HttpResponse:
    return _do(request, account_id, actions.unlock_account, _("The account may sign in again."))


@may(Role.ADMINISTRATOR)
@require_POST
def disable(request: Request, account_id: UUID) -> HttpResponse:
    return _do(request, account_id, actions.disable_account, _("The account is disabled."))


@may(Role.ADMINISTRATOR)
@require_POST
def enable(request: Request, account_id: UUID) -> HttpResponse:
    return _do(request, account_id, actions.enable_account, _("The account is open again."))


@may(Role.ADMINISTRATOR)
@require_POST
def by_directory(request: Request, account_id: UUID) -> HttpResponse:
    _account(request, account_id)
    if directory.configured() is None:
        raise Refused("no_directory", _("No staff directory is configured here."))
    return _do(request, account_id, actions.use_directory, _("From now on the staff directory checks the password."))


@may(Role.ADMINISTRATOR)
@require_POST
@never_cache
def invite(request: Request, account_id: UUID) -> HttpResponse:
    """A link with which its owner chooses a password: works once, for three days, shown only here."""
    one = _account(request, account_id)
    address = invitation(request, one)
    return render(request, "accounts/invitation.html", {"account": one, "address": address})


def invitation(request: Request, one: Account) -> str:
    """The address where the owner of an account chooses a password."""
    parts = {"uidb36": user_pk_to_url_str(one), "key": default_token_generator.make_token(one)}
    return request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=parts))


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@never_cache
def clients(request: Request) -> HttpResponse:
    """Machines that use the API for agencies within reach; a new token is shown this once."""
    form = ClientForm(agencies_of(request.staff).order_by("code"), request.POST or None)
    token = ""
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: _issue(request, form.cleaned_data))
        if made is not None:
            token, form = made[1], ClientForm(agencies_of(request.staff).order_by("code"))
    rows = scope(ApiClient.objects.filter(device_kind="").select_related("agency"), request.staff).order_by(
        "name", "pk"
    )
    context = {"form": form, "token": token, "clients": rows, "now": timezone.now()}
    return render(request, "accounts/clients.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@never_cache
def devices(request: Request) -> HttpResponse:
    """Kiosks and displays of agencies within reach; a new one's enrolment code is shown this once."""
    within = agencies_of(request.staff).open_at(timezone.now()).order_by("code")
    form = DeviceForm(within, request.POST or None)
    code = ""
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: actions.add_device(**form.cleaned_data, by=request.actor, at=timezone.now()))
        if made is not None:
            code, form = made[1], DeviceForm(within)
    rows = scope(ApiClient.objects.exclude(device_kind="").select_related("agency"), request.staff)
    context = {
        "form": form,
        "code": code,
        "devices": rows.order_by("agency__code", "name", "pk"),
        "now": timezone.now(),
    }
    return render(request, "accounts/devices.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_POST
def revoke(request: Request, client_id: UUID) -> HttpResponse:
    client = get_object_or_404(scope(ApiClient.objects.all(), request.staff), pk=client_id)
    actions.revoke_api_client(client, by=request.actor, at=timezone.now())
    messages.success(request, _("The client may no longer use the API."))
    return redirect("ui:devices" if client.device_kind else "ui:clients")


def _issue(request: Request, values: dict[str, Any]) -> tuple[ApiClient, str]:
    return actions.issue_api_client(**values, by=request.actor, at=timezone.now())


def _account(request: Request, account_id: UUID) -> Account:
    return get_object_or_404(queries.accounts_of(request.staff), pk=account_id)


def _do(request: Request, account_id: UUID, verb: Callable[..., Account], done: str) -> HttpResponse:
    verb(_account(request, account_id), by=request.actor, at=timezone.now())
    messages.success(request, done)
    return redirect("ui:account", account_id)


_ADMINISTRATORS = [Role.ADMINISTRATOR]
nav("admin", gettext_lazy("Accounts"), "ui:accounts", icon="users-round", order=20, roles=_ADMINISTRATORS)
nav("admin", gettext_lazy("API clients"), "ui:clients", icon="plug", order=30, roles=_ADMINISTRATORS)
nav("admin", gettext_lazy("Devices"), "ui:devices", icon="monitor", order=35, roles=_ADMINISTRATORS)
