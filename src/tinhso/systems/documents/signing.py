"""Documents as what a leader signs; kept provable afterwards."""

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
from tinhso.core.process.queries import inbox, task_for
from tinhso.core.signing.documents import Document as Waiting
from tinhso.core.signing.documents import documents_of

from . import actions, types
from .models import Document, State

OFFICIAL = "documents.official"
AT_ONCE = 200


@documents_of(OFFICIAL)
class Official:
    """A document waits for the signer its drafter named, once it is checked and its PDF is made."""

    def waiting(self, staff: Staff) -> Iterable[Waiting]:
        tasks = {t.subject_id: t for t in inbox(staff, limit=AT_ONCE, kinds=("sign_document",))}
        rows = Document.objects.filter(pk__in=tasks, signer=staff, state=State.SIGNING, draft__isnull=False)
        found = rows.select_related("draft__file")
        return sorted((_waiting(row, tasks[row.pk].due_at) for row in found), key=lambda one: str(one.due_at))

    def find(self, document: UUID, staff: Staff) -> Waiting:
        rows = Document.objects.filter(pk=document, signer=staff, state=State.SIGNING, draft__isnull=False)
        row = rows.select_related("draft__file").first()
        task = task_for(row, staff, "sign_document") if row else None
        if row is None or task is None:
            raise Refused("already_done", _("This document does not wait for your signature any more."))
        return _waiting(row, task.due_at)

    def keep(
        self, document: Waiting, *, file: FileLink, certificate: str, pdf: bytes, staff: Staff, by: Actor, at: datetime
    ) -> None:
        row = Document.objects.get(pk=document.id)
        files.attach(file, row, by=by, at=at)
        actions.sign(
            row, drafted=document.file, link=file, certificate=certificate, digest=row.digest(pdf), by=by, at=at
        )

    def current(self, document: UUID) -> FileLink | None:
        row = Document.objects.select_related("issued").filter(pk=document).first()
        return row.issued if row else None

    def replace(self, document: UUID, *, old: FileLink, new: FileLink, by: Actor, at: datetime) -> bool:
        """More time-stamps: the link itself gets the longer bytes, so that whoever holds it points at the same."""
        with one_change():
            if not Document.objects.filter(pk=document, issued=old).exists():
                return False
            files.renew(old, new, by=by, at=at)
        return True


def _waiting(row: Document, due_at: datetime | None) -> Waiting:
    assert row.draft is not None
    return Waiting(
        kind=OFFICIAL,
        id=row.pk,
        file=row.draft,
        name=f"{row.type}-{row.pk.hex[-6:]}",
        title=f"{types.types()[row.type].name}: {row.abstract}",
        url=reverse("documents:one", args=[row.pk]),
        due_at=due_at,
    )
