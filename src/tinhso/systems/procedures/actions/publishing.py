"""Publishing and withdrawing procedures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from tinhso.core.forms import actions as forms
from tinhso.core.forms.definition import digest
from tinhso.core.ledger.actions import Actor, Refused, action, record
from tinhso.core.process import actions as process
from tinhso.core.search.text import fold

from ..checks import faults_of
from ..events import ProcedurePublished, ProcedureWithdrawn
from ..models import Facet, Field, Procedure, ProcedureVersion, Variant
from .browsing import Names, facets_of

Data = Mapping[str, Any]


@action
def publish(data: Data, *, origin: str = ProcedureVersion.Origin.SHIPPED, by: Actor, at: datetime) -> ProcedureVersion:
    """Bring the version that `data` describes into force (the form of `data/*.json`).

    The same data twice changes nothing; other data for a known code withdraws the version in force.
    Without variants it informs only. Raises `Refused` naming what is wrong with the data.
    """
    fingerprint = digest(data)
    procedure = _procedure(data["procedure"], origin)
    versions = list(procedure.versions.select_for_update().order_by("number"))
    in_force = next((version for version in versions if version.withdrawn_at is None), None)
    field = procedure.field
    browsed = facets_of(data) | {f"field:{field.key}": (field.name, field.name_en)}
    if in_force and in_force.digest == fingerprint:
        return in_force if in_force.facets == sorted(browsed) else _found_by(in_force, browsed)
    if in_force:
        withdraw(in_force, by=by, at=at)
    version = ProcedureVersion(
        procedure=procedure,
        number=len(versions) + 1,
        digest=fingerprint,
        published_at=at,
        origin=origin,
        facets=sorted(browsed),
        **data["version"],
    )
    version.save(force_insert=True)
    _name(browsed)
    _counted(version, +1)
    for order, variant in enumerate(data["variants"]):
        _variant(version, order, variant, by=by, at=at)
    record(ProcedurePublished(procedure.code, version.number, fingerprint), subject=procedure, by=by, at=at)
    return version


@action
def withdraw(version: ProcedureVersion, *, by: Actor, at: datetime, words: str = "") -> ProcedureVersion:
    """Take a version out of force, with the reason in words. Dossiers received under it go on by it."""
    if not ProcedureVersion.objects.filter(pk=version.pk, withdrawn_at=None).update(withdrawn_at=at):
        raise Refused("already_withdrawn", _("This version has already been withdrawn."))
    version.withdrawn_at = at
    _counted(version, -1)
    procedure = version.procedure
    record(ProcedureWithdrawn(procedure.code, version.number), subject=procedure, by=by, at=at, words=words)
    return version


def _name(browsed: Mapping[str, Names]) -> None:
    Facet.objects.bulk_create(
        [Facet(key=key, name=name, name_en=name_en) for key, (name, name_en) in sorted(browsed.items())],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["name", "name_en"],
    )


def _found_by(version: ProcedureVersion, browsed: Mapping[str, Names]) -> ProcedureVersion:
    """The same version under what the rules say today; they follow from it and from them, so nothing is recorded."""
    _counted(version, -1)
    version.facets = sorted(browsed)
    version.save(update_fields=["facets"])
    _name(browsed)
    _counted(version, +1)
    return version


def _counted(version: ProcedureVersion, by: int) -> None:
    """Keep by what the procedure is found, and the counts of it; their rows are locked in the order of their keys."""
    Procedure.objects.filter(pk=version.procedure_id).update(facets=version.facets if by > 0 else [])
    list(Facet.objects.filter(key__in=version.facets).order_by("key").select_for_update().values_list("key"))
    Facet.objects.filter(key__in=version.facets).update(services=F("services") + by)


def index(procedures: Iterable[Procedure]) -> None:
    """Store the folded words by which procedures are found."""
    for procedure in procedures:
        procedure.search = _folded(procedure)
        procedure.save(update_fields=["search"])


def _folded(procedure: Procedure) -> str:
    names = (procedure.code, procedure.name, procedure.name_en, procedure.field.name, procedure.words)
    return f" {fold(' '.join(names))} "


def _field(data: Data, origin: str) -> Field:
    """Named by the install, and by the national database, which has no English; editors take it as it is, since a
    name belongs to all its procedures."""
    names = {"name": data["name"], "name_en": data.get("name_en", "")}
    field, made = Field.objects.get_or_create(key=data["key"], defaults=names)
    if not made and origin != ProcedureVersion.Origin.EDITOR:
        field.name, field.name_en = names["name"], names["name_en"] or field.name_en
        field.save(update_fields=["name", "name_en"])
    return field


def _procedure(data: Data, origin: str) -> Procedure:
    field = _field(data["field"], origin)
    known = {key: data.get(key, "") for key in ("name", "name_en", "level", "words")}
    more = {"errands": data.get("errands", []), "field": field}
    procedure, _made = Procedure.objects.update_or_create(code=data["code"], defaults={**known, **more})
    index([procedure])
    return procedure


def _variant(version: ProcedureVersion, order: int, data: Data, *, by: Actor, at: datetime) -> Variant:
    for part, wrong in faults_of(data).items():
        words = f"{version.procedure.code} {data['key']}: {wrong}"
        raise Refused("procedure_invalid", words, field=part, status=422)
    result = data["result"]
    form, result_form = (forms.publish(one, by=by, at=at) for one in (data["form"], result["form"]))
    duration = data["duration"]
    variant = Variant(
        version=version,
        key=data["key"],
        order=order,
        name=data["name"],
        name_en=data.get("name_en", ""),
        amount=duration["amount"],
        unit=duration["unit"],
        cutoff=time.fromisoformat(duration["cutoff"]) if "cutoff" in duration else None,
        fee_rule=data["fee"],
        channels=data["channels"],
        decider=data.get("decider", ""),
        form=form,
        process=process.define(data["process"]),
        components=data["components"],
        applicant=data["applicant"],
        competence=data["competence"],
        result_form=result_form,
        result_start=result["start"],
        result_letter=result["letter"],
        result_data=result["data"],
        notation=result["notation"],
    )
    variant.save(force_insert=True)
    return variant
