"""Filters of the queue: kept, shared with the agency, begun with, forgotten."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Staff
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, record

from ..events import FilterDropped, FilterKept, FilterPreferred
from ..filters.look import Look, filters_of
from ..models import Filter
from .common import limited

MOST = 30  # of one official


@action
def keep_filter(staff: Staff, *, name: str, look: Look, shared: bool, by: Actor, at: datetime) -> Filter:
    """Keep what is looked for under a name; one's own of that name is replaced."""
    if not (name := limited(name.strip(), most=60, field="name")):
        raise Refused("name_missing", _("Give it a name by which people find it."), field="name", status=422)
    if not look.query:
        raise Refused("nothing_looked_for", _("Choose what it looks for."), field="q", status=422)
    mine = Filter.objects.filter(agency=staff.agency_id, owner=staff.account_id)
    if mine.exclude(name=name).count() >= MOST:
        raise Refused("too_many", _("At most %(count)d filters are kept. Forget one first.") % {"count": MOST})
    given = {"look": look.query, "shared": shared}
    kept, _made = mine.update_or_create(agency_id=staff.agency_id, owner_id=staff.account_id, name=name, defaults=given)
    record(FilterKept(shared), subject=kept, by=by, at=at, agency=staff.agency_id)
    return kept


@action
def drop_filter(one: Filter, *, staff: Staff, by: Actor, at: datetime) -> None:
    """Forget one's own; whose desk began with it sees everything again."""
    if one.owner_id != staff.account_id:
        raise NotAllowed(_("Only who made a filter forgets it."))
    record(FilterDropped(), subject=one, by=by, at=at, agency=one.agency_id)
    one.delete()


@action
def prefer_filter(one: Filter, *, staff: Staff, on: bool, by: Actor, at: datetime) -> Filter:
    """Begin the desk with this filter, and no other; or with everything again."""
    for other in filters_of(staff).filter(default_of__contains=[staff.account_id]).exclude(pk=one.pk):
        other.default_of = [account for account in other.default_of if account != staff.account_id]
        other.save(update_fields=["default_of"])
    rest = [account for account in one.default_of if account != staff.account_id]
    one.default_of = [*rest, staff.account_id] if on else rest
    one.save(update_fields=["default_of"])
    record(FilterPreferred(on), subject=one, by=by, at=at, agency=one.agency_id)
    return one
