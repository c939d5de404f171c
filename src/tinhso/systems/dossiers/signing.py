"""Results of dossiers, as documents that a leader signs; they and sealed letters are kept provable afterwards."""

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
from tinhso.core.ledger.rows import find
from tinhso.core.process.models import Task
from tinhso.core.process.queries import inbox, task_for
from tinhso.core.signing.documents import Document, documents_of, kept_as

from . import actions
from .models import Dossier, Letter, Result

RESULT = "dossiers.result"
LETTER = "dossiers.letter"
AT_ONCE = 200


@documents_of(RESULT)
class Results:
    """A result waits while its dossier's task "sign" is this person's."""

    def waiting(self, staff: Staff) -> Iterable[Document]:
        tasks = {task.subject_id: task for task in inbox(staff, limit=AT_ONCE, kinds=("sign",))}
        rows = Result.objects.filter(dossier__in=tasks, signer=staff, draft__isnull=False, signed=None)
        return [_document(row, tasks[row.dossier_id]) for row in rows.select_related("draft__file", "dossier")]

    def find(self, document: UUID, staff: Staff) -> Document:
        row = _result(document)
        task = task_for(row.dossier, staff, "sign") if row.signer_id == staff.pk else None
        if row.draft is None or task is None:
            raise _gone()
        return _document(row, task)

    def keep(
        self, document: Document, *, file: FileLink, certificate: str, pdf: bytes, staff: Staff, by: Actor, at: datetime
    ) -> None:
        row = _result(document.id)
        files.attach(file, row.dossier, by=by, at=at)
        actions.sign(
            row.dossier,
            signer=staff,
            drafted=document.file,
            file=file,
            certificate=certificate,
            digest=row.dossier.digest(pdf),
            by=by,
            at=at,
        )

    def current(self, document: UUID) -> FileLink | None:
        row = Result.objects.select_related("signed", "issued").filter(pk=document).first()
        return (row.issued or row.signed) if row else None

    def replace(self, document: UUID, *, old: FileLink, new: FileLink, by: Actor, at: datetime) -> bool:
        """The former version goes: the new one begins with its bytes. A signed result that has its number
        already is being sealed, and gets its stamp after that."""
        with one_change():
            row = Result.objects.select_for_update(of=("self",)).select_related("dossier").get(pk=document)
            if row.issued_id == old.pk:
                row.issued = new
            elif row.issued_id is None and row.number_id is None and row.signed_id == old.pk:
                row.signed = new
            else:
                return False
            files.attach(new, row.dossier, by=by, at=at)
            row.save(update_fields=["issued", "signed"])
            files.release(old, by=by, at=at)
        return True


@kept_as(LETTER)
class Letters:
    """Slips and refusals: the agency's seal alone."""

    def current(self, document: UUID) -> FileLink | None:
        row = Letter.objects.select_related("file").filter(pk=document).first()
        return row.file if row else None

    def replace(self, document: UUID, *, old: FileLink, new: FileLink, by: Actor, at: datetime) -> bool:
        with one_change():
            if not Letter.objects.filter(pk=document, file=old).update(file=new):
                return False
            files.attach(new, Letter.objects.select_related("dossier").get(pk=document).dossier, by=by, at=at)
            files.release(old, by=by, at=at)
        return True


def _result(document: UUID) -> Result:
    """With its dossier and draft, by a prepared statement: asked twice for each of fifty signatures."""
    for row in find(Result, "id = %s", [document], related=("dossier", "draft")):
        return row
    raise _gone()  # erased with its dossier


def _gone() -> Refused:
    return Refused("already_done", _("This document does not wait for your signature any more."))


def _document(row: Result, task: Task) -> Document:
    assert row.draft is not None
    dossier: Dossier = row.dossier
    return Document(
        kind=RESULT,
        id=row.pk,
        file=row.draft,
        name=row.code,
        title=f"{dossier.applicant_name}, {dossier.procedure_name}",
        url=reverse("dossiers:work", args=[dossier.pk]),
        due_at=task.due_at,
    )
