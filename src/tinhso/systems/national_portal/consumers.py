"""Reads the record of dossiers and writes down what the portal has to be told."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid5

from tinhso.core.ledger.consumers import Placed, consumer
from tinhso.systems.dossiers.models import Dossier

from . import channel
from .jobs import send
from .models import Call, Item, Link
from .telling import TOLD

NAME = "national_portal.outgoing"  # its cursor: `actions.begin` sets it back to where telling begins


@consumer(NAME, events=TOLD)
def tell_the_portal(batch: Sequence[Placed]) -> None:
    """An item for each call of each entry. Nothing while nobody has begun, or where the portal is not set up (any
    more): then nothing is queued either, and telling is begun again from a day that an official chooses."""
    link = Link.objects.filter(since__isnull=False).first()
    if link is None or link.since is None:
        return
    if not channel.configured():
        Link.objects.update(since=None)
        return
    told = [placed for placed in batch if placed.at >= link.since]
    there = dict(Dossier.objects.filter(pk__in={p.subject_id for p in told}).values_list("pk", "agency_id"))
    items = [
        Item(
            id=uuid5(placed.id, call),
            dossier_id=placed.subject_id,
            agency_id=placed.agency_id or there[placed.subject_id],
            entry_id=placed.id,
            event=placed.event,
            call=call,
            order=2 * placed.position + (call == Call.STEP),
            at=placed.at,
        )
        for placed in told
        if placed.subject_id in there  # else erased meanwhile
        for call in TOLD[placed.event]
    ]
    Item.objects.bulk_create(items, ignore_conflicts=True)
    if items and link.again_at is None:  # else the one who rests goes on then
        send.defer()
