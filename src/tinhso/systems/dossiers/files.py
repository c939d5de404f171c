"""Who may read the files of a dossier: its applicant, officials who reach it, and agencies asked for their opinion."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from tinhso.core.agencies.models import Staff
from tinhso.core.files.access import readers_of

from . import queries
from .models import HANDED_OVER, Component, Consultation, Result
from .pages.citizen import followed


@readers_of("dossiers.dossier")
def may_read(request: HttpRequest, dossier_id: UUID) -> bool:
    """Officials in reach read all; the applicant too, but for a result not yet returned and what agencies told
    each other; a consulted agency its own opinion, and the papers it was shown until it has answered."""
    if not request.user.is_authenticated:
        return False
    staff = getattr(request, "staff", None)
    if queries.in_reach(staff).filter(pk=dossier_id).exists():
        return True
    if staff is not None and _consulted(staff, dossier_id, _asked_for(request)):
        return True
    return followed(request).filter(pk=dossier_id).exists() and not _kept_back(request, dossier_id)


def _kept_back(request: HttpRequest, dossier_id: UUID) -> bool:
    """Whether the file asked for is an opinion, or the result (or its draft) of a dossier not returned yet."""
    asked = _asked_for(request)
    if asked and Consultation.objects.filter(dossier=dossier_id, file=asked).exists():
        return True
    inside = Result.objects.filter(dossier=dossier_id).exclude(HANDED_OVER)
    return any(asked in files for files in inside.values_list("draft", "signed", "issued"))


def _asked_for(request: HttpRequest) -> UUID | None:
    match = request.resolver_match
    return match.kwargs.get("link_id") if match else None


def _consulted(staff: Staff, dossier_id: UUID, asked: UUID | None) -> bool:
    for one in queries.consultations_of(staff).filter(dossier=dossier_id):
        shown = one.task.closed_at is None and Component.objects.filter(pk__in=one.papers, file=asked).exists()
        if asked and (shown or one.file_id == asked):
            return True
    return False
