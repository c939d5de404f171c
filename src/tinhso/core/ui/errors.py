"""Pages for when something does not go: what happened, why, what to do now.

They need neither the database nor a session, so they can be shown when those are down.
"""

from __future__ import annotations

import sys
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from tinhso.core.api.problems import passes
from tinhso.core.ledger.actions import Refused

from .context import looks

log = structlog.get_logger(__name__)


def page(
    request: HttpRequest,
    status: int,
    title: str,
    words: str,
    *,
    advice: str = "",
    choices: list[Any] | None = None,
) -> HttpResponse:
    """An error page, or only its notice where htmx asked for a piece of a page."""
    context = {
        **looks(request),
        "status": status,
        "title": title,
        "words": words,
        "advice": advice,
        "choices": choices or [],
        "csrf_token": get_token(request) if choices else None,
        "back": came_from(request),
        "request_id": getattr(request, "id", ""),
        "request": request,
    }
    template = "ui/parts/refusal.html" if request.headers.get("HX-Request") else "ui/error.html"
    return HttpResponse(render_to_string(template, context), status=status)


def came_from(request: HttpRequest) -> str:
    """The page of ours the person came from, else the home page."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}) if referer else False
    return referer if ours else "/"


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page of a `Refused` that no view showed beside its form."""
    title = _("You may not do this") if refusal.status == 403 else _("This cannot be done now")
    return page(request, refusal.status, title, str(refusal))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return page(
        request,
        400,
        _("We could not read this request"),
        _("The address or the form was incomplete."),
        advice=_("Go back, check what you entered and send it again."),
    )


def forbidden(
    request: HttpRequest,
    exception: Exception | None = None,
    *,
    roles: frozenset[str] | None = None,
) -> HttpResponse:
    """403; an official who holds another post that would do is offered it."""
    others = [post for post in getattr(request, "posts", ()) if roles and not roles.isdisjoint(post.roles)]
    return page(
        request,
        403,
        _("This page is not for this account"),
        _("Only people whose work needs it may open it."),
        advice=_("If you need it for your work, ask your agency's administrator."),
        choices=others,
    )


def signed_out(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        403,
        _("You are no longer signed in"),
        _("What you sent did not arrive."),
        advice=_("Sign in in another tab, then go back here and send it again: what you typed is still there."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(
        request,
        403,
        _("This form was open for too long"),
        _("For your safety it was not sent."),
        advice=_("Go back, reload the page and send it again."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        404,
        _("There is no such page"),
        _("The address may be mistyped, or what was here is not for you to see."),
        advice=_("Search from the home page, or go back."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        413,
        _("This is too large"),
        _("The form or a file in it is larger than we can take."),
        advice=_("Make the file smaller, for example by scanning at 200 dpi, and send it again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 when the database is away, which mends itself."""
    exception = sys.exc_info()[1]
    if exception is not None and passes(exception):
        return unavailable(request, exception)
    return page(
        request,
        500,
        _("Something went wrong on our side"),
        _("It was not your fault, and nothing you sent before is lost."),
        advice=_("Try again in a minute. If it stays so, tell us the code below."),
    )


def unavailable(request: HttpRequest, exception: BaseException) -> HttpResponse:
    log.error("database_unavailable", error=type(exception).__name__)
    response = page(
        request,
        503,
        _("We are back in a moment"),
        _("The system is restarting. Nothing that was confirmed to you is lost."),
        advice=_("Wait half a minute, then load this page again."),
    )
    response["Retry-After"] = "30"
    return response


def bare(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Words for an answer that came without any (405 of `require_POST`, 413, 429)."""
    if response.status_code == 413:
        return too_large(request)
    if response.status_code == 429:
        worded = page(
            request,
            429,
            _("That was a little fast"),
            _("There were too many requests from here."),
            advice=_("Wait a minute, then try again."),
        )
    else:
        worded = page(
            request,
            405,
            _("This address cannot be opened directly"),
            _("It only takes what a form of ours sends."),
            advice=_("Go back and use the button there."),
        )
    for header in ("Allow", "Retry-After"):
        if header in response:
            worded[header] = response[header]
    return worded
