"""What officials decide: from when on the portal is told, what is sent again, what it is not told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Kind, Staff
from tinhso.core.ledger.actions import Actor, Fact, NotAllowed, Refused, action, record, record_all
from tinhso.core.ledger.consumers import last_position
from tinhso.core.ledger.models import Cursor, Position
from tinhso.core.worktime.calendar import ZONE

from . import channel
from .consumers import NAME
from .events import ItemSkipped, ItemsSentAgain, TellingBegun
from .jobs import send
from .models import Item, Link, State

LINK = ("national_portal.link", UUID(int=0x6E70))  # the ledger's name for the one row

NEARLY = 1000  # positions by which times of recording may be out of order: transactions end as they like


def is_of_province(staff: Staff | None) -> bool:
    """Whether a post is at the province itself, whose connection it is."""
    return staff is not None and staff.agency.kind == Kind.PROVINCE


@action
def begin(day: date, *, by: Actor, at: datetime) -> Link:
    """Tell the portal everything of that day and later. What it was told before is not told twice."""
    if not channel.configured():
        raise Refused("portal_not_set_up", _("The national portal is not set up here yet."), status=422)
    since = datetime.combine(day, time.min, ZONE)
    if since > at:
        raise Refused("bad_date", _("Choose today or an earlier day."), field="day", status=422)
    link, _new = Link.objects.get_or_create(pk=1)
    link.since, link.again_at = since, None
    link.save(update_fields=["since", "again_at"])
    Cursor.objects.get_or_create(consumer=NAME)
    cursor = Cursor.objects.select_for_update().get(consumer=NAME)  # waits for a batch under way
    cursor.position = min(cursor.position, _place_before(since))
    cursor.save(update_fields=["position"])
    record(TellingBegun(since), subject=LINK, by=by, at=at)
    send.defer()
    return link


def _place_before(since: datetime) -> int:
    """A position of the ledger before everything that was recorded from then on: those that follow are read again.
    Found by halving, because no index of the ledger is by time."""
    low, high = 0, last_position()
    while low < high:
        middle = (low + high) // 2
        taken_in = Position.objects.values_list("entry__recorded_at", flat=True).get(position=middle + 1)
        low, high = (low, middle) if taken_in >= since else (middle + 1, high)
    return max(0, low - NEARLY)


@action
def send_again(items: Iterable[Item], *, by: Actor, at: datetime) -> int:
    """Send refused items again, after their cause was mended; returns how many. They are made anew from what the
    dossier says now; later items of the same dossiers follow."""
    ids = [item.pk for item in items]
    rows = list(Item.objects.select_for_update().filter(pk__in=ids, state=State.REJECTED).order_by("order"))
    if not rows:
        raise Refused("nothing_refused", _("None of these is refused any more."))
    Item.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.WAITING)
    counts: dict[UUID, int] = {}
    for row in rows:
        counts[row.agency_id] = counts.get(row.agency_id, 0) + 1
    record_all([Fact(ItemsSentAgain(many), LINK, agency) for agency, many in counts.items()], by=by, at=at)
    send.defer()
    return len(rows)


@action
def skip(item: Item, *, reason: str, by: Actor, at: datetime) -> Item:
    """Leave one item out, with the reason; later items of its dossier go on."""
    if len(reason.strip()) < 10:
        raise Refused("reason_missing", _("Say why the portal need not be told."), field="reason", status=422)
    row = Item.objects.select_for_update().filter(pk=item.pk, state=State.REJECTED).first()
    if row is None:
        raise Refused("not_refused", _("The portal does not refuse this any more."))
    row.state = State.SKIPPED
    row.save(update_fields=["state"])
    event = ItemSkipped(row.pk, row.call, row.code)
    record(event, subject=LINK, by=by, at=at, agency=row.agency_id, words=reason.strip())
    send.defer()
    return row


def only_province(staff: Staff | None) -> None:
    """Raises NotAllowed for an administrator of a single agency."""
    if not is_of_province(staff):
        raise NotAllowed(_("Only the province's administrators decide this."))
