"""Write a document, and write it anew."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..forms import SheetForm, begun
from ..models import Document, State
from .reading import found


@may(*queries.STAFF)
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: Request) -> HttpResponse:
    """A new one; `tra-loi` names the incoming document that it answers."""
    assert request.staff is not None
    now = timezone.now()
    answered = _answered(request)
    initial = {"to": [str(answered.sender_id)], "abstract": answered.abstract} if answered else None
    form = SheetForm(request.POST or None, staff=request.staff, at=now, initial=initial)
    context = {"form": form, "answered": answered}
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft(**form.given(), staff=request.staff, by=request.actor, at=now, reply_to=answered)
        except Refused as refusal:
            _put(form, refusal)
        else:
            messages.success(request, _("Kept. Its PDF appears in a moment; read it, then submit it."))
            return redirect("documents:one", made.pk)
    return render(request, "documents/write.html", context, status=422 if form.errors else 200)


def _answered(request: Request) -> Document | None:
    asked = request.GET.get("tra-loi", "")
    if not asked:
        return None
    try:
        pk = UUID(asked)
    except ValueError:
        pk = UUID(int=0)
    document: Document = get_object_or_404(queries.visible(request.staff), pk=pk)
    return document


@may(*queries.STAFF)
@require_http_methods(["GET", "POST"])
@never_cache
def edit(request: Request, document_id: UUID) -> HttpResponse:
    """Change what one is writing. Who was slower keeps what they typed."""
    one, now = found(request, document_id), timezone.now()
    assert request.staff is not None
    if one.state != State.DRAFT:
        return redirect("documents:one", one.pk)
    form = SheetForm(request.POST or None, staff=request.staff, at=now, initial=begun(one))
    if request.method == "POST" and form.is_valid():
        sent = request.POST.get("revision", "")
        try:
            revision = int(sent) if sent.isdecimal() and len(sent) < 9 else -1
            actions.revise(one, revision=revision, **form.given(), staff=request.staff, by=request.actor, at=now)
        except Refused as refusal:
            _put(form, refusal)
        else:
            messages.success(request, _("Kept."))
            return redirect("documents:one", one.pk)
    context = {"form": form, "document": one, "revision": request.POST.get("revision", one.revision)}
    return render(request, "documents/write.html", context, status=422 if form.errors else 200)


def _put(form: SheetForm, refusal: Refused) -> None:
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))
