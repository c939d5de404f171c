"""Signing: all that waits for a leader on one page, one PIN for what is chosen.

With a key file or a remote key, one request signs everything and its answer grows line by line;
with a token, the page's script carries each document to the agent and back. Either way each
document is kept before the next, so after a break the page shows what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.signing import documents, queries, remote, work
from tinhso.core.signing.keys import Signer, personal_key
from tinhso.core.signing.models import Preparation, Source
from tinhso.core.signing.work import Outcome

from ...access import may
from ...growing import growing_page
from ...navigation import nav
from ...request import Request
from .answers import answers, der, text

AT_ONCE = 200
SIGNERS = (Role.LEADER, Role.RECEPTIONIST)  # results; papers that one has digitised


@may(*SIGNERS)
@require_http_methods(["GET", "POST"])
@never_cache
def signing(request: Request) -> HttpResponse | StreamingHttpResponse:
    """GET: what waits. POST: sign what was chosen, with a passphrase or a PIN that lives in this request only."""
    assert request.staff is not None
    if request.method == "GET":
        return _page(request)
    chosen = request.POST.getlist("document")[:AT_ONCE]
    try:
        if not chosen:
            raise Refused("nothing_chosen", _("Choose at least one document."))
        outcomes = work.sign_all(chosen, _signer(request), staff=request.staff, by=request.actor, at=timezone.now())
        first = list(_one(outcomes))  # a wrong passphrase or a certificate out of force is told beside the field
    except Refused as refusal:
        return _page(request, refusal=refusal, chosen=set(chosen), status=refusal.status)
    lines = _lines(chain(first, outcomes), len(chosen))
    return growing_page(request, "signing/signed.html", {"total": len(chosen)}, lines)


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    assert request.staff is not None
    now = timezone.now()
    waiting = documents.waiting(request.staff)
    asked = set(request.GET.getlist("chon"))  # ids, as a page that lists them elsewhere had them ticked
    context = {
        "documents": waiting,
        "chosen": asked | {one.key for one in waiting if str(one.id) in asked},
        "ways": queries.ways(request.user.pk, at=now),
        "now": now,
        **more,
    }
    return render(request, "signing/desk.html", context, status=status)


def _signer(request: Request) -> Signer:
    """The key of the way that was chosen. Raises `Refused`."""
    if request.POST.get("way") != Source.REMOTE:
        return personal_key(request.user.pk, request.POST.get("passphrase", ""))
    certificate = queries.ways(request.user.pk, at=timezone.now()).get(Source.REMOTE)
    if certificate is None:
        raise Refused("no_key", _("You have no key at a remote signing service."))
    return remote.RemoteKey(certificate.credential, certificate.identity, request.POST.get("pin", ""))


def _one(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    for outcome in outcomes:
        yield outcome
        return


def _lines(outcomes: Iterable[Outcome], total: int) -> Iterator[str]:
    """A line for each document, and how it ended."""
    signed, stopped = 0, None
    try:
        for place, outcome in enumerate(outcomes, 1):
            signed += outcome.refusal is None
            yield render_to_string("signing/outcome.html", {"outcome": outcome, "place": place, "total": total})
    except Refused as refusal:
        stopped = refusal
    yield render_to_string("signing/signed_end.html", {"signed": signed, "left": total - signed, "stopped": stopped})


@may(*SIGNERS)
@answers
def prepare(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    """Make documents ready for a token; those that cannot be signed come back with the reason."""
    assert request.staff is not None
    now = timezone.now()
    certificate = work.certificate_for(str(asked["fingerprint"]), request.staff, at=now)
    prepared, refused = [], []
    for key in [str(one) for one in asked["documents"]][:AT_ONCE]:
        try:
            document = documents.find(key, request.staff)
            row = work.prepare(document, certificate, staff=request.staff, at=now)
        except Refused as refusal:
            refused.append({"document": key, "words": str(refusal)})
        else:
            prepared.append(
                {"id": str(row.pk), "document": key, "name": document.name, "attributes": text(row.attributes)}
            )
    return {"prepared": prepared, "refused": refused}


@may(*SIGNERS)
@answers
def complete(request: Request, asked: dict[str, Any], preparation_id: UUID) -> dict[str, Any]:
    """Put the token's signature into the document that was prepared for this person."""
    assert request.staff is not None
    row = Preparation.objects.select_related("certificate").filter(pk=preparation_id, account=request.user.pk).first()
    if row is None:
        raise Http404
    work.complete(row, der(asked["signature"]), staff=request.staff, by=request.actor, at=timezone.now())
    return {"done": True}


nav("desk", gettext_lazy("To sign"), "ui:signing", icon="pen-line", order=15, roles=list(SIGNERS))
