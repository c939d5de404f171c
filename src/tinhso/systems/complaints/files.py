"""Who may read an answer: its draft who may see the complaint at work, the sealed letter also its dossier's owner."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from tinhso.core.files.access import readers_of
from tinhso.systems.dossiers.pages.citizen import followed

from . import queries
from .models import Complaint


@readers_of("complaints.complaint")
def may_read(request: HttpRequest, complaint_id: UUID) -> bool:
    if not request.user.is_authenticated:
        return False
    if queries.visible(getattr(request, "staff", None)).filter(pk=complaint_id).exists():
        return True
    match = request.resolver_match
    asked = match.kwargs.get("link_id") if match else None
    one = Complaint.objects.filter(pk=complaint_id, issued=asked).first() if asked else None
    return one is not None and followed(request).filter(pk=one.dossier_id).exists()
