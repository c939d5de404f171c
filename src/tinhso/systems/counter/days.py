"""The end of a day at the counter: what was received, returned, paid and is still held, signed off by two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Role, Staff
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, new_id, record

from .events import DayClosed, DayTakenOver
from .hand_overs import held
from .models import Day, Tally

READERS = (Role.RECEPTIONIST, Role.UNIT_HEAD, Role.LEADER, Role.AUDITOR)


@dataclass(frozen=True)
class Figures:
    """What an official did on a day, and what is in their hands now. Money in đồng."""

    received: int
    returned: int
    receipts: int
    taken: int
    held: int


def figures(staff: Staff, day: date) -> Figures:
    """As far as the ledger is folded, which is about a second behind."""
    row = Tally.objects.filter(official=staff.account_id, day=day).first() or Tally()
    return Figures(row.received, row.returned, row.receipts, row.taken, held(staff).count())


def days_of(staff: Staff) -> QuerySet[Day]:
    """Days that were closed in an official's reach, newest first."""
    rows = Day.objects.filter(agency__in=agencies_of(staff, READERS).values("pk"))
    return rows.select_related("official", "receiver", "agency").order_by("-day", "-at", "-pk")


@action
def close(shown: Figures, *, note: str, staff: Staff, by: Actor, at: datetime) -> Day:
    """Close one's day with these figures, as they were shown. What comes after belongs to no closed day, so it is
    refused while the shown figures are behind: look again, then close."""
    day = timezone.localtime(at).date()
    if shown != figures(staff, day):
        raise Refused("figures_moved", _("Something was added since you opened this page. Look at the figures again."))
    if Day.objects.filter(agency=staff.agency, official=staff.account, day=day).exists():
        raise Refused("closed_already", _("You have closed this day already."))
    made = Day(
        id=new_id(), agency=staff.agency, official=staff.account, day=day, note=note.strip()[:500], at=at,
        received=shown.received, returned=shown.returned, receipts=shown.receipts, taken=shown.taken,
        held=shown.held,
    )  # fmt: skip
    made.save(force_insert=True)
    event = DayClosed(day, made.received, made.returned, made.receipts, made.taken, made.held)
    record(event, subject=made, by=by, at=at, agency=staff.agency_id)
    return made


@action
def take_over(day: Day, *, staff: Staff, by: Actor, at: datetime) -> Day:
    """A colleague of the same counter has counted and found it right."""
    locked = Day.objects.select_for_update(of=("self",)).get(pk=day.pk)
    if locked.agency_id != staff.agency_id or not staff.has_role(Role.RECEPTIONIST, Role.UNIT_HEAD):
        raise NotAllowed(_("A colleague of the same counter takes the day over."))
    if locked.official_id == staff.account_id:
        raise NotAllowed(_("Somebody else counts what you hand over."))
    if locked.receiver_id is not None:
        raise Refused("taken_over", _("This day has been taken over already."))
    locked.receiver, locked.received_at = staff.account, at
    locked.save(update_fields=["receiver", "received_at"])
    record(DayTakenOver(locked.day), subject=locked, by=by, at=at, agency=locked.agency_id)
    return locked
