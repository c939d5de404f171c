"""What goes over when agencies merge: complaints that are not answered."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.succession import inherits
from tinhso.core.ledger.actions import Actor, Fact, Refused, record_all

from .events import ComplaintInherited
from .models import Complaint, State


@inherits
def hand_over_complaints(agency: Agency, successor: Agency, by: Actor, at: datetime) -> None:
    """Refuses while an answer is being sealed: number and seal are one agency's."""
    mine = Complaint.objects.select_for_update().filter(agency=agency)
    if mine.filter(state=State.SIGNED).exists():
        message = _("An answer to a complaint is just being sealed. Wait a minute, then merge again.")
        raise Refused("answer_in_sealing", message)
    rows = list(mine.filter(state__in=(State.FILED, State.TAKEN_ON)))
    for one in rows:
        one.agency = successor
        one.save(update_fields=["agency"])
    if rows:
        record_all([Fact(ComplaintInherited(agency.pk), one, successor.pk) for one in rows], by=by, at=at)
