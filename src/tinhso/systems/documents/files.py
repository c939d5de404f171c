"""Who may read the files of a document: whoever may read the document."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from tinhso.core.files.access import readers_of

from . import queries


@readers_of("documents.document")
def may_read(request: HttpRequest, document_id: UUID) -> bool:
    return queries.visible(getattr(request, "staff", None)).filter(pk=document_id).exists()
