"""Text under a scan: officials ask for a copy that can be searched and read aloud."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tinhso.core.files import derived
from tinhso.core.files.content import PDF
from tinhso.core.files.jobs import read_scan

from ...access import may
from ...request import Request
from .download import readable


@may("staff")
@require_http_methods(["GET", "POST"])
def reading(request: Request, link_id: UUID) -> HttpResponse:
    """Whether there is such a copy, why there can be none, and the button that has one made."""
    link = readable(request, link_id)
    if link.file.mime != PDF.mime:
        raise Http404
    copy, signed, reader = link.copies.first(), derived.signed(link), bool(derived.reader())
    if request.method == "POST":
        if copy is None and not signed and reader:
            read_scan.defer(link=str(link.pk), by=str(request.actor))
            messages.success(request, _("The text is being read. Come back in a minute or two."))
        return redirect("ui:file_reading", link.pk)
    context = {"link": link, "copy": copy, "signed": signed, "reader": reader}
    return render(request, "files/reading.html", context)
