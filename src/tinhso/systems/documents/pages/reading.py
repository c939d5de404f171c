"""What waits for one, what an agency received and sent, and one document with what may be done."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tinhso.core.api.pagination import page
from tinhso.core.ledger.actions import record_access
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import queries
from ..events import DocumentSeen
from ..models import Direction, Document
from ..offered import shown
from ..types import types


@may(*queries.STAFF)
@require_GET
@never_cache
def work(request: Request) -> HttpResponse:
    """One's own: what waits, and what one is writing."""
    assert request.staff is not None
    context = {
        "tasks": queries.tasks(request.staff),
        "drafts": queries.drafts(request.staff)[:30],
        "now": timezone.now(),
    }
    return render(request, "documents/work.html", {**context, "tab": "work"})


@may(*queries.STAFF)
@require_GET
@never_cache
def incoming(request: Request) -> HttpResponse:
    return _register(request, Direction.INCOMING)


@may(*queries.STAFF)
@require_GET
@never_cache
def outgoing(request: Request) -> HttpResponse:
    return _register(request, Direction.OUTGOING)


def _register(request: Request, direction: Direction) -> HttpResponse:
    assert request.staff is not None
    rows = queries.register(request.staff, direction)
    part = page(rows, ("-created_at", "-id"), after=request.GET.get("sau", ""), limit=queries.SHOWN)
    names = {code: one.name for code, one in types().items()}
    context = {"rows": [(row, names[row.type]) for row in part.items], "after": part.after, "now": timezone.now()}
    return render(request, "documents/register.html", {**context, "tab": direction.value})


@may(*queries.STAFF)
@require_GET
@never_cache
def one(request: Request, document_id: UUID) -> HttpResponse:
    """One document. That it was opened goes to the access log."""
    document = found(request, document_id)
    now = timezone.now()
    record_access(DocumentSeen(), subject=document, by=request.actor, at=now)
    return render(request, "documents/one.html", shown(request, document, now))


def found(request: Request, document_id: UUID) -> Document:
    """One that may be read; 404 for any other."""
    document: Document = get_object_or_404(queries.visible(request.staff), pk=document_id)
    return document
