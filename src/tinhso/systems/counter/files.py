"""Who may see the pages of a scan: whoever digitises it. The file they become is the form's, then the dossier's."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from tinhso.core.files.access import readers_of

from .models import Scan


@readers_of("counter.scan")
def may_read(request: HttpRequest, scan_id: UUID) -> bool:
    staff = getattr(request, "staff", None)
    return (
        staff is not None and Scan.objects.filter(pk=scan_id, official=request.user.pk, agency=staff.agency_id).exists()
    )
