"""What goes over when agencies merge: drafts, and what is not dealt with. What was issued or closed stays theirs, and
the successor reads it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.succession import inherits
from tinhso.core.ledger.actions import Actor, Fact, Refused, record_all

from .events import DocumentInherited
from .models import Assignment, Document, State


@inherits
def hand_over_documents(agency: Agency, successor: Agency, by: Actor, at: datetime) -> None:
    """Refuses while one is signed or being sealed: signature, number and seal are one agency's."""
    mine = Document.objects.select_for_update().filter(agency=agency, closed_at=None)
    if mine.filter(state__in=(State.SIGNED, State.NUMBERED)).exists():
        message = _("A document is signed and not issued yet. Issue it, then merge.")
        raise Refused("document_in_sealing", message)
    rows = list(mine)
    Document.objects.filter(pk__in=[one.pk for one in rows]).update(agency=successor)
    Assignment.objects.filter(agency=agency, done_at=None).update(agency=successor)
    if rows:
        record_all([Fact(DocumentInherited(agency.pk), one, successor.pk) for one in rows], by=by, at=at)
