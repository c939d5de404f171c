"""What somebody sees who was given a link to a paper. Whoever has the link has the paper, so nothing here tells others
of it: no referrer, no index, no cache, no line in a log, and nothing shown before a person asks for it (programs that
preview links only follow them)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from tinhso.core.api.limits import limit, sender
from tinhso.core.files.content import INLINE, PDF
from tinhso.core.files.queries import open_link, read_bytes
from tinhso.core.ledger.actions import Refused
from tinhso.core.signing.validation import validate
from tinhso.core.ui import errors
from tinhso.core.ui.access import may
from tinhso.core.ui.pages.files.download import SANDBOX, VIEWER, disposition
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers import verification

from .. import actions, queries
from ..models import Paper, Share
from ..words import note

OPENINGS, OF_LINK = 20, 60  # a minute, of one sender and of one link

View = Callable[..., HttpResponseBase]


def discreet(view: View) -> View:
    """Answers that leave no trace of their address."""

    @wraps(view)
    def run(request: Request, secret: str) -> HttpResponseBase:
        try:
            response = view(request, secret)
        except Refused as refusal:
            response = errors.refused(request, refusal)
        except Http404:
            response = errors.not_found(request)
        # Not no-referrer: browsers then name no origin with a form either, and the button could not be pressed.
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "private, no-store"
        # Django logs the address of every answer over 399; this one is a secret.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    return run


def _found(request: Request, secret: str) -> Share:
    now = timezone.now()
    limit("vault_share", sender(request), per_minute=OPENINGS, at=now)
    one = queries.share_of(secret)
    if one is None:
        raise Http404
    limit("vault_share_of", str(one.pk), per_minute=OF_LINK, at=now)
    return one


@may("public")
@require_http_methods(["GET", "POST"])
@discreet
def shared(request: Request, secret: str) -> HttpResponse:
    """First what it is that one was given, then, by a button, the paper and what proves it."""
    one, now = _found(request, secret), timezone.now()
    if not one.open_at(now):
        return render(request, "vault/shared_over.html", {"share": one}, status=410)
    context: dict[str, Any] = {"share": one, "secret": secret}
    if request.method == "POST":
        actions.opened(one, by=request.actor, at=now)
        paper = one.paper
        context |= {"paper": paper, "note": note(paper), "ended": paper.ended(queries.today(now)), **_proof(paper)}
    return render(request, "vault/shared.html", context)


def _proof(paper: Paper) -> dict[str, Any]:
    """The verdict on a result of ours, the report on another signed PDF; nothing for a scan."""
    now, result = timezone.now(), paper.result or paper.same_as
    if result and paper.result:
        return {"verdict": verification.of_result(result, at=now)}
    if paper.link.file.mime != PDF.mime:
        return {}
    report = validate(read_bytes(paper.link), at=now)
    return {"report": report} if report.signatures else {}


@may("public")
@require_GET
@discreet
def file(request: Request, secret: str) -> HttpResponseBase:
    """The file itself; reading it is an opening, too."""
    one, now = _found(request, secret), timezone.now()
    if not one.open_at(now):
        return render(request, "vault/shared_over.html", {"share": one}, status=410)
    link = one.paper.link
    opened = open_link(link)
    actions.opened(one, by=request.actor, at=now)
    response = FileResponse(opened, content_type=link.file.mime)
    response["Content-Disposition"] = disposition(link.name, inline=link.file.mime in INLINE)
    response["Content-Security-Policy"] = VIEWER if link.file.mime == PDF.mime else SANDBOX
    return response
