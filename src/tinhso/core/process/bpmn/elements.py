"""The elements of a BPMN file that are run here, and a word about each that is not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lxml.etree as etree
from django.utils.translation import gettext as _
from django.utils.translation import override

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.worktime.calendar import WorkDuration

from ..branches import Fault
from . import BPMN, OWN
from .safe import parse

TASKS = {"userTask", "task", "manualTask", "receiveTask"}
_NODES = TASKS | {"startEvent", "endEvent", "exclusiveGateway", "parallelGateway", "boundaryEvent"}
_SAID = {"laneSet", "sequenceFlow", "documentation", "extensionElements"}  # read elsewhere, or words only
_SAID |= {"textAnnotation", "association", "group", "dataObject", "dataObjectReference", "dataStoreReference"}
_INSIDE = {"incoming", "outgoing", "documentation", "extensionElements", "ioSpecification", "property"}
_INSIDE |= {"dataInputAssociation", "dataOutputAssociation"}
_LIMIT = re.compile(r"P(?:(\d{1,5})([DMW])|T(\d{1,5})H)")


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: str
    outcome: str


def parse_limit(amount: str, unit: str) -> dict[str, Any] | None:
    """A time limit as data; None where it is none."""
    try:
        limit = WorkDuration(int(amount), unit)
    except ValueError:
        return None
    return {"amount": limit.amount, "unit": str(limit.unit)}


class Elements:
    """Nodes and flows of the one process in a file; `findings` names what cannot be run."""

    def __init__(self, data: bytes) -> None:
        root = parse(data)
        if root.tag != f"{{{BPMN}}}definitions":
            raise Refused("bpmn_unreadable", _("This is no BPMN 2.0 file."), field="file", status=422)
        self.findings: list[Fault] = []
        self.nodes: dict[str, etree._Element] = {}
        self.out: dict[str, list[Flow]] = defaultdict(list)
        self.into: dict[str, list[Flow]] = defaultdict(list)
        self.timers: dict[str, list[str]] = defaultdict(list)
        self.lanes: dict[str, etree._Element] = {}
        self.start = ""
        for flow in root.iter(f"{{{BPMN}}}messageFlow"):
            self._wrong(flow, _("Messages between pools are not run."))
        for process in self._processes(root):
            for lane in process.iter(f"{{{BPMN}}}lane"):
                for ref in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                    self.lanes[(ref.text or "").strip()] = lane  # of lanes within lanes the innermost
            for element in process:
                self._element(element)
            self._flows(process)
        self._whole()

    def _wrong(self, element: etree._Element | str, message: str) -> None:
        at = element if isinstance(element, str) else element.get("id", "")
        name = "" if isinstance(element, str) else " ".join(element.get("name", "").split())
        self.findings.append(Fault(at, f"“{name[:80]}”: {message}" if name else message))

    def _processes(self, root: etree._Element) -> list[etree._Element]:
        found = [one for one in root.findall(f"{{{BPMN}}}process") if any(True for _child in one)]
        for one in found[1:]:
            self._wrong(one, _("A file holds one process; leave this one out."))
        if not found:
            self._wrong("", _("This file holds no process."))
        return found[:1]

    def _element(self, element: etree._Element) -> None:
        name = etree.QName(element)
        if name.namespace != BPMN or name.localname in _SAID:
            return  # a vendor's own words decide nothing here
        if name.localname not in _NODES:
            self._wrong(element, _("%(kind)s is not run here.") % {"kind": name.localname})
            return
        one = element.get("id", "")
        if not one or one in self.nodes:
            self._wrong(element, _("This element has no id of its own."))
            return
        self.nodes[one] = element
        extra = [etree.QName(child).localname for child in element if etree.QName(child).namespace == BPMN]
        extra = [tag for tag in extra if tag not in _INSIDE]
        if name.localname == "startEvent":
            if self.start:
                self._wrong(element, _("A process has one start."))
            self.start = one
        elif name.localname == "endEvent" and extra == ["terminateEventDefinition"]:
            return
        elif name.localname == "boundaryEvent":
            self.timers[element.get("attachedToRef", "")].append(one)
            if extra == ["timerEventDefinition"] and element.get("cancelActivity") != "false":
                return
            self._wrong(element, _("At the edge of a step only a timer that ends it is run."))
            return
        for tag in extra:
            self._wrong(element, _("%(kind)s is not run here.") % {"kind": tag})

    def _flows(self, process: etree._Element) -> None:
        for element in process.findall(f"{{{BPMN}}}sequenceFlow"):
            condition = element.find(f"{{{BPMN}}}conditionExpression")
            flow = Flow(
                element.get("id", ""),
                element.get("sourceRef", ""),
                element.get("targetRef", ""),
                "".join(condition.itertext()).strip() if condition is not None else "",
                element.get(f"{{{OWN}}}outcome", ""),
            )
            if condition is not None and condition.get("language", "").strip():
                self._wrong(element, _("A condition in another language is not run here."))
            if flow.source in self.nodes and flow.target in self.nodes:
                self.out[flow.source].append(flow)
                self.into[flow.target].append(flow)
            elif not self.findings:
                self._wrong(element, _("This flow leads from or to nothing."))

    def _whole(self) -> None:
        if not self.start and self.nodes:
            self._wrong("", _("The process has no start."))
        for one, element in self.nodes.items():
            tag, out = etree.QName(element).localname, self.out[one]
            if tag != "endEvent" and not out:
                self._wrong(element, _("Nothing follows here: draw the way on, or an end."))
            elif tag == "startEvent" and len(out) > 1:
                self._wrong(element, _("A process begins with one step."))
            elif tag == "parallelGateway" and len(out) > 1 and len(self.into[one]) > 1:
                self._wrong(element, _("Let branches meet in one gateway and part in another."))
            elif tag not in ("startEvent", "boundaryEvent") and not self.into[one]:
                self._wrong(element, _("Nothing leads here."))
            elif tag == "boundaryEvent" and element.get("attachedToRef") not in self.nodes:
                self._wrong(element, _("This timer sits on no step."))

    def keys(self) -> dict[str, str]:
        """A key for every node: its own, or made from its id."""
        keys: dict[str, str] = {}
        used: set[str] = set()
        for one, element in self.nodes.items():
            key = (element.get(f"{{{OWN}}}key") or re.sub(r"[^\w]", "_", one, flags=re.ASCII).lower())[:40]
            while key in used:
                key = f"{key[:34]}_{len(used)}"
            used.add(key)
            keys[one] = key
        return keys

    def is_join(self, one: str) -> bool:
        """A parallel gateway in which several ways meet."""
        tag = etree.QName(self.nodes[one]).localname
        return tag == "parallelGateway" and (len(self.into[one]) > 1 or (len(self.out[one]) < 2 and self._needed(one)))

    def _needed(self, one: str) -> bool:
        return self.nodes[one].get(f"{{{OWN}}}needed") is not None

    def ends_all(self, one: str) -> bool:
        return self.nodes[one].find(f"{{{BPMN}}}terminateEventDefinition") is not None

    def timer_limit(self, element: etree._Element) -> dict[str, Any] | None:
        """How long a boundary timer waits; days count as the calendar has them unless `tinhso:unit` says else."""
        duration = element.find(f".//{{{BPMN}}}timeDuration")
        found = _LIMIT.fullmatch("".join(duration.itertext()).strip()) if duration is not None else None
        if not found:
            return None
        number, letter, hours = found.groups()
        unit = element.get(f"{{{OWN}}}unit") or {"D": "calendar_days", "W": "calendar_days", "M": "months"}.get(
            letter, ""
        )
        return parse_limit(str(int(hours or number) * (7 if letter == "W" else 1)), unit)

    def who(self, one: str, wrong: Callable[[str, str], None], *, staff: bool) -> tuple[str, str]:
        """Role and agency of a step: its own, else its lane's by attribute, else by the lane's name."""
        element, lane = self.nodes[one], self.lanes.get(one)
        role, agency = (element.get(f"{{{OWN}}}{word}", "") for word in ("role", "agency"))
        if lane is not None:
            role = role or lane.get(f"{{{OWN}}}role", "") or (_role_called(lane.get("name", "")) if staff else "")
            agency = agency or lane.get(f"{{{OWN}}}agency", "")
        if staff and role not in Role.values:
            at = one if lane is None else lane.get("id", one)
            wrong(at, _("Say which role does the steps here."))
        return role, agency


def _role_called(name: str) -> str:
    wanted = " ".join(name.split()).casefold()
    for language in ("vi", "en"):
        with override(language):
            for role in Role:
                if str(role.label).casefold() == wanted:
                    return role.value
    return ""
