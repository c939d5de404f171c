"""Dossiers for machines: submit for an applicant, ask where one is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import BaseModel, ConfigDict, Field

from tinhso.core.accounts.queries import find_business
from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.queries import find_agency
from tinhso.core.api.auth import needs
from tinhso.core.api.once import once
from tinhso.core.api.pagination import LARGEST, page
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.actions import Refused
from tinhso.systems.procedures.queries import variant_in_force

from . import actions, queries
from .intake import application
from .models import Channel, State

router = Router(tags=["dossiers"])

Code = Annotated[str, Field(max_length=60, examples=["H15.24133-261122-0001"])]


class Submission(Schema):
    # What is not known is refused: a misspelt `business` would make it the dossier of a person.
    model_config = ConfigDict(extra="forbid")

    procedure: str = Field(max_length=40, examples=["1.004873"])
    variant: str = Field("", max_length=60, description="Key of the variant; empty where there is only one")
    agency: str = Field(max_length=35, description="Code of the agency that receives it", examples=["H15.24133"])
    channel: Channel = Channel.POST
    answers: dict[str, Any] = Field(description="By the form of the variant; the same rules as its pages")


class OneSubmission(Submission):
    business: str = Field(
        "",
        max_length=20,
        description="Enterprise code of the business it is for; empty: for the person in the answers. That person, by"
        " their national ID, must be registered as acting for it",
        examples=["0100233488"],
    )


READ = ("id", "code", "procedure_code", "state", "channel", "agency__code", "submitted_at", "due_at", "finished_at")


class DossierOut(BaseModel):
    """Where one dossier is."""

    # Plain pydantic: ninja's own base looks every field up in Python, which was half of what a list took.

    code: Code
    procedure: str
    state: State
    channel: Channel
    agency: str = Field(description="Code of the competent agency")
    submitted_at: datetime
    due_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def of(row: Any, agency: str) -> DossierOut:
        """Of a dossier, or of the columns in `READ`; `agency` is the code of the competent one."""
        return DossierOut(
            code=row.code,
            procedure=row.procedure_code,
            state=row.state,
            channel=row.channel,
            agency=agency,
            submitted_at=row.submitted_at,
            due_at=row.due_at,
            finished_at=row.finished_at,
        )


class DossierPage(BaseModel):
    items: list[DossierOut]
    after: str = Field(description="Cursor of the next page; empty on the last")


@router.post("/dossiers", auth=needs("dossiers:submit"), response={201: DossierOut}, operation_id="submit_dossier")
@once
def submit(request: HttpRequest, body: OneSubmission) -> Any:
    """Hand in an application for someone, or for a business by who acts for it. The agency must be the client's own
    or below it."""
    now = timezone.now()
    variant = variant_in_force(body.procedure, body.variant)
    if variant is None:
        raise Refused(
            "unknown_procedure", _("There is no such procedure or variant in force."), field="procedure", status=422
        )
    business = find_business(body.business) if body.business else None
    if body.business and business is None:
        raise Refused(
            "unknown_business",
            _("Choose a business that is registered, or leave its code empty."),
            field="business",
            status=422,
        )
    answers = FormDefinition.load(variant.form).validate(body.answers, on=timezone.localtime(now).date())
    handed_in = application(
        variant,
        answers,
        channel=body.channel,
        account=None,
        counter=agency_in_reach(request, body.agency, now),
        business=business,
        by=request.actor,  # type: ignore[attr-defined]
        at=now,
    )
    dossier = actions.submit(handed_in, by=request.actor, at=now)  # type: ignore[attr-defined]
    return Status(201, DossierOut.of(dossier, dossier.agency.code))


def agency_in_reach(request: HttpRequest, code: str, at: datetime) -> Agency:
    """The open agency with this code, the client's own or below it. Raises `Refused`."""
    wrong = Refused(
        "agency_out_of_reach", _("This client may not hand in dossiers for that agency."), field="agency", status=422
    )
    try:
        found = find_agency(code, at)
    except Agency.DoesNotExist:
        raise wrong from None
    if request.client.agency_id not in found.path:  # type: ignore[attr-defined]
        raise wrong
    return found


@router.get("/dossiers", auth=needs("dossiers:read"), response=DossierPage, operation_id="dossiers")
def dossiers(
    request: HttpRequest,
    after: Annotated[str, Query(max_length=500)] = "",
    limit: Annotated[int, Query(ge=1, le=LARGEST)] = 50,
) -> DossierPage:
    """Dossiers of the client's agency and everything below it, newest first."""
    rows = queries.of_agency(request.client.agency_id).values_list(*READ, named=True)  # type: ignore[attr-defined]
    found = page(rows, ("-submitted_at", "-id"), after=after, limit=limit)
    return DossierPage(items=[DossierOut.of(one, one.agency__code) for one in found.items], after=found.after)


@router.get("/dossiers/{code}", auth=needs("dossiers:read"), response=DossierOut, operation_id="dossier")
def dossier(request: HttpRequest, code: str) -> DossierOut:
    """Where one dossier is."""
    found = queries.of_agency(request.client.agency_id).select_related("agency").filter(code=code).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return DossierOut.of(found, found.agency.code)
