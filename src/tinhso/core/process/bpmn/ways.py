"""The ways out of a file's gateways and what decides them: read one by one, also where the file is not whole yet, and
written one by one. All else in the file stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lxml.etree as etree
from django.utils.translation import gettext as _

from tinhso.core.forms import expressions
from tinhso.core.forms.conditions import Condition
from tinhso.core.forms.conditions import fields as looked_at
from tinhso.core.ledger.actions import Refused

from ..branches import Fault
from ..graph import KINDS, StepKind
from . import BPMN, OWN, XSI
from .elements import TASKS, Elements
from .reading import EXPLICIT
from .safe import parse

LABEL = 80  # letters of a condition that stand beside its way in the drawing


@dataclass(frozen=True)
class Way:
    """A way out of a gateway. `text` is what the file says; `condition` None where it says nothing, or what is not
    read here."""

    id: str
    to: str
    text: str
    condition: Condition | None
    default: bool


@dataclass(frozen=True)
class Gateway:
    """An exclusive gateway with several ways out. `after`: the element of the step right before it, if a step is."""

    id: str
    name: str
    after: str
    ways: list[Way]


@dataclass(frozen=True)
class Work:
    """A step of a file as conditions look at it."""

    id: str
    key: str
    name: str
    kind: StepKind | None


@dataclass(frozen=True)
class Ways:
    """What a file says about where work goes, gateways in the order of the steps before them; `findings` of its
    elements."""

    gateways: list[Gateway]
    steps: list[Work]
    findings: list[Fault]

    def find(self, way: str) -> tuple[Gateway, Way] | None:
        """A way and its gateway."""
        return next(((gate, one) for gate in self.gateways for one in gate.ways if one.id == way), None)

    @property
    def paths(self) -> list[str]:
        """All that its conditions look at."""
        conditions = [way.condition for gate in self.gateways for way in gate.ways if way.condition]
        return list(dict.fromkeys(path for one in conditions for path in looked_at(one)))


def ways(data: bytes) -> Ways:
    """Read a file. Raises `Refused` where it is no safe XML or no BPMN at all."""
    elements = Elements(data)
    keys = elements.keys()
    steps, gateways = [], []
    for one, element in elements.nodes.items():
        tag = etree.QName(element).localname
        if tag in TASKS:
            kind = KINDS.get(element.get(f"{{{OWN}}}kind", ""))
            steps.append(Work(one, keys[one], _named(element) or keys[one], kind))
        elif tag == "exclusiveGateway" and len(elements.out[one]) > 1:
            before = [flow.source for flow in elements.into[one]]
            tasks = [source for source in before if etree.QName(elements.nodes[source]).localname in TASKS]
            after = tasks[0] if len(before) == len(tasks) == 1 else ""
            found = [_way(elements, flow, element.get("default", "")) for flow in elements.out[one]]
            gateways.append(Gateway(one, _named(element), after, found))
    order = [step.id for step in steps]
    gateways.sort(key=lambda gate: order.index(gate.after) if gate.after else len(order))
    return Ways(gateways, steps, elements.findings)


def _named(element: etree._Element) -> str:
    return " ".join(element.get("name", "").split())


def _way(elements: Elements, flow: Any, default: str) -> Way:
    text = flow.condition or (f'{EXPLICIT} = "{flow.outcome}"' if flow.outcome else "")
    try:
        condition = expressions.read(text) if text else None
    except expressions.NotReadable:
        condition = None
    target = elements.nodes[flow.target]
    ends = etree.QName(target).localname == "endEvent"
    name = _named(target) or (_("the end") if ends else flow.target)
    return Way(flow.id, name, text, condition, flow.id == default)


def said(condition: Condition) -> str:
    """A condition as the text of a file. Raises `Refused` where the text would not say the same."""
    if EXPLICIT in looked_at(condition) and not isinstance(condition.get("equals"), str):
        message = _("Of how the step right before it ended, a way says one thing alone: “is” with one value.")
        raise Refused("outcome_alone", message, status=422)
    text = expressions.write(condition)
    try:
        same = expressions.write(expressions.read(text)) == text
    except expressions.NotReadable:
        same = False
    if not same:
        raise Refused("condition_unwritable", _("This condition is longer than a process takes. Say less."), status=422)
    return text


def with_condition(data: bytes, way: str, condition: Condition | None, label: str) -> bytes:
    """The file with a way taken when this holds; None: when no other of its gateway is. `label` stands beside it."""
    root = parse(data)
    flow = next((one for one in root.iter(f"{{{BPMN}}}sequenceFlow") if one.get("id") == way), None)
    if flow is None:
        raise Refused("gone", _("This way is no longer in the drawing."))
    gateway = next((one for one in root.iter() if one.get("id") == flow.get("sourceRef")), None)
    text = said(condition) if condition else ""
    for old in flow.findall(f"{{{BPMN}}}conditionExpression"):
        flow.remove(old)
    flow.attrib.pop(f"{{{OWN}}}outcome", None)
    flow.attrib.pop("name", None)
    if text:
        flow.set("name", label if len(label) <= LABEL else f"{label[: LABEL - 1]}…")
        expression = etree.SubElement(flow, f"{{{BPMN}}}conditionExpression")
        prefix = f"{flow.prefix}:" if flow.prefix else ""  # whatever the file calls the language of BPMN
        expression.set(f"{{{XSI}}}type", f"{prefix}tFormalExpression")
        expression.text = text
    if gateway is not None and not text:
        gateway.set("default", way)
    elif gateway is not None and gateway.get("default") == way:
        del gateway.attrib["default"]
    return bytes(etree.tostring(root))
