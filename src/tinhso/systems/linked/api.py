"""Joint dossiers for machines. They are handed in as any dossier is: `POST /dossiers` with the joint procedure."""

from __future__ import annotations

from datetime import date, datetime

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tinhso.core.api.auth import needs
from tinhso.systems.dossiers.queries import of_agency

from . import queries
from .bundles import Standing
from .queries import Row

router = Router(tags=["linked"])


class PartOut(Schema):
    key: str = Field(description="As the bundle calls it", examples=["residence"])
    procedure: str
    standing: Standing
    code: str = Field(description="Of its dossier; empty before it is opened")
    due_at: datetime | None = Field(description="Promised, or forecast before it is opened")
    decided_by: str = Field(description="An agency outside this house; empty: one of this province")
    number: str = Field(description="Of what that agency granted, as the counter recorded it")

    @staticmethod
    def of(row: Row) -> PartOut:
        return PartOut(
            key=row.planned.key,
            procedure=row.planned.procedure,
            standing=row.standing,
            code=row.dossier.code if row.dossier else "",
            due_at=row.due,
            decided_by=row.planned.decider,
            number=row.decision.number if row.decision else "",
        )


class JointOut(Schema):
    code: str = Field(examples=["H15.24133-261123-0001"])
    procedure: str
    law: str = Field(description="By which its parts go together")
    since: date = Field(description="Since when they do so in this way")
    due_at: datetime | None = Field(description="When the last part is promised")
    sure: bool = Field(description="False while a part is not opened yet and its time a forecast")
    parts: list[PartOut]


@router.get("/linked/{code}", auth=needs("dossiers:read"), response=JointOut, operation_id="joint_dossier")
def joint(request: HttpRequest, code: str) -> JointOut:
    """A joint dossier of the client's agency or one below it, with all its parts."""
    rows = of_agency(request.client.agency_id)  # type: ignore[attr-defined]
    dossier = rows.select_related("agency", "variant").filter(code=code).first()
    shown = queries.joint(dossier) if dossier else None
    if dossier is None or shown is None:
        raise Http404
    return JointOut(
        code=dossier.code,
        procedure=dossier.procedure_code,
        law=shown.bundle.law,
        since=shown.bundle.since,
        due_at=shown.last,
        sure=shown.sure,
        parts=[PartOut.of(row) for row in shown.rows],
    )
