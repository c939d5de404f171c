"""Digitised papers, as documents that their converter signs with their own key, and what keeps them provable."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Staff
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, Refused, one_change
from tinhso.core.letters.fields import CONVERTER
from tinhso.core.signing import upkeep
from tinhso.core.signing.documents import Document, documents_of
from tinhso.systems.dossiers.models import Component

from . import scans
from .models import Scan

SCAN = "counter.scan"
AT_ONCE = 200


def unsigned(staff: Staff) -> QuerySet[Scan]:
    """What this official made and has not signed. Only whoever converted a paper may vouch for it, no substitute."""
    rows = Scan.objects.filter(official=staff.account_id, agency=staff.agency_id, signed_at=None, made_at__isnull=False)
    return rows.select_related("file__file").order_by("made_at", "pk")


@documents_of(SCAN)
class Digitised:
    """A digitised paper waits once it is part of a dossier, until its converter has signed it."""

    def waiting(self, staff: Staff) -> Iterable[Document]:
        rows = {row.file_id: row for row in unsigned(staff).filter(reading=False)[:AT_ONCE]}
        parts = Component.objects.filter(file__in=rows).select_related("dossier").defer("dossier__answers")
        return [_document(rows[part.file_id], part) for part in parts]

    def find(self, document: UUID, staff: Staff) -> Document:
        row = unsigned(staff).filter(pk=document, reading=False).first()
        part = Component.objects.select_related("dossier").filter(file=row.file_id).first() if row else None
        if row is None or part is None:
            raise Refused("already_done", _("This document does not wait for your signature any more."))
        return _document(row, part)

    def keep(
        self, document: Document, *, file: FileLink, certificate: str, pdf: bytes, staff: Staff, by: Actor, at: datetime
    ) -> None:
        row = unsigned(staff).get(pk=document.id)
        row.file = document.file  # the very bytes that were signed
        scans.keep_signed(row, file=file, certificate=certificate, pdf=pdf, by=by, at=at)
        upkeep.preserve(SCAN, document.id, stamped=True, at=at)  # `watch` follows, and knows whether it was

    def current(self, document: UUID) -> FileLink | None:
        row = Scan.objects.select_related("file__file").filter(pk=document).exclude(signed_at=None).first()
        return row.file if row else None

    def replace(self, document: UUID, *, old: FileLink, new: FileLink, by: Actor, at: datetime) -> bool:
        with one_change():
            if not Scan.objects.filter(pk=document, file=old, file__file=old.file_id).exists():
                return False
            files.renew(old, new, by=by, at=at)
        return True


def _document(row: Scan, part: Component) -> Document:
    assert row.file is not None
    dossier = part.dossier
    return Document(
        kind=SCAN,
        id=row.pk,
        file=row.file,
        name=f"{dossier.code}-{part.key}"[:80],
        title=f"{part.name}, {dossier.applicant_name}",
        url=reverse("dossiers:work", args=[dossier.pk]),
        field=CONVERTER,
    )
