"""What core itself offers: the directory of agencies and the arithmetic of working time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from tinhso.core.accounts.actions import enrol_device
from tinhso.core.agencies.models import Agency, Kind
from tinhso.core.agencies.queries import find_agency
from tinhso.core.ledger.actions import Refused
from tinhso.core.worktime.calendar import Unit, WorkDuration
from tinhso.core.worktime.hours import FIRST_YEAR, LAST_YEAR
from tinhso.core.worktime.queries import calendar_for

from .auth import open_to_all
from .pagination import LARGEST, page

router = Router(tags=["core"])


class AgencyOut(Schema):
    code: str
    old_code: str = Field(description="The code in its form before 2025; empty: none")
    name: str
    short_name: str
    kind: Kind
    unit_code: str = Field(description="Administrative unit it governs; empty: none")
    constructed: bool = Field(description="The code was made up here, not assigned by the state")


class AgencyPage(Schema):
    items: list[AgencyOut]
    after: str = Field(description="Cursor of the next page; empty on the last")


class Due(Schema):
    due: datetime
    open: bool = Field(description="Whether the office works at the given moment")


Cursor = Annotated[str, Query(max_length=500, description="Cursor from the page before")]
Limit = Annotated[int, Query(ge=1, le=LARGEST)]


@router.get("/agencies", auth=open_to_all(), response=AgencyPage, operation_id="agencies")
def agencies(request: HttpRequest, after: Cursor = "", limit: Limit = 50) -> AgencyPage:
    """Agencies of the province that exist now, by code."""
    found = page(Agency.objects.of_the_state().open_at(timezone.now()), ("code", "id"), after=after, limit=limit)
    return AgencyPage(items=[AgencyOut.from_orm(one) for one in found.items], after=found.after)


class Enrolment(Schema):
    code: str = Field(max_length=40, description="What the administrator was shown; good once, for half an hour")
    public_key: str = Field(max_length=2000, description="PEM, Ed25519 or P-256; the private half stays on the device")


class Enrolled(Schema):
    device: str = Field(description="`iss` of the tokens it signs from now on")
    audience: str = Field(description="`aud` of these tokens; `exp` is at most five minutes after `iat`")
    scopes: list[str]


@router.post("/devices", auth=open_to_all(per_minute=10), response=Enrolled, operation_id="enrol_device")
def enrol(request: HttpRequest, body: Enrolment) -> Enrolled:
    """A kiosk or display hands in its public key. From then on it signs its own bearer tokens (JWT)."""
    device = enrol_device(body.code, body.public_key, at=timezone.now())
    return Enrolled(device=str(device.pk), audience=settings.TINHSO.base_url, scopes=device.scopes)


def _agency(code: str) -> Agency:
    try:
        return find_agency(code, timezone.now())
    except Agency.DoesNotExist as unknown:
        raise Http404 from unknown


@router.get("/agencies/{code}", auth=open_to_all(), response=AgencyOut, operation_id="agency")
def agency(request: HttpRequest, code: str) -> AgencyOut:
    """One agency by its code, in the new or the old form."""
    return AgencyOut.from_orm(_agency(code))


@router.get("/agencies/{code}/due", auth=open_to_all(), response=Due, operation_id="due")
def due(
    request: HttpRequest,
    code: str,
    start: Annotated[AwareDatetime, Query(description="Moment of receipt, with its offset")],
    amount: Annotated[int, Query(ge=0, le=1000)],
    unit: Unit,
) -> Due:
    """When a time limit that starts at `start` ends by this agency's calendar."""
    calendar = calendar_for(_agency(code).pk)
    try:
        return Due(due=calendar.add(start, WorkDuration(amount, unit)), open=calendar.is_open(start))
    except (ValueError, OverflowError) as beyond:
        words = _("Working days are known from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Refused("year_unknown", words, status=422) from beyond
