"""Where work goes at a gateway, without a written expression: each way's condition is picked from lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tinhso.core.agencies.models import Role
from tinhso.core.forms.choosing import in_words
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.when import When
from tinhso.core.ledger.actions import Refused
from tinhso.core.process import drawings
from tinhso.core.process.asked import Asked, asked, find_forms, form_by
from tinhso.core.process.bpmn.reading import read
from tinhso.core.process.bpmn.ways import Gateway, Way, Ways, ways
from tinhso.core.process.models import Drawing

from ...access import may
from ...request import Request

CHOSEN = "duong"  # in the address: the way that is chosen


@dataclass
class Opened:
    """A drawing with what decides its ways."""

    drawing: Drawing

    @cached_property
    def ways(self) -> Ways:
        return ways(self.drawing.xml.encode())

    @cached_property
    def form(self) -> tuple[str, FormDefinition] | None:
        return form_by(self.drawing.form)

    def asked(self, gateway: Gateway) -> Asked:
        return asked(self.ways, gateway, self.form[1] if self.form else None)

    def words(self, gateway: Gateway, way: Way) -> str:
        """When a way is taken; empty where nothing says so yet. What is no condition here stands as it is."""
        if way.default:
            return _("when no other way is taken")
        if way.condition:
            return _("when %(condition)s") % {"condition": in_words(way.condition, self.asked(gateway))}
        return way.text

    @property
    def outline(self) -> list[tuple[Gateway, str, list[tuple[Way, str]]]]:
        """Gateways, each with its name and its ways, in words."""
        names = {step.id: step.name for step in self.ways.steps}
        out = []
        for gate in self.ways.gateways:
            after = _("after %(step)s") % {"step": names[gate.after]} if gate.after else ""
            named = gate.name or after or gate.id
            out.append((gate, named, [(way, self.words(gate, way)) for way in gate.ways]))
        return out


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def conditions(request: Request, drawing_id: UUID) -> HttpResponse:
    """The ways of a drawing and when each is taken; a POST changes one, or says whose questions may decide."""
    one = _opened(request, drawing_id)
    way, when, refusal, status = request.GET.get(CHOSEN, ""), None, "", 200
    seen: str | None = None
    if request.method == "POST":
        verb = request.POST.get("do", "").partition(" ")[0]
        try:
            if verb == "when-add":
                seen = request.POST.get("seen", "")
                when = _sent(request, one, way)
                when.add(request.POST.get("new", ""), request.POST.get("new-join", "and"))
            else:
                when = _sent(request, one, way) if verb == "when" else None
                _change(request, one, way, verb, when)
                return redirect(_address(drawing_id, way))
        except Refused as refused:
            refusal, status = str(refused), refused.status
            one = _opened(request, drawing_id)
            if when:  # what was chosen stays; saved again it goes over theirs
                seen = None if refused.code == "changed_meanwhile" else request.POST.get("seen", "")
    found = one.ways.find(way)
    when, seen = (when, seen) if found else (None, None)
    found = found or next(((gate, gate.ways[0]) for gate in one.ways.gateways), None)
    context = _chosen(one, found, when, seen) | {
        "one": one,
        "drawing": one.drawing,
        "refusal": refusal,
        "finding": request.GET.get("tim"),
        "forms": find_forms(request.GET["tim"]) if "tim" in request.GET else [],
    }
    return render(request, "processes/conditions.html", context, status=status)


def _opened(request: Request, drawing_id: UUID) -> Opened:
    return Opened(get_object_or_404(drawings.drawings(request.staff), pk=drawing_id))


def _address(drawing_id: UUID, way: str) -> str:
    return f"{reverse('ui:process_conditions', args=[drawing_id])}?{urlencode({CHOSEN: way})}"


def _chosen(one: Opened, found: tuple[Gateway, Way] | None, when: When | None, seen: str | None) -> dict[str, Any]:
    """What the page shows of the way that is chosen."""
    if found is None:
        return {"way": None}
    gate, way = found
    questions = one.asked(gate)
    wrong = [each.message for each in read(one.drawing.xml.encode()).findings if each.at in (way.id, gate.id)]
    return {
        "gate": gate,
        "way": way,
        "taken": one.words(gate, way),
        "when": when or When(questions, questions.questions, way.condition),
        "foreign": way.text if not way.condition else "",
        "seen": way.text if seen is None else seen,
        "wrong": wrong,
    }


def _sent(request: Request, one: Opened, way: str) -> When:
    found = one.ways.find(way)
    if found is None:
        raise Refused("gone", _("This way is no longer in the drawing."))
    questions = one.asked(found[0])
    return When.sent(questions, questions.questions, request.POST, found[1].condition)


def _change(request: Request, one: Opened, way: str, verb: str, when: When | None) -> None:
    who: Any = {"by": request.user, "at": timezone.now()}
    if verb == "form":
        key = request.POST.get("form", "")
        if key and form_by(key) is None:
            raise Refused("gone", _("This form is no longer there. Look for it again."), status=422)
        drawings.choose_form(one.drawing, key, **who)
    elif verb == "otherwise":
        drawings.decide(one.drawing, way, None, seen=request.POST.get("seen", ""), label="", **who)
        messages.success(request, _("Saved."))
    elif when:
        when.check()
        if not when.rows or when.condition is None:
            raise Refused("condition_missing", _("Choose at least one condition; nothing was changed."), status=422)
        label = in_words(when.condition, when.definition)
        drawings.decide(one.drawing, way, when.condition, seen=request.POST.get("seen", ""), label=label, **who)
        messages.success(request, _("Saved."))
    else:
        raise Refused("unknown", _("This button is not known here. Load the page again."), status=422)
