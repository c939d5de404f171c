"""Who may read a paper that was added: its owner, and the agency that is to compare it with the original. The files of
results and components are their dossiers'."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from tinhso.core.files.access import readers_of

from . import queries
from .pages.citizen import held


@readers_of("vault.paper")
def may_read(request: HttpRequest, paper_id: UUID) -> bool:
    if not request.user.is_authenticated:
        return False
    staff = getattr(request, "staff", None)
    return held(request).filter(pk=paper_id).exists() or queries.to_compare(staff).filter(pk=paper_id).exists()
