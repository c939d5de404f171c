"""The pages of a stored PDF as pictures, `/tep/<id>/trang/<n>.png`: seen on any device, in any page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pikepdf
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tinhso.core.files import queries
from tinhso.core.files.content import PDF
from tinhso.core.files.events import FileRead
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Refused, record_access

from ...access import may
from ...request import Request
from . import raster
from .download import SANDBOX, matches, readable

WIDTHS = (480, 960, 1600)  # pixels; few, so that nobody can ask for a million different pictures
LARGEST = 30 * 1024 * 1024  # bytes of a PDF that is drawn
PAGES = 40  # that a page of ours shows at most; the file itself has the rest
SECONDS = 10  # for one page, with what waits for the processor


def page_count(link: FileLink) -> int:
    """How many pages a page may show of a file: 0 where it is no PDF, too large or unreadable."""
    if link.file.mime != PDF.mime or link.file.size > LARGEST:
        return 0
    try:
        with queries.open_link(link) as file, pikepdf.open(file) as pdf:
            return min(len(pdf.pages), PAGES)
    except (pikepdf.PdfError, Refused):
        return 0


@may("public")  # as the file itself: whose it is decides
@require_safe
def picture(request: Request, link_id: UUID, number: int) -> HttpResponse:
    """Page `number` (from 1) as PNG; `?rong=` names its width in pixels. Whoever may read the file may see it."""
    link = readable(request, link_id)
    if link.file.mime != PDF.mime or link.file.size > LARGEST or not 1 <= number <= PAGES:
        raise Http404
    asked = request.GET.get("rong", "")
    width = next((w for w in WIDTHS if asked.isdigit() and int(asked) <= w), WIDTHS[1])
    tag = f'"{link.file_id}-{number}-{width}"'
    if matches(request.headers.get("If-None-Match", ""), tag):
        return _with_headers(request, HttpResponseNotModified(), link, tag)
    if number == 1 and link.personal and link.owner is not None and request.method == "GET":
        record_access(FileRead(file=link.pk), subject=link.owner, by=request.actor, at=timezone.now())
    return _with_headers(request, HttpResponse(draw(link, number, width), content_type="image/png"), link, tag)


def draw(link: FileLink, number: int, width: int) -> bytes:
    """A page as PNG. Raises Http404 past the last page, Refused where the file cannot be drawn."""
    command = [sys.executable, "-I", str(Path(raster.__file__)), str(number), str(width)]
    with queries.open_link(link) as file:
        try:
            done = subprocess.run(command, input=file.read(), capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            done = None
    if done is not None and done.returncode == raster.NO_PAGE:
        raise Http404
    if done is None or done.returncode:
        raise Refused("not_drawn", _("This page cannot be shown as a picture. Open the file itself."), status=422)
    return done.stdout


def _with_headers(request: Request, response: HttpResponse, link: FileLink, tag: str) -> HttpResponse:
    response["ETag"] = tag
    # An official's own desk may keep it and asks each time; elsewhere personal papers leave no trace.
    response["Cache-Control"] = "private, no-store" if link.personal and request.staff is None else "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
