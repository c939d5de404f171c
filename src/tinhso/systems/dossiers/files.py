"""Who may read the files of a dossier: its applicant, and officials who reach it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from tinhso.core.files.access import readers_of

from . import queries
from .models import Dossier, Result, State


@readers_of("dossiers.dossier")
def may_read(request: HttpRequest, dossier_id: UUID) -> bool:
    """Officials in reach read all; the applicant too, but for a result not yet returned."""
    if not request.user.is_authenticated:
        return False
    if queries.in_reach(getattr(request, "staff", None)).filter(pk=dossier_id).exists():
        return True
    return queries.of_account(request.user).filter(pk=dossier_id).exists() and not _kept_back(request, dossier_id)


def _kept_back(request: HttpRequest, dossier_id: UUID) -> bool:
    """Whether the file asked for is the result (or its draft) of a dossier not returned yet."""
    if Dossier.objects.filter(pk=dossier_id, state=State.RETURNED).exists():
        return False
    match = request.resolver_match
    asked = match.kwargs.get("link_id") if match else None
    result = Result.objects.filter(dossier=dossier_id).values_list("draft", "signed", "issued").first()
    return result is not None and asked in result
