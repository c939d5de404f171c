"""A graph as the elements of BPMN, with a place for each: for the file and for the picture."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Kind, Role
from tinhso.core.forms.expressions import write as as_text

from ..branches import Walk
from ..graph import ABOVE, ANSWER, COMPETENT, KINDS, RECEIVING, Choice, Graph, Join, Step, Targets

SIZES = {"task": (120, 76), "wait": (120, 76), "start": (36, 36), "end": (36, 36), "timer": (36, 36)}
GATEWAY = (50, 50)
GAP_X, GAP_Y, HEAD = 60, 28, 30


@dataclass
class Shape:
    """One element. `kind`: start, end, task, wait, timer, exclusive, fork, join. `lane`: role and agency."""

    id: str
    kind: str
    name: str = ""
    key: str = ""
    lane: tuple[str, str] = ("", "")
    rank: int = 0
    row: int = 0
    x: int = 0
    y: int = 0

    @property
    def size(self) -> tuple[int, int]:
        return SIZES.get(self.kind, GATEWAY)


@dataclass(frozen=True)
class Arrow:
    """A flow between two elements, with what decides it."""

    id: str
    source: str
    target: str
    outcome: str = ""  # of a single way out of a task
    condition: str = ""  # text at a gateway
    default: bool = False

    @property
    def label(self) -> str:
        """What stands beside the flow; how a step ended, without the words of the condition."""
        plain = re.fullmatch(r'outcome = "([^"]*)"', self.condition)
        return self.outcome or (plain[1] if plain else self.condition)


@dataclass
class Diagram:
    """All elements of one graph."""

    graph: Graph
    shapes: dict[str, Shape] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    lanes: dict[tuple[str, str], list[Shape]] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)  # timer → the task it sits on
    backward: set[str] = field(default_factory=set)  # arrows that lead back

    def rank_of(self, arrow: Arrow) -> tuple[int, int]:
        source = self.hosts.get(arrow.source, arrow.source)
        return self.shapes[source].rank, self.shapes[arrow.target].rank


def lane_name(role: str, agency: str) -> str:
    """How people call who does the steps of a lane."""
    words = {RECEIVING: _("receiving agency"), COMPETENT: _("competent agency"), ABOVE: _("agency above")}
    words |= {f"{ABOVE}.{kind}": _("%(kind)s above") % {"kind": kind.label} for kind in Kind}
    who = Role(role).label if role in Role.values else role or _("Applicant")
    place = _("agency of the place answered") if agency.startswith(ANSWER) else agency
    return f"{who} ({words.get(agency, place)})"


def draw(graph: Graph) -> Diagram:
    """The diagram of a graph that has no faults, laid out from left to right in lanes."""
    maker = _Maker(graph)
    maker.make()
    _rank(maker.diagram)
    _place(maker.diagram)
    return maker.diagram


def element_id(key: str, number: int) -> str:
    """A key as the id of an element, if XML takes it as it is; ids of our own begin with a capital."""
    plain = key.isascii() and key.replace("_", "a").isalnum() and key[0].isalpha() and key[0].islower()
    return key if plain else f"Step_{number}"


class _Maker:
    def __init__(self, graph: Graph) -> None:
        self.graph, self.diagram = graph, Diagram(graph)
        self.inside = {key for key, place in Walk(graph).places.items() if place}
        self.ids = {key: element_id(key, number) for number, key in enumerate(graph.nodes, 1)}

    def make(self) -> None:
        first = self._lane_of(self.graph.start, set())
        start = self._shape(Shape("Start", "start", lane=first))
        for key, node in self.graph.nodes.items():
            if isinstance(node, Step):
                kind, lane = "wait" if node.waits_for_applicant else "task", (node.role, node.agency)
            else:
                kind, lane = "join" if isinstance(node, Join) else "exclusive", self._lane_of(key, set())
            self._shape(Shape(self.ids[key], kind, node.names.get("vi", ""), key, lane))
        self._lead(start.id, (self.graph.start,), "")
        for key, node in self.graph.nodes.items():
            if isinstance(node, Step):
                self._step(node)
            elif isinstance(node, Join):
                self._lead(self.ids[key], node.next, key)
            elif isinstance(node, Choice):
                for condition, targets in node.cases:
                    self._lead(self.ids[key], targets, key, condition=as_text(condition))
                self._lead(self.ids[key], node.otherwise, key, default=True)

    def _step(self, step: Step) -> None:
        source = self.ids[step.key]
        ways = dict(step.outcomes)
        if step.timeout:
            timer = self._shape(Shape(f"Timer_{source}", "timer", key=step.key, lane=(step.role, step.agency)))
            self.diagram.hosts[timer.id] = source
            self._lead(timer.id, ways.pop(step.timeout.outcome), step.key, outcome=step.timeout.outcome)
        kind = KINDS.get(step.kind)
        if kind and kind.total and len(set(ways.values())) == 1 and len(ways) == len(kind.outcomes):
            self._lead(source, next(iter(ways.values())), step.key)  # however it ends
        elif len(ways) == 1:
            ((outcome, targets),) = ways.items()
            self._lead(source, targets, step.key, outcome=outcome)
        elif ways:
            gateway = self._shape(Shape(f"Outcome_{source}", "exclusive", lane=(step.role, step.agency)))
            self._arrow(source, gateway.id)
            for outcome, targets in ways.items():
                self._lead(gateway.id, targets, step.key, condition=f'outcome = "{outcome}"')

    def _lead(
        self, source: str, targets: Targets, key: str, *, outcome: str = "", condition: str = "", default: bool = False
    ) -> None:
        """Arrows to what follows, by a fork where several do and to an end where nothing does."""
        lane = self.diagram.shapes[source].lane
        if len(targets) == 1:
            target = self.ids[targets[0]]
        else:
            kind = "fork" if targets else "end"
            number = sum(1 for shape in self.diagram.shapes.values() if shape.kind == kind) + 1
            target = self._shape(Shape(f"{kind.title()}_{number}", kind, lane=lane)).id
            if kind == "end" and key in self.inside:
                self.diagram.shapes[target].key = "all"
        self._arrow(source, target, outcome=outcome, condition=condition, default=default)
        if len(targets) > 1:
            for one in targets:
                self._arrow(target, self.ids[one])

    def _shape(self, shape: Shape) -> Shape:
        self.diagram.shapes[shape.id] = shape
        return shape

    def _arrow(self, source: str, target: str, **more: str | bool) -> None:
        number = len(self.diagram.arrows) + 1
        self.diagram.arrows.append(Arrow(f"Flow_{number}", source, target, **more))  # type: ignore[arg-type]

    def _lane_of(self, key: str, seen: set[str]) -> tuple[str, str]:
        """The lane of the first step that follows, or of one before: gateways stand with who acts."""
        node = self.graph.nodes[key]
        if isinstance(node, Step):
            return node.role, node.agency
        seen.add(key)
        following = [target for _outcome, targets in node.ways() for target in targets if target not in seen]
        for target in following:
            if lane := self._lane_of(target, seen):
                return lane
        step = self.graph.steps[-1]
        return step.role, step.agency


def _rank(diagram: Diagram) -> None:
    """Columns: each element after all that lead to it, arrows that turn back left aside."""
    out: Mapping[str, list[Arrow]] = defaultdict(list)
    for arrow in diagram.arrows:
        out[diagram.hosts.get(arrow.source, arrow.source)].append(arrow)
    state: dict[str, int] = {}
    order: list[str] = []
    stack: list[tuple[str, int]] = [("Start", 0)]
    while stack:
        at, index = stack.pop()
        state[at] = 1
        if index < len(out[at]):
            stack.append((at, index + 1))
            arrow = out[at][index]
            if state.get(arrow.target) == 1:
                diagram.backward.add(arrow.id)
            elif arrow.target not in state:
                stack.append((arrow.target, 0))
        else:
            state[at] = 2
            order.append(at)
    for at in reversed(order):
        for arrow in out[at]:
            if arrow.id not in diagram.backward:
                target = diagram.shapes[arrow.target]
                target.rank = max(target.rank, diagram.shapes[at].rank + 1)


def _place(diagram: Diagram) -> None:
    """Lanes from top to bottom in the order of first use; within a lane a row for each of one column."""
    shapes = [shape for shape in diagram.shapes.values() if shape.kind != "timer"]
    for shape in sorted(shapes, key=lambda shape: shape.rank):
        diagram.lanes.setdefault(shape.lane, []).append(shape)
    ranks = max(shape.rank for shape in shapes) + 1
    widths = [max((s.size[0] for s in shapes if s.rank == rank), default=0) for rank in range(ranks)]
    left = [HEAD * 2 + GAP_X // 2 + sum(widths[:rank]) + GAP_X * rank for rank in range(ranks)]
    top = 0
    for inside in diagram.lanes.values():
        used: dict[int, int] = {}
        for shape in inside:
            shape.row = used.get(shape.rank, 0)
            used[shape.rank] = shape.row + 1
            shape.x = left[shape.rank] + (widths[shape.rank] - shape.size[0]) // 2
            shape.y = top + GAP_Y + shape.row * (SIZES["task"][1] + GAP_Y) + (SIZES["task"][1] - shape.size[1]) // 2
        top += max(used.values()) * (SIZES["task"][1] + GAP_Y) + GAP_Y
    for timer, host in diagram.hosts.items():
        shape, on = diagram.shapes[timer], diagram.shapes[host]
        shape.rank, shape.row = on.rank, on.row
        shape.x, shape.y = on.x + on.size[0] - 26, on.y + on.size[1] - 18
