"""Who reaches what: every staff query of the product goes through here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from tinhso.core.ledger.rows import exists, find

from . import codes
from .models import Agency, AgencySet, Role, Staff

M = TypeVar("M", bound=models.Model)


class Reach(Enum):
    OWN = "own agency and what it succeeded"
    BELOW = "own agency and everything below"


REACH: dict[str, Reach] = {
    Role.RECEPTIONIST: Reach.OWN,
    Role.OFFICER: Reach.OWN,
    Role.CLERK: Reach.OWN,
    Role.UNIT_HEAD: Reach.BELOW,
    Role.LEADER: Reach.BELOW,
    Role.AUDITOR: Reach.BELOW,
    Role.ADMINISTRATOR: Reach.BELOW,
}


def agencies_of(staff: Staff | None, among: Collection[str] = tuple(REACH)) -> AgencySet:
    """Agencies that a member of staff reaches by their roles `among` these; none without staff or such a role."""
    if staff is None:
        return Agency.objects.none()
    reaches = {REACH[role] for role in staff.roles if role in REACH and role in among}
    if Reach.BELOW in reaches:
        return Agency.objects.filter(path__contains=[staff.agency_id])
    if Reach.OWN in reaches:
        return Agency.objects.filter(Q(pk=staff.agency_id) | Q(successor=staff.agency_id))
    return Agency.objects.none()


def scope(queryset: models.QuerySet[M], staff: Staff | None, field: str = "agency") -> models.QuerySet[M]:
    """The rows of `queryset` that `staff` reaches by `field`, a foreign key to an agency.

    Fails closed: nobody, an unknown role or a row without an agency gives nothing. Never
    reaches siblings or parents.
    """
    if staff is None:
        return queryset.none()
    return queryset.filter(**{f"{field}__in": agencies_of(staff).values("pk")})


def reaches(staff: Staff | None, agency: UUID) -> bool:
    """Whether `staff` reaches this one agency."""
    return agencies_of(staff).filter(pk=agency).exists()


_OPEN_POSTS = """account_id = %s AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)
AND EXISTS (SELECT 1 FROM agencies_agency a WHERE a.id = agency_id AND (a.valid_to IS NULL OR a.valid_to > %s))"""


def staff_of(account: models.Model, at: datetime) -> list[Staff]:
    """The posts an account holds at that moment: its own, oldest first, then those it stands in for."""
    related = ("agency", "stands_in_for", "stands_in_for__account")
    posts = find(Staff, _OPEN_POSTS, [account.pk, at, at, at], related=related)
    return sorted(posts, key=lambda post: (str(post.stands_in_for_id or ""), post.valid_from, post.pk))


_HOLDS = """account_id = %s AND agency_id = %s AND %s::varchar = ANY(roles) AND valid_from <= %s
AND (valid_to IS NULL OR valid_to > %s)
AND EXISTS (SELECT 1 FROM agencies_agency a WHERE a.id = agency_id AND (a.valid_to IS NULL OR a.valid_to > %s))"""


def holds_role(account: models.Model, role: str, agency: UUID, at: datetime) -> bool:
    """Whether an account has a post with this role at exactly this agency at that moment, its own or standing in."""
    return exists(Staff, _HOLDS, [account.pk, agency, role, at, at, at])


_BY_CODE = "(code = %s OR old_code = %s) AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)"


def find_agency(code: str, at: datetime) -> Agency:
    """The agency open at that moment with this code, in either form, or the successor of a merged one.

    Raises Agency.DoesNotExist.
    """
    try:
        new = codes.parse(code)
    except ValueError as wrong:
        raise Agency.DoesNotExist(str(wrong)) from wrong
    found = find(Agency, _BY_CODE, [new, code.strip().upper(), at, at])
    if not found:
        coded = Agency.objects.filter(Q(code=new) | Q(old_code=code.strip().upper()), successor__valid_to=None)
        merged = (
            coded.filter(successor__isnull=False, valid_to__lte=at).order_by("-valid_to").select_related("successor")
        )
        found = [one.successor for one in merged[:1] if one.successor]
    if not found:
        raise Agency.DoesNotExist(f"no agency {new} at {at:%Y-%m-%d}")
    return found[0]


def above(agency: UUID, kind: str = "") -> UUID | None:
    """The agency directly above this one, or the nearest of a kind; None where there is none."""
    way = Agency.objects.values_list("path", flat=True).get(pk=agency)[:-1]
    kinds = dict(Agency.objects.filter(pk__in=way).values_list("pk", "kind"))
    return next((one for one in reversed(way) if kind in ("", kinds[one])), None)


def search(staff: Staff | None, words: str, at: datetime) -> AgencySet:
    """Open agencies within reach whose name or code has these words; all of them without words."""
    found = agencies_of(staff).open_at(at)
    if words:
        found = found.filter(
            Q(name__icontains=words) | Q(short_name__icontains=words) | Q(code__istartswith=words) | Q(old_code=words)
        )
    return found.order_by("code")
