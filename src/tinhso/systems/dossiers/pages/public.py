"""For anyone: follow a dossier with the slip's code and secret, verify a result."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tinhso.core.api.limits import limit, sender
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import queries, verification
from .citizen import shown

TRIES = 20  # a minute, of one sender: enough for people, too few to guess secrets
LARGEST = 20 * 1024 * 1024  # bytes of a PDF to verify; results are far smaller


@may("public")
@require_http_methods(["GET", "POST"])
def lookup(request: Request) -> HttpResponse:
    """Code and secret by POST, so that the secret stays out of addresses and logs."""
    code, secret = request.POST.get("code", request.GET.get("code", "")), request.POST.get("secret", "")
    context: dict[str, object] = {"code": code}
    status = 200
    if request.method == "POST":
        limit("lookup", sender(request), per_minute=TRIES, at=timezone.now())
        found = queries.by_slip(code, secret)
        if found is None:
            context["error"] = _("No dossier has this code and this secret. Both stand on the appointment slip.")
            status = 422
        else:
            context.update(shown(found, public=True))
    return render(request, "dossiers/lookup.html", context, status=status)


@may("public")
@require_http_methods(["GET", "POST"])
def verify(request: Request, token: UUID | None = None) -> HttpResponse:
    """What a QR leads to, and where a PDF may be dropped to see whether it is the genuine one."""
    result = queries.by_token(token) if token else None
    context: dict[str, object] = {"token": token, "result": result, "now": timezone.now()}
    status = 200 if token is None or result else 404
    file = request.FILES.get("file")
    if request.method == "POST":
        limit("verify", sender(request), per_minute=TRIES, at=timezone.now())
        if file is None or file.size is None or file.size > LARGEST:
            context["error"] = _("Choose the PDF of the result, at most 20 MB.")
            status = 422
        else:
            context["verdict"] = verification.of_pdf(file.read(), at=timezone.now())
    elif result is not None:
        context["verdict"] = verification.of_result(result, at=timezone.now())
    return render(request, "dossiers/verify.html", context, status=status)
