"""What joint dossiers show on the pages of dossiers: where the rest of it is. Other procedures cost no question."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from tinhso.core.process.models import Task
from tinhso.core.ui.panels import panel
from tinhso.systems.dossiers.listing import joined_by
from tinhso.systems.dossiers.models import Dossier

from . import queries
from .bundles import bundles, part_codes
from .models import Decision

joined_by(queries.parts_among, queries.beneath)


@panel("dossier.of_applicant", order=5)
def to_the_whole(request: HttpRequest, dossier: Dossier) -> str | None:
    """For the applicant: the parts in a line each, or from a part to the whole, and what another agency decided."""
    if dossier.procedure_code in bundles():
        return render_to_string("linked/parts.html", {"joint": queries.joint(dossier)}, request)
    if dossier.procedure_code not in part_codes():
        return None
    decision = Decision.objects.select_related("file").filter(dossier=dossier).first()
    context = {"joint": queries.joint_of(dossier), "decision": decision}
    return render_to_string("linked/of_part.html", context, request)


@panel("dossier.of_slip", order=5)
def by_slip(request: HttpRequest, dossier: Dossier) -> str | None:
    """For who has just shown code and secret of the joint slip: the parts, without links into an account."""
    if dossier.procedure_code not in bundles():
        return None
    context = {"joint": queries.joint(dossier), "staff": True, "page": True}
    return render_to_string("linked/parts.html", context, request)


@panel("dossier.context", order=5)
def for_officials(request: HttpRequest, dossier: Dossier) -> str | None:
    """Beside the work: the way to the whole."""
    if dossier.procedure_code in bundles():
        return render_to_string("linked/context.html", {"joint": dossier, "whole": True}, request)
    if dossier.procedure_code not in part_codes():
        return None
    decision = Decision.objects.select_related("file").filter(dossier=dossier).first()
    context = {"joint": queries.joint_of(dossier), "decision": decision}
    return render_to_string("linked/context.html", context, request)


@panel("dossier.step")
def record_their_answer(request: HttpRequest, task: Task) -> str | None:
    """At a step that an agency outside this house decides: what to do here."""
    return render_to_string("linked/step.html", {"task": task}, request) if task.kind == "elsewhere" else None
