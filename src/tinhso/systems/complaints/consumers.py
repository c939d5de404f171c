"""Tells the leaders who may answer, and whoever complained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tinhso.core.ledger.consumers import Placed, consumer
from tinhso.core.notify.actions import Message, Recipient, notify_all

from . import queries
from .models import Complaint


@consumer("complaints.notices", events=["complaints.filed", "complaints.taken_on", "complaints.answered"])
def tell(batch: Sequence[Placed]) -> None:
    """Each leader who had no hand in it of a new one; whoever filed it of what becomes of it."""
    rows = Complaint.objects.select_related("dossier").in_bulk({placed.subject_id for placed in batch})
    messages = []
    for placed in batch:
        one = rows.get(placed.subject_id)
        if one is None or one.account_id is None:
            continue  # forgotten meanwhile
        params: dict[str, str | int | datetime] = {"code": one.dossier.code}
        if "due_at" in placed.data:
            params["due"] = datetime.fromisoformat(placed.data["due_at"])
        accounts = [one.account_id]
        if placed.event == "complaints.filed":
            accounts = [leader.pk for leader in queries.leaders(one, placed.at)]
        messages += [Message(placed.event, Recipient(account=to), one, placed.id, placed.at, params) for to in accounts]
    notify_all(messages)
