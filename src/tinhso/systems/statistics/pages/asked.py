"""What an address asks for: whose figures, of when, cut how. What it does not say, or says wrongly, is the usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ui.request import Request
from tinhso.systems.procedures.models import Field, Procedure

from ..periods import Kind, Period, period
from ..queries import HEADS, Cut, Scope, codes_of, reach, scope

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Asked:
    """An address, read. `narrowed` says in words to which field or procedure."""

    agency: Agency
    when: Period
    cut: Cut
    values: Mapping[str, str]
    narrowed: str
    of: Scope

    def url(self, **changes: Any) -> str:
        """The same with some values changed, `None` taken away; values alone, without the path."""
        return "?" + urlencode({k: v for k, v in {**self.values, **changes}.items() if v not in (None, "")})


def asked(request: Request, *, at: datetime) -> Asked:
    """Read the address. 404 for an agency beyond reach."""
    given = request.GET
    agency = agency_of(request)
    kind = Kind(given["kind"]) if given.get("kind") in list(Kind) else Kind.MONTH
    when = period(kind, day_of(given.get("day"), at))
    cut = Cut(given["cut"]) if given.get("cut") in list(Cut) else Cut.AGENCY
    values = {"agency": str(agency.pk), "kind": kind.value, "day": f"{when.since}", "cut": cut.value}
    narrowed, codes = "", None
    if code := given.get("procedure"):
        procedure = Procedure.objects.filter(code=code).first()
        narrowed, codes = f"{code} {procedure.name}" if procedure else code, [code]
        values["procedure"] = code
    elif key := given.get("field"):
        named = Field.objects.filter(key=key).first()
        if named is None:
            raise Http404
        narrowed, codes = named.name, codes_of(key)
        values["field"] = key
    if "since" in given:  # the days of a report, which are not those of the calendar
        since, until = day_of(given["since"], at), day_of(given.get("until"), at)
        if since <= until <= since + LONGEST:
            when = Period(kind, since, until)
            values |= {"since": f"{since}", "until": f"{until}"}
    if given.get("view") == "quality":
        values["view"] = "quality"
    return Asked(agency, when, cut, values, narrowed, scope(agency, codes))


def agency_of(request: Request) -> Agency:
    """The agency an address names, the reader's own unless it does; 404 beyond reach."""
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("agency") or str(request.staff.agency_id if request.staff else "")
    found = reach(request.staff).filter(pk=wanted).first() if id_of(wanted) else None
    if found is None:
        raise Http404
    return found


def day_of(given: str | None, at: datetime) -> date:
    """A day written 2026-11-22, this one unless it is readable and of a sensible year."""
    today = timezone.localtime(at).date()
    try:
        day = date.fromisoformat(given or "")
    except ValueError:
        return today
    return day if 1990 <= day.year <= today.year + 1 else today


def id_of(given: str | None) -> UUID | None:
    """An id; None where it is none."""
    try:
        return UUID(given or "")
    except ValueError:
        return None


def officers_for(staff: Staff | None) -> set[UUID] | None:
    """Whose own figures an official reads: heads everybody's (None), others theirs and whom they stand in for."""
    return None if staff is None or staff.has_role(*HEADS) else set(staff.does_work_of)
