"""Procedures for machines: what is offered, and the form by which one applies."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema
from pydantic import Field

from tinhso.core.api.auth import open_to_all
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.json_schema import json_schema

from . import queries
from .facts import how_long
from .fees import describe_fee
from .models import Variant
from .queries import Listed

router = Router(tags=["procedures"])

SCHEMA = "application/schema+json"
CODE = r"^\d\.\d{6}[0-9A-Z.]{0,20}$"


class ProcedureOut(Schema):
    code: str = Field(examples=["1.004873"])
    name: str
    field: str
    level: str = Field(description="ministry, province, commune or both")
    online: str = Field(description="full, partial or information")

    @staticmethod
    def of(one: Listed) -> dict[str, Any]:
        return {"code": one.code, "name": one.name, "field": one.field, "level": one.level, "online": one.online}


class VariantOut(Schema):
    key: str
    name: str
    duration: int = Field(description="Amount of `unit`; 0 working days is the same day")
    unit: str = Field(description="working_hours, working_days, calendar_days or months")
    cutoff: str = Field(description="What comes later counts from the next working day; empty: none")
    time: str = Field(description="The time limit in words")
    fee: str = Field(description="The fee in words")
    fee_rule: dict[str, Any] = Field(description="The fee as a rule, in đồng")
    channels: list[str] = Field(description="counter, online, post")
    components: list[dict[str, Any]]
    form: dict[str, Any] = Field(description="JSON Schema and layout that the answers follow")
    form_version: int

    @staticmethod
    def of(one: Variant) -> dict[str, Any]:
        return {
            "key": one.key,
            "name": one.name,
            "duration": one.amount,
            "unit": one.unit,
            "cutoff": one.cutoff.strftime("%H:%M") if one.cutoff else "",
            "time": how_long(one),
            "fee": describe_fee(one.fee_rule),
            "fee_rule": one.fee_rule,
            "channels": one.channels,
            "components": one.components,
            "form": one.form.definition,
            "form_version": one.form.version,
        }


class ProcedureDetail(ProcedureOut):
    decision: str
    authority: str
    legal_basis: list[dict[str, str]]
    variants: list[VariantOut]


@router.get("/procedures", auth=open_to_all(), response=list[ProcedureOut], operation_id="procedures")
def procedures(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=40, description="The last code of the page before")] = "",
    facet: Annotated[list[str], Query(description="field:ho-tich, level:commune, online:full…")] = [],  # noqa: B006
) -> list[dict[str, Any]]:
    """Procedures in force by code, a hundred at a time, or the first hundred that have all words of `q`; where none
    has all, more than half of those that matter. Diacritics do not matter."""
    if q.strip():
        found, _near = queries.search_near(q, 100, facets=facet)
    else:
        found, _after = queries.listing(facet, after=after, limit=100)
    return [ProcedureOut.of(one) for one in found]


@router.get("/procedures/{code}", auth=open_to_all(), response=ProcedureDetail, operation_id="procedure")
def procedure(request: HttpRequest, code: Annotated[str, Path(pattern=CODE)]) -> dict[str, Any]:
    """One procedure in force, with the forms of its variants."""
    version = queries.version_in_force(code)
    if version is None:
        raise Http404
    variants = version.variants.select_related("form").order_by("order")
    one = version.procedure
    return {
        "code": one.code,
        "name": one.name,
        "field": one.field.name,
        "level": one.level,
        "online": version.online,
        "decision": version.decision,
        "authority": version.authority,
        "legal_basis": version.legal_basis,
        "variants": [VariantOut.of(variant) for variant in variants],
    }


@router.get(
    "/procedures/{code}/forms/{variant}",
    auth=open_to_all(),
    operation_id="procedure_form",
    openapi_extra={
        "responses": {200: {"content": {SCHEMA: {"schema": {"type": "object"}}}, "description": "JSON Schema 2020-12"}}
    },
)
def procedure_form(
    request: HttpRequest,
    code: Annotated[str, Path(pattern=CODE)],
    variant: Annotated[str, Path(pattern=r"^[\w-]{1,60}$")],
) -> HttpResponse:
    """What answers to the form of a variant in force look like, as plain JSON Schema: for machines that check before
    they send."""
    found = queries.variant_in_force(code, variant)
    if found is None:
        raise Http404
    schema = json_schema(FormDefinition.load(found.form))
    return HttpResponse(json.dumps(schema, ensure_ascii=False), content_type=SCHEMA)
