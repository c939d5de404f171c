"""The page `/tep/<id>`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tinhso.core.files import access, queries
from tinhso.core.files.content import INLINE, PDF
from tinhso.core.files.events import FileRead
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import record_access

from ...access import may
from ...request import Request
from .ranges import Part, UnsatisfiableError, wanted

CHUNK = 64 * 1024

# Nothing in a stored file may run or load anything, even where a browser is fooled about its type.
# Chromium shows no PDF under `sandbox`; its viewer needs to embed the file in a page of its own.
SANDBOX = "default-src 'none'; frame-ancestors 'self'; sandbox"
VIEWER = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@may("public")  # whose the file is decides, not where one has signed in; access fails closed
@require_safe
def file(request: Request, link_id: UUID) -> HttpResponseBase:
    """A file for whom its owner allows. Others get the same 404 as for a file that never was."""
    link = readable(request, link_id)
    tag = f'"{link.file_id}"'
    if matches(request.headers.get("If-None-Match", ""), tag):
        return _with_headers(HttpResponseNotModified(), link, tag)
    size = link.file.size
    try:
        part = _part(request, tag, size)
    except UnsatisfiableError:
        return _with_headers(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}), link, tag)
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # the gzip middleware would take length and ranges away
    opened = queries.open_link(link)
    if link.personal and link.owner is not None and request.method == "GET":
        record_access(FileRead(file=link.pk), subject=link.owner, by=request.actor, at=timezone.now())
    asked = part or Part(0, size - 1)
    response = StreamingHttpResponse(Pieces(opened, asked), status=206 if part else 200)
    if part:
        response["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    response["Content-Length"] = str(asked.length)
    return _with_headers(response, link, tag)


def _part(request: Request, tag: str, size: int) -> Part | None:
    header = request.headers.get("Range", "")
    if not header or request.method != "GET":
        return None
    condition = request.headers.get("If-Range", "")
    if condition and condition.strip() != tag:
        return None  # what the reader holds is of another file: send the whole
    return wanted(header, size)


def readable(request: Request, link_id: UUID) -> FileLink:
    """The file where its owner allows; 404 for others, whether it exists or not."""
    link = FileLink.objects.select_related("file").filter(pk=link_id).first()
    if link is None or not access.may_read(link, request):
        raise Http404
    return link


def matches(header: str, tag: str) -> bool:
    """Whether an If-None-Match header names the tag."""
    return header.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in header.split(",")]


def _with_headers(response: HttpResponseBase, link: FileLink, tag: str) -> HttpResponseBase:
    inline = link.file.mime in INLINE
    response["Content-Type"] = link.file.mime
    response["Content-Disposition"] = disposition(link.name, inline=inline)
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    # Personal papers leave no trace on a shared computer; others are asked about each time.
    response["Cache-Control"] = "private, no-store" if link.personal else "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = VIEWER if link.file.mime == PDF.mime else SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def disposition(name: str, *, inline: bool) -> str:
    """Show or save, and under which name: RFC 6266, with a plain name for old readers."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class Pieces:
    """The bytes of a part, piece by piece. Closed by Django with the response, also one that nobody reads (HEAD)."""

    def __init__(self, opened: BinaryIO, part: Part) -> None:
        opened.seek(part.first)
        self.opened, self.left = opened, part.length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self.opened.read(min(CHUNK, self.left))
        if not piece:
            raise StopIteration
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        self.opened.close()
