"""Every request gets an id, and every view is guarded."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation

from tinhso.core.accounts.models import AccountKind
from tinhso.core.agencies import queries
from tinhso.core.agencies.models import Staff
from tinhso.core.api.problems import passes, problem
from tinhso.core.ledger.actions import Actor, Refused

from . import errors
from .access import API_PREFIX, allowed, declared, signed_in
from .request import Request

_ID = re.compile(r"[0-9A-Za-z._-]{6,64}\Z")
POST = "staff"  # session key: which of their posts an official acts in

GetResponse = Callable[[Request], HttpResponse]


class RequestId:
    """Takes `X-Request-ID` from a proxy or makes one; logs, error pages and the answer carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if _ID.match(given) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)
        response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response


class Language(LocaleMiddleware):
    """Vietnamese until a person chooses: many a phone here tells servers that it speaks English.

    Machines that call the API are taken at their word.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith(f"/{API_PREFIX}"):
            super().process_request(request)
            return
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        translation.activate(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()


class Guard:
    """Knows who acts, lets in whom the view names, and turns refusals into pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.posts = posts_of(request)
        request.staff = chosen(request)
        request.actor = actor_of(request)
        response = self.get_response(request)
        if response.status_code in (405, 413, 429) and not response.streaming and not response.content:
            return errors.bare(request, response)
        return response

    def process_view(
        self,
        request: Request,
        view: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        if "\0" in request.path_info:  # PostgreSQL takes it in no text, so it is the address of nothing
            api = request.path_info.startswith(f"/{API_PREFIX}")
            return problem(request, 404) if api else errors.not_found(request)
        match = request.resolver_match
        who = declared(view, match.url_name if match else None, match.route if match else "")
        if who is not None and allowed(who, request):
            return None
        if who is not None and not signed_in(request):
            return to_sign_in(request)
        return errors.forbidden(request, roles=who)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return errors.refused(request, exception)
        if isinstance(exception, RequestDataTooBig):
            return errors.too_large(request)
        if passes(exception):
            return errors.unavailable(request, exception)
        return None


def to_sign_in(request: Request) -> HttpResponse:
    """A page asks to sign in and comes back; a form that arrives too late says so and keeps quiet about the rest."""
    if request.method not in ("GET", "HEAD"):
        return errors.signed_out(request)
    response: HttpResponse = redirect_to_login(request.get_full_path())
    if request.headers.get("HX-Request"):  # a piece of a page cannot ask: the whole page goes
        response = HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(request.path).url})
    return response


def posts_of(request: Request) -> list[Staff]:
    """The posts the signed-in official holds now; citizens and visitors have none and cost no query."""
    if not signed_in(request) or request.user.kind != AccountKind.OFFICIAL:
        return []
    return queries.staff_of(request.user, timezone.now())


def chosen(request: Request) -> Staff | None:
    """The post an official acts in: the one chosen in this session, else the first."""
    posts = request.posts
    wanted = request.session.get(POST) if posts else None
    return next((post for post in posts if str(post.pk) == wanted), posts[0] if posts else None)


def actor_of(request: Request) -> Actor:
    """Who acts, as the ledger names them; a visitor who is not signed in acts as the public."""
    if not signed_in(request):
        return Actor.system("public")
    staff = request.staff
    return Actor("account", str(request.user.pk), staff.agency_id if staff else None)
