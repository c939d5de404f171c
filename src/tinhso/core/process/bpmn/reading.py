"""A BPMN file as the data of a step graph, or what stands in the way, element by element."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import lxml.etree as etree
from django.utils.translation import gettext as _

from tinhso.core.forms import expressions
from tinhso.core.forms.conditions import Condition

from ..branches import Fault, Walk
from ..check import faults
from ..graph import COMPETENT, KINDS, Graph
from ..graph import read as read_body
from . import OWN
from .elements import TASKS, Elements, Flow, parse_limit

EXPLICIT = "outcome"  # the path by which a gateway after a task looks at how that task ended


@dataclass(frozen=True)
class Reading:
    """`body` for `actions.define`, or None with `findings`: what to change, each at an element's id."""

    body: dict[str, Any] | None
    findings: list[Fault]


def read(data: bytes) -> Reading:
    """Read a file. Raises `Refused` where it is no safe XML or no BPMN at all."""
    elements = Elements(data)
    if elements.findings:
        return Reading(None, elements.findings)
    compiler = _Compiler(elements)
    body = compiler.body()
    if compiler.findings:
        return Reading(None, compiler.findings)
    graph = read_body(body)
    found = [Fault(compiler.element_of.get(one.at, ""), one.message) for one in faults(graph)]
    found = found or compiler.plain_ends(graph)
    return Reading(None if found else body, found)


class _Compiler:
    """From elements and flows to steps, joins and choices."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.findings: list[Fault] = []
        self.keys = elements.keys()
        self.element_of = {key: one for one, key in self.keys.items()}
        self.ends: dict[str, list[str]] = defaultdict(list)  # key of a node → plain ends it leads to

    def wrong(self, at: str, message: str) -> None:
        if Fault(at, message) not in self.findings:
            self.findings.append(Fault(at, message))

    def body(self) -> dict[str, Any]:
        first = self.follow("", self.elements.out[self.elements.start][0]) if self.elements.start else ()
        body: dict[str, Any] = {"start": first[0] if first else "", "steps": {}}
        if len(first) > 1:
            self.wrong(self.elements.start, _("A process begins with one step."))
        for one, element in self.elements.nodes.items():
            tag = etree.QName(element).localname
            key = self.keys[one]
            if tag in TASKS:
                body["steps"][key] = self.step(one, element)
            elif self.elements.is_join(one):
                body.setdefault("joins", {})[key] = self.join(one, element)
            elif self.is_choice(one):
                body.setdefault("choices", {})[key] = self.choice(one, element)
        return body

    # what follows
    def follow(self, key: str, flow: Flow, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Keys of the nodes that a flow leads to, through forks and gateways that decide nothing."""
        target = flow.target
        tag = etree.QName(self.elements.nodes[target]).localname
        if tag == "endEvent":
            if not self.elements.ends_all(target):
                self.ends[key].append(target)
            return ()
        out = self.elements.out[target]
        if tag in TASKS or self.elements.is_join(target) or self.is_choice(target):
            return (self.keys[target],)
        if target in seen:
            self.wrong(target, _("This loop passes no step."))
            return ()
        if tag == "exclusiveGateway" and len(out) > 1:
            self.wrong(target, _("Only the task right before this gateway may decide by its outcome here."))
            return ()
        following = [self.follow(key, one, (*seen, target)) for one in out]
        if len(out) > 1 and not all(following):
            self.wrong(target, _("A parallel branch needs at least one step."))
        return tuple(one for targets in following for one in targets)

    # nodes
    def names(self, one: str, element: etree._Element, otherwise: bool) -> dict[str, Any]:
        vietnamese = " ".join(element.get("name", "").split()) or (self.keys[one] if otherwise else "")
        english = element.get(f"{{{OWN}}}nameEn", "")
        return {"name": {"vi": vietnamese, **({"en": english} if english else {})}} if vietnamese else {}

    def step(self, one: str, element: etree._Element) -> dict[str, Any]:
        kind = element.get(f"{{{OWN}}}kind", "")
        waits = etree.QName(element).localname == "receiveTask"
        role, agency = self.elements.who(one, self.wrong, staff=not waits)
        raw = {**self.names(one, element, True), "kind": kind}
        raw |= {"waits_for": "applicant"} if waits else {}
        raw |= {"role": role} if role else {}
        raw |= {"agency": agency or COMPETENT, "outcomes": {}}
        if not kind:
            self.wrong(one, _("Say what kind of work this step is."))
        elif kind not in KINDS:
            self.wrong(one, _("No system answers the kind “%(kind)s”.") % {"kind": kind})
        amount = element.get(f"{{{OWN}}}amount")
        if amount:
            if limit := parse_limit(amount, element.get(f"{{{OWN}}}unit", "")):
                raw["duration"] = limit
            else:
                self.wrong(one, _("This time limit cannot be read: a whole number and its unit."))
        for timer in self.elements.timers.get(one, ()):
            self.timer(timer, raw)
        possible = KINDS[kind].outcomes - raw["outcomes"].keys() if kind in KINDS else frozenset()
        out = self.elements.out[one]
        if len(out) != 1:
            self.wrong(one, _("Draw one way out of this step; several go out of a gateway behind it."))
        elif self.decides_by_outcome(out[0].target):
            for flow in self.elements.out[out[0].target]:
                self.outcome(raw, flow, self.outcome_at(flow, possible - raw["outcomes"].keys()), one)
        elif kind in KINDS and KINDS[kind].total and not out[0].outcome:
            following = _written(self.follow(self.keys[one], out[0]))
            raw["outcomes"] |= dict.fromkeys(sorted(possible), following)
        else:
            name = out[0].outcome or (min(possible) if len(possible) == 1 else "")
            self.outcome(raw, out[0], name, one)
        return raw

    def outcome(self, raw: dict[str, Any], flow: Flow, name: str, one: str) -> None:
        if not name:
            self.wrong(flow.id, _("Say with which outcome of the step this way is taken."))
        elif name in raw["outcomes"]:
            self.wrong(flow.id, _("Two ways lead on with the outcome “%(outcome)s”.") % {"outcome": name})
        else:
            following = self.follow(self.keys[one], flow)
            raw["outcomes"][name] = None if not following else following[0] if len(following) == 1 else list(following)

    def timer(self, timer: str, raw: dict[str, Any]) -> None:
        element = self.elements.nodes[timer]
        limit = self.elements.timer_limit(element)
        flows = self.elements.out[timer]
        if limit is None:
            self.wrong(timer, _("A timer has a duration such as P30D; other times are not run."))
        if len(flows) != 1:
            self.wrong(timer, _("Draw one way out of this timer."))
        else:
            self.outcome(raw, flows[0], flows[0].outcome, str(element.get("attachedToRef")))
            if limit and flows[0].outcome:
                raw["timeout"] = {**limit, "outcome": flows[0].outcome}

    def join(self, one: str, element: etree._Element) -> dict[str, Any]:
        needed = element.get(f"{{{OWN}}}needed", "all")
        if needed != "all" and not (needed.isascii() and needed.isdigit() and 0 < int(needed) < 100):
            self.wrong(one, _("How many branches to wait for is a number."))
            needed = "all"
        following = self.follow(self.keys[one], self.elements.out[one][0]) if self.elements.out[one] else ()
        raw = {**self.names(one, element, False), "waits_for": needed if needed == "all" else int(needed)}
        return {**raw, "next": _written(following)}

    def choice(self, one: str, element: etree._Element) -> dict[str, Any]:
        raw: dict[str, Any] = {**self.names(one, element, False), "ways": [], "otherwise": None}
        default = element.get("default")
        if not default:
            self.wrong(one, _("Name one way out of this gateway as the default, for when no condition holds."))
        for flow in self.elements.out[one]:
            following = _written(self.follow(self.keys[one], flow))
            if flow.id == default:
                raw["otherwise"] = following
            elif condition := self.condition(flow):
                raw["ways"].append({"when": condition, "next": following})
        return raw

    # conditions
    def condition(self, flow: Flow) -> Condition | None:
        if not flow.condition:
            self.wrong(flow.id, _("This way needs a condition."))
            return None
        try:
            return expressions.read(flow.condition)
        except expressions.NotReadable as wrong:
            self.wrong(
                flow.id, _("The condition is not one that is run here, and code never is: %(why)s") % {"why": wrong}
            )
            return None

    def outcome_at(self, flow: Flow, possible: frozenset[str]) -> str:
        if flow.outcome:
            return flow.outcome
        if flow.condition:
            condition = self.condition(flow)
            return _bare(condition) if condition else ""
        return min(possible) if len(possible) == 1 else ""

    def decides_by_outcome(self, gateway: str) -> bool:
        """An exclusive gateway right after a task, with at least one way by how that task ended."""
        flows = self.elements.out[gateway]
        if etree.QName(self.elements.nodes[gateway]).localname != "exclusiveGateway" or len(flows) < 2:
            return False
        return any(flow.outcome or _is_bare(flow.condition) for flow in flows)

    def is_choice(self, one: str) -> bool:
        exclusive = etree.QName(self.elements.nodes[one]).localname == "exclusiveGateway"
        return exclusive and len(self.elements.out[one]) > 1 and not self.decides_by_outcome(one)

    def plain_ends(self, graph: Graph) -> list[Fault]:
        """Ends among parallel branches must say that they end the whole, as they do."""
        message = _("Among parallel branches an end ends the whole work: make it a terminate end.")
        places = Walk(graph).places
        return [Fault(end, message) for key, ends in self.ends.items() if places.get(key) for end in ends]


def _written(following: tuple[str, ...]) -> Any:
    return None if not following else following[0] if len(following) == 1 else list(following)


def _is_bare(text: str) -> bool:
    try:
        return bool(text and _bare(expressions.read(text)))
    except expressions.NotReadable:
        return False


def _bare(condition: Condition) -> str:
    value = condition.get("equals") if condition.get("field") == EXPLICIT else None
    return value if isinstance(value, str) else ""
