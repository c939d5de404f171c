"""A paper on its way to one PDF/A: pages in, moved, turned, taken out, bound."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.files import actions as files
from tinhso.core.files import derived
from tinhso.core.files.content import SCANNED, endings
from tinhso.core.files.models import FileLink
from tinhso.core.files.queries import read_bytes
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.models import Component

from .. import folder, scans
from ..models import Scan
from .common import dossier_of, form_url, kept, scan_of

THUMB = 360  # pixels, the longer side of a page's picture on the screen


@may(Role.RECEPTIONIST)
@require_POST
def begin(request: Request, draft_id: UUID) -> HttpResponse:
    """A button of the counter's form: what was typed there is kept, and the paper of that question digitised."""
    draft = kept(request, draft_id)
    path = request.POST.get("scan_question", "")
    question = FormDefinition.load(draft.form_version).questions.get(path)
    if question is None:
        return redirect(form_url(draft.context))
    assert request.staff is not None
    try:
        scan = scans.begin(draft=draft, question=path, name=question.words, staff=request.staff, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(form_url(draft.context))
    return redirect("counter:scan", scan.pk)


@may(Role.RECEPTIONIST)
@require_POST
def begin_for(request: Request, dossier_id: UUID) -> HttpResponse:
    """A paper of a dossier that was handed in before."""
    dossier = dossier_of(request, dossier_id)
    assert request.staff is not None
    try:
        name = request.POST.get("name", "")
        scan = scans.begin(dossier=dossier, name=name, staff=request.staff, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("counter:paper", dossier.pk)
    return redirect("counter:scan", scan.pk)


@may(Role.RECEPTIONIST)
@require_GET
@never_cache
def scan(request: Request, scan_id: UUID) -> HttpResponse:
    """The pages as they lie, and what can be done with them."""
    return _shown(request, scan_of(request, scan_id))


def _shown(request: Request, one: Scan, *, refusal: Refused | None = None) -> HttpResponse:
    here = folder.mine(request.user.username)
    context = {
        "scan": one,
        "pages": [(number, link, turn) for number, (link, turn) in enumerate(one.pages, 1)],
        "accept": endings(SCANNED),
        "lying": folder.lying(here, timezone.now()) if here and not one.made_at else [],
        "folder": here,
        "reader": bool(derived.reader()) if one.pages and not one.made_at else False,
        "back": _back(one),
        "part": Component.objects.filter(file=one.file).first() if one.file_id else None,
        "refusal": refusal,
    }
    return render(request, "counter/scan.html", context, status=refusal.status if refusal else 200)


def _back(one: Scan) -> str:
    """To the form it is for, else to its dossier."""
    draft = Draft.objects.filter(pk=one.draft).first() if one.draft else None
    return form_url(draft.context) if draft else ""


def _natural(upload: UploadedFile[Any]) -> list[tuple[int, str]]:
    """`scan2` before `scan10`: scanners count without zeros."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", upload.name or "")]


@contextmanager
def _stored(request: Request) -> Iterator[list[FileLink]]:
    """The files of the request, or those chosen in the folder, as loose uploads. What a refusal leaves is let go, and
    the folder is emptied of what came in whole."""
    now = timezone.now()
    links: list[FileLink] = []
    here = folder.mine(request.user.username)
    names = request.POST.getlist("lying") if here else []
    there = {one.name: one for one in folder.lying(here, now)} if here else {}
    try:
        links.extend(
            files.store(upload, name=upload.name or "", by=request.actor, at=now, accept=SCANNED)
            for upload in sorted(request.FILES.getlist("files"), key=_natural)
        )
        for name in names:
            assert here is not None
            if name in there and not there[name].settled:
                message = _("%(name)s is still being written. Wait a moment.")
                raise Refused("still_written", message % {"name": name}, field="files", status=422)
            with folder.opened(here, name) as file:
                links.append(files.store(file, name=name, by=request.actor, at=now, accept=SCANNED))
    except FileNotFoundError as gone:
        files.release(links, by=request.actor, at=now)
        message = _("%(name)s is no longer in the scanner's folder.")
        raise Refused("file_gone", message % {"name": gone}, field="files", status=422) from gone
    except Refused:
        files.release(links, by=request.actor, at=now)
        raise
    yield links
    if here:
        folder.remove(here, names)


@may(Role.RECEPTIONIST)
@require_POST
def add(request: Request, scan_id: UUID) -> HttpResponse:
    """Pages at the end, from files or from the folder."""
    one = scan_of(request, scan_id)
    try:
        with _stored(request) as links:
            scans.add(one, links, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _shown(request, scan_of(request, scan_id), refusal=refusal)
    return redirect("counter:scan", one.pk)


@may(Role.RECEPTIONIST)
@require_POST
def change(request: Request, scan_id: UUID) -> HttpResponse:
    """One button of one page: `up:<id>`, `left:<id>`, …; back to where that page is now."""
    one = scan_of(request, scan_id)
    what, _colon, page = request.POST.get("do", "").partition(":")
    try:
        scans.change(one, what, page, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _shown(request, scan_of(request, scan_id), refusal=refusal)
    address = redirect("counter:scan", one.pk)
    if what in ("up", "down", "left", "right"):
        address["Location"] += f"#trang-{page}"
    return address


@may(Role.RECEPTIONIST)
@require_POST
def make(request: Request, scan_id: UUID) -> HttpResponse:
    """One PDF/A of the pages, where it belongs."""
    one = scan_of(request, scan_id)
    try:
        made = scans.make(one, read_text=bool(request.POST.get("text")), by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _shown(request, scan_of(request, scan_id), refusal=refusal)
    messages.success(request, _("“%(name)s” is digitised: %(pages)d pages.") % {"name": made, "pages": len(made.pages)})
    return redirect(_back(made) or "counter:scan", *([] if _back(made) else [made.pk]))


@may(Role.RECEPTIONIST)
@require_POST
def drop(request: Request, scan_id: UUID) -> HttpResponse:
    """Give it up; what was made already stays."""
    one = scan_of(request, scan_id)
    back, dossier = _back(one), one.dossier_id
    scans.drop([one], by=request.actor, at=timezone.now())
    messages.success(request, _("Dropped. The paper itself is with you."))
    if dossier:
        return redirect("counter:paper", dossier)
    return redirect(back or "dossiers:counter")


@may(Role.RECEPTIONIST)
@require_GET
def picture(request: Request, scan_id: UUID, link_id: UUID, turn: int) -> HttpResponse:
    """A page in small, turned as it will be. Its official sees it, nobody else."""
    one = scan_of(request, scan_id)
    link = FileLink.objects.filter(pk=link_id, owner_kind="counter.scan", owner_id=one.pk).first()
    if link is None or turn not in (0, 90, 180, 270):
        raise Http404
    from PIL import Image

    page = Image.open(io.BytesIO(read_bytes(link)), formats=("JPEG",))  # our own, made by `derived.split`
    page.draft("RGB", (THUMB, THUMB))
    page.thumbnail((THUMB, THUMB))
    out = io.BytesIO()
    page.rotate(-turn, expand=True).save(out, "JPEG", quality=70)
    response = HttpResponse(out.getvalue(), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=600"
    return response
