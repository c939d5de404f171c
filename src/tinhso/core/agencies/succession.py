"""Mergers: an agency ends and a successor goes on with its work, its codes and its past.

Packages that keep open work say what goes over, in a room `succession.py`::

    inherits(hand_over_tasks)   # (agency, successor, by, at), inside the transaction of the merger

Core finds these rooms at start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from ..ledger.actions import Actor, Fact, Refused, action, record_all
from . import events
from .actions import close_agency, move_agency
from .models import Agency, Role, Staff

Heir = Callable[[Agency, Agency, Actor, datetime], None]
_HEIRS: list[Heir] = []


def inherits(heir: Heir) -> Heir:
    """Declare what goes over to the successor when two agencies merge. It may refuse the merger."""
    if heir not in _HEIRS:
        _HEIRS.append(heir)
    return heir


@action
def merge_agency(agency: Agency, successor: Agency, *, with_staff: bool, by: Actor, at: datetime) -> Agency:
    """Close `agency`; `successor` goes on with its open work and what hung under it, and sees its past.

    With `with_staff` its people get the same posts at the successor, save leaders, whom a decision
    of its own appoints. Whose code still means the old agency is led to the successor. Raises
    `Refused` for a successor that is closed, in another tree or under the agency itself.
    """
    agency = Agency.objects.get(pk=agency.pk)
    successor = Agency.objects.get(pk=successor.pk)
    if successor.valid_to is not None or agency.pk in successor.path or successor.path[0] != agency.path[0]:
        message = _("Choose an open agency of the same tree that does not hang under this one.")
        raise Refused("successor", message, field="successor", status=422)
    for child in agency.children.open_at(at).order_by("code"):
        move_agency(child, successor, by=by, at=at)
    if agency.parent_id != successor.pk:
        move_agency(agency, successor, by=by, at=at)
    facts = _posts_go_over(agency, successor, at) if with_staff else []
    close_agency(agency, by=by, at=at)
    Agency.objects.filter(pk=agency.pk).update(successor=successor)
    Agency.objects.filter(successor=agency).update(successor=successor)
    merged = Agency.objects.get(pk=agency.pk)
    facts.append(Fact(events.AgencyMerged(merged.code, successor.pk, successor.code), merged, merged.pk))
    record_all(facts, by=by, at=at)
    for heir in _HEIRS:
        heir(merged, successor, by, at)
    return merged


def _posts_go_over(agency: Agency, successor: Agency, at: datetime) -> list[Fact]:
    there = set(successor.staff.filter(valid_to=None).values_list("account", flat=True))
    posts = []
    for old in agency.staff.filter(valid_to=None).exclude(account__in=there).order_by("pk"):
        roles = [role for role in old.roles if role != Role.LEADER]
        if roles:
            own = "" if Role.LEADER in old.roles else old.capacity
            posts.append(
                Staff(
                    account_id=old.account_id,
                    agency=successor,
                    roles=roles,
                    title=old.title,
                    capacity=own,
                    valid_from=at,
                )
            )
    Staff.objects.bulk_create(posts)
    return [Fact(events.StaffAdded(p.account_id, p.roles, p.capacity), p, successor.pk) for p in posts]
