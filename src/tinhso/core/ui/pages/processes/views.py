"""Drawing processes: a list, the drawing board, saving with messages at the elements, publishing."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.process import drawings
from tinhso.core.process.bpmn.reading import Reading, read
from tinhso.core.process.bpmn.safe import MAX_BYTES
from tinhso.core.process.graph import KINDS, Graph, StepKind
from tinhso.core.process.graph import read as graph_of_body
from tinhso.core.process.models import Definition, Drawing
from tinhso.core.worktime.calendar import Unit

from ...access import may
from ...navigation import nav
from ...request import Request
from .conditions import Opened
from .road import pictured

SHOWN = 50  # processes to begin from; the newest drawings come first anyway
UNITS = {
    Unit.WORKING_HOURS: gettext_lazy("working hours"),
    Unit.WORKING_DAYS: gettext_lazy("working days"),
    Unit.CALENDAR_DAYS: gettext_lazy("days"),
    Unit.MONTHS: gettext_lazy("months"),
}


@may(Role.ADMINISTRATOR)
def processes(request: Request) -> HttpResponse:
    """The drawings in reach; a POST begins one, from a file or from a process that exists."""
    refusal = None
    if request.method == "POST":
        try:
            return redirect("ui:process", _begun(request).pk)
        except Refused as refused:
            refusal = refused
    context = {
        "drawings": drawings.drawings(request.staff).select_related("updated_by").order_by("-updated_at", "id"),
        "definitions": [(one, _steps(one.graph)) for one in Definition.objects.order_by("digest")[:SHOWN]],
        "refusal": refusal,
        "typed": request.POST,
    }
    return render(request, "processes/processes.html", context, status=refusal.status if refusal else 200)


def _steps(graph: Graph) -> str:
    return " → ".join(step.name for step in graph.steps)


def _begun(request: Request) -> Drawing:
    assert request.staff is not None
    who: Any = {"agency": request.staff.agency_id, "by": request.user, "at": timezone.now()}
    name = request.POST.get("name", "")
    if xml := _brought(request):
        return drawings.begin(name, xml, **who)
    definition = Definition.objects.filter(pk=request.POST.get("definition", "")).first()
    if definition is None:
        raise Refused("nothing_to_begin_from", _("Choose a process to begin from, or a BPMN file."), status=422)
    return drawings.begin_from(name, definition, **who)


def _brought(request: Request) -> bytes:
    """The bytes of the file in the form, one more than are read at most; none without a file."""
    file = request.FILES.get("file")
    return file.read(MAX_BYTES + 1) if isinstance(file, UploadedFile) else b""


def _find(request: Request, drawing_id: UUID) -> Drawing:
    return get_object_or_404(drawings.drawings(request.staff).select_related("updated_by"), pk=drawing_id)


@may(Role.ADMINISTRATOR)
@require_GET
def drawing(request: Request, drawing_id: UUID) -> HttpResponse:
    """The drawing board. Without scripts: the picture, what is wrong, and the file to take and bring."""
    one = _find(request, drawing_id)
    return _board(request, one)


def _board(request: Request, one: Drawing, refusal: Refused | None = None) -> HttpResponse:
    reading = read(one.xml.encode())
    shown = pictured(graph_of_body(reading.body)) if reading.body else {}
    context = {
        **shown,
        "drawing": one,
        "download": reverse("ui:process_download", args=[one.pk]),
        "conditions": reverse("ui:process_conditions", args=[one.pk]),
        "findings": reading.findings,
        "outline": Opened(one).outline,
        "roles": Role.choices,
        "kinds": [_kind(kind) for kind in KINDS.values()],
        "units": [(unit.value, words) for unit, words in UNITS.items()],
        "refusal": refusal,
    }
    return render(request, "processes/drawing.html", context, status=refusal.status if refusal else 200)


def _kind(kind: StepKind) -> tuple[str, str, str, str]:
    """Name, label, and outcomes in words: for people, and for the script."""
    outcomes = [(one, kind.say(one)) for one in sorted(kind.outcomes)]
    return kind.name, str(kind.label), ", ".join(words for _one, words in outcomes), json.dumps(outcomes)


@may(Role.ADMINISTRATOR)
@require_POST
def keep(request: Request, drawing_id: UUID) -> HttpResponse:
    """Save what was drawn: by a script as JSON with what is wrong, or as a file from a form."""
    one = _find(request, drawing_id)
    scripted = "xml" in request.POST
    xml = request.POST["xml"].encode() if scripted else _brought(request)
    name = request.POST.get("name", one.name)
    revision = request.POST.get("revision", "")
    try:
        one = drawings.keep(
            one,
            xml,
            name=name,
            revision=int(revision) if revision.isascii() and revision.isdigit() else 0,
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        if not scripted:
            return _board(request, one, refused)
        return JsonResponse({"refused": str(refused)}, status=refused.status)
    if not scripted:
        messages.success(request, _("Saved."))
        return redirect("ui:process", one.pk)
    said = {way.id: words for _gate, _named, found in Opened(one).outline for way, words in found}
    return JsonResponse({"revision": one.revision, "findings": _findings(read(one.xml.encode())), "ways": said})


def _findings(reading: Reading) -> list[dict[str, str]]:
    return [{"at": finding.at, "message": finding.message} for finding in reading.findings]


@may(Role.ADMINISTRATOR)
@require_POST
def publish(request: Request, drawing_id: UUID) -> HttpResponse:
    one = _find(request, drawing_id)
    try:
        drawings.publish(one, by=request.actor, at=timezone.now())
    except Refused as refused:
        return _board(request, one, refused)
    messages.success(request, _("Published. Procedures may use it now; dossiers go on by the process they began with."))
    return redirect("ui:process", one.pk)


@may(Role.ADMINISTRATOR)
@require_POST
def discard(request: Request, drawing_id: UUID) -> HttpResponse:
    one = _find(request, drawing_id)
    try:
        drawings.discard(one)
    except Refused as refused:
        return _board(request, one, refused)
    messages.success(request, _("Discarded."))
    return redirect("ui:processes")


@may(Role.ADMINISTRATOR)
@require_GET
def download(request: Request, drawing_id: UUID) -> HttpResponse:
    """The drawing as a BPMN file for any editor."""
    one = _find(request, drawing_id)
    response = HttpResponse(one.xml.encode(), content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{one.pk}.bpmn"'
    return response


nav("admin", gettext_lazy("Processes"), "ui:processes", icon="workflow", order=30, roles=[Role.ADMINISTRATOR])
