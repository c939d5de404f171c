"""A session nobody uses ends; an administrator without a second factor gets no further."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from tinhso.core.accounts import actions
from tinhso.core.agencies.models import Role

from ...request import Request
from .sign_in import SEEN

# TCVN 14423:2026: at most 15 minutes for officials, 5 for administrators. A citizen who
# fills in a form from paper at home gets an hour; drafts are kept anyway.
CITIZEN, OFFICIAL, ADMINISTRATOR = timedelta(hours=1), timedelta(minutes=15), timedelta(minutes=5)
TOUCH = 20  # seconds between two writes of the session's last use

_OPEN = {
    *("account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "set_language"),
    *("mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"),
}
_SECOND = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
_CHOOSING = {"account_change_password", "account_logout", "set_language"}


class Session:
    """Stands after `Guard`, which says who acts."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            seen = request.session.setdefault(SEEN, now.timestamp())
            if now.timestamp() - seen > limit(request).total_seconds():
                return idle(request)
            if now.timestamp() - seen > TOUCH:
                request.session[SEEN] = now.timestamp()
        return self.get_response(request)

    def process_view(self, request: Request, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if must_choose_password(request) and not (match and match.url_name in _CHOOSING):
            messages.info(request, _("Choose a password of your own to go on: the one on paper is for once only."))
            return redirect("account_change_password")
        if settings.TINHSO.demo or not administrates(request) or (match and match.url_name in _OPEN):
            return None
        if Authenticator.objects.filter(user=request.user, type__in=_SECOND).exists():
            return None
        messages.info(request, _("Administrators sign in with a second factor. Set it up to go on."))
        return redirect("mfa_index")


def must_choose_password(request: Request) -> bool:
    """Whether the person came in with a password that an official handed them on paper."""
    return bool(request.user.is_authenticated and request.user.one_time_until)


def administrates(request: Request) -> bool:
    """Whether any post of the signed-in person is an administrator's."""
    return any(Role.ADMINISTRATOR in post.roles for post in request.posts)


def limit(request: Request) -> timedelta:
    """How long this person's session may lie idle."""
    if administrates(request):
        return ADMINISTRATOR
    return OFFICIAL if request.posts else CITIZEN


def idle(request: Request) -> HttpResponse:
    """End the session and lead back to where the person was after signing in again."""
    actions.signed_out(request.user, reason="idle", at=timezone.now())
    logout(request)
    messages.info(request, _("You were signed out because the page lay idle. Sign in to go on where you were."))
    response: HttpResponse = redirect_to_login(_where(request))
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
    return response


def _where(request: Request) -> str:
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    return urlsplit(referer)._replace(scheme="", netloc="").geturl() if ours else "/"
