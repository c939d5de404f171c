"""What the pages share: an official's own draft and scans, a dossier in reach, and the way back to a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from tinhso.core.files.content import PDF
from tinhso.core.forms import actions as forms
from tinhso.core.forms.models import Draft
from tinhso.core.letters.render import render as drawn
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.queries import in_reach

from ..models import Scan


def draft_of(request: Request, draft_id: UUID) -> Draft:
    """A form that this official is filling in at the counter; 404 for any other."""
    mine = Draft.objects.filter(pk=draft_id, account=request.user, context__startswith="counter/")
    draft = mine.select_related("form_version", "account").first()
    if draft is None:
        raise Http404
    return draft


def kept(request: Request, draft_id: UUID) -> Draft:
    """The draft with what was typed beside the button that was pressed: nothing is lost by leaving the form."""
    draft, now = draft_of(request, draft_id), timezone.now()
    day = timezone.localtime(now).date()
    forms.save_page(draft, None, request.POST, request.FILES, by=request.actor, at=now, on=day)
    draft.refresh_from_db()
    return draft


def form_url(context: str) -> str:
    """Where a draft's form goes on; the list of procedures where its context is none of the counter's."""
    way, _sep, rest = context.partition("/")
    parts = rest.split("/", 3)
    if way != "counter" or len(parts) < 3:
        return reverse("dossiers:counter")
    asked = {"ho-so": parts[2], **({"doanh-nghiep": parts[3]} if len(parts) > 3 else {})}
    return f"{reverse('dossiers:counter_begin', args=parts[:2])}?{urlencode(asked)}"


def to_form(draft: Draft) -> HttpResponse:
    return redirect(form_url(draft.context))


def scan_of(request: Request, scan_id: UUID) -> Scan:
    """One of this official's own, at the counter where they act; 404 for any other."""
    assert request.staff is not None
    mine = Scan.objects.filter(pk=scan_id, official=request.user, agency=request.staff.agency_id)
    scan = mine.select_related("dossier", "file__file").first()
    if scan is None:
        raise Http404
    return scan


def dossier_of(request: Request, dossier_id: UUID) -> Dossier:
    """A dossier in the official's reach; 404 for any other."""
    rows = in_reach(request.staff).select_related("agency", "receiving_agency", "applicant")
    dossier = rows.filter(pk=dossier_id).first()
    if dossier is None:
        raise Http404
    return dossier


def printed(template: str, data: Mapping[str, Any], *, name: str, at: datetime) -> HttpResponse:
    """A PDF that is made for this request and kept nowhere."""
    response = HttpResponse(drawn(f"counter/{template}", data, at=at), content_type=PDF.mime)
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
