"""Answers to complaints, as documents that the leader who wrote them signs; kept provable afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Staff
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, Refused, one_change
from tinhso.core.signing.documents import Document, documents_of

from . import actions, queries
from .models import Complaint

ANSWER = "complaints.answer"
AT_ONCE = 200


@documents_of(ANSWER)
class Answers:
    """An answer waits for the leader who wrote it, as long as it is drafted and not signed."""

    def waiting(self, staff: Staff) -> Iterable[Document]:
        rows = queries.to_answer(staff).filter(signer=staff, draft__isnull=False).select_related("draft__file")
        return [_document(row) for row in rows.order_by("due_at")[:AT_ONCE]]

    def find(self, document: UUID, staff: Staff) -> Document:
        mine = queries.to_answer(staff).filter(pk=document, signer=staff, draft__isnull=False)
        row = mine.select_related("draft__file").first()
        if row is None:
            raise Refused("already_done", _("This document does not wait for your signature any more."))
        return _document(row)

    def keep(
        self, document: Document, *, file: FileLink, certificate: str, pdf: bytes, staff: Staff, by: Actor, at: datetime
    ) -> None:
        row = Complaint.objects.select_related("dossier").get(pk=document.id)
        files.attach(file, row, by=by, at=at)
        actions.sign_answer(
            row,
            drafted=document.file,
            link=file,
            certificate=certificate,
            digest=row.dossier.digest(pdf),
            staff=staff,
            by=by,
            at=at,
        )

    def current(self, document: UUID) -> FileLink | None:
        row = Complaint.objects.select_related("issued").filter(pk=document).first()
        return row.issued if row else None

    def replace(self, document: UUID, *, old: FileLink, new: FileLink, by: Actor, at: datetime) -> bool:
        """A version with more time-stamps takes the place of the sealed one."""
        with one_change():
            row = Complaint.objects.filter(pk=document, issued=old).first()
            if row is None:
                return False
            files.attach(new, row, by=by, at=at)
            row.issued = new
            row.save(update_fields=["issued"])
            files.release(old, by=by, at=at)
        return True


def _document(row: Complaint) -> Document:
    assert row.draft is not None
    return Document(
        kind=ANSWER,
        id=row.pk,
        file=row.draft,
        name=f"KN-{row.number.value}-{row.dossier.code}",
        title=f"{row.dossier.applicant_name}, {row.dossier.procedure_name}",
        url=reverse("complaints:judge", args=[row.pk]),
        due_at=row.due_at,
    )
