"""The graph as a picture from top to bottom, small enough for the side of a page."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from .graph import ASIDES, Graph, Join, Node, Step
from .models import Task

WIDTH, HEIGHT, ACROSS, DOWN, SIDE = 150, 46, 166, 78, 26  # of boxes, and from one to the next


class State(StrEnum):
    """Where the work is."""

    AHEAD = "ahead"
    NOW = "now"
    DONE = "done"


@dataclass(frozen=True)
class Box:
    """One node, in units of the picture; `name` in the reader's language."""

    node: Node
    name: str
    state: State
    x: int
    y: int

    @property
    def lines(self) -> list[tuple[int, str]]:
        """The name over at most two lines, with the baseline of each."""
        lines = textwrap.wrap(self.name, 19, max_lines=2, placeholder="…")
        first = self.y + HEIGHT // 2 + 5 - 8 * (len(lines) - 1)
        return [(first + 16 * number, line) for number, line in enumerate(lines)]

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def kind(self) -> str:
        return "step" if isinstance(self.node, Step) else "join" if isinstance(self.node, Join) else "choice"


@dataclass(frozen=True)
class Line:
    """A way from one node to another as an SVG path; `back` where it returns."""

    path: str
    back: bool


@dataclass(frozen=True)
class Picture:
    """Boxes in the order in which one comes to them, and the ways between."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]


def states(tasks: Iterable[Task]) -> dict[str, State]:
    """Where a subject is, from its tasks: open steps are now, others that were open are done."""
    found: dict[str, State] = {}
    for task in tasks:
        if task.closed_at is None:
            found[place(task)] = State.NOW
        else:
            found.setdefault(task.step, State.DONE)
    return found


def place(task: Task) -> str:
    """Where a task stands in the picture: an aside at the step that it interrupts, one beside the others nowhere."""
    return task.back if task.step in ASIDES else task.step


def name_of(node: Node) -> str:
    """What a node is called; joins and choices without a name by what they do."""
    if node.name:
        return node.name
    if isinstance(node, Join):
        return (
            _("When %(count)s have answered") % {"count": node.needed} if node.needed else _("When all have answered")
        )
    return _("Depending on the dossier")


def picture(graph: Graph, where: dict[str, State] | None = None) -> Picture:
    """A graph with the steps of `where` marked as done or lit as the current ones."""
    depth, back = ranks(graph)
    rows: dict[int, list[str]] = defaultdict(list)
    for key in sorted(depth, key=lambda key: depth[key]):
        rows[depth[key]].append(key)
    widest = max(map(len, rows.values()))
    boxes = {}
    for rank, keys in rows.items():
        left = (widest - len(keys)) * ACROSS // 2 + 4
        for column, key in enumerate(keys):
            node = graph.nodes[key]
            state = (where or {}).get(key, State.AHEAD)
            boxes[key] = Box(node, name_of(node), state, left + column * ACROSS, rank * DOWN + 4)
    ways = {(key, one) for key, node in graph.nodes.items() for _outcome, targets in node.ways() for one in targets}
    lines = [
        _line(boxes[one], boxes[other], (one, other) in back, depth[other] - depth[one]) for one, other in sorted(ways)
    ]
    return Picture(widest * ACROSS + SIDE, (max(rows) + 1) * DOWN - DOWN + HEIGHT + 8, list(boxes.values()), lines)


def ranks(graph: Graph) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """How deep each node lies, each after all that lead to it; ways that turn back left aside."""
    state: dict[str, int] = {}
    order: list[str] = []
    back: set[tuple[str, str]] = set()
    after = {key: [k for _o, targets in node.ways() for k in targets] for key, node in graph.nodes.items()}
    stack = [(graph.start, 0)]
    while stack:
        at, index = stack.pop()
        state[at] = 1
        if index < len(after[at]):
            stack.append((at, index + 1))
            target = after[at][index]
            if state.get(target) == 1:
                back.add((at, target))
            elif target not in state:
                stack.append((target, 0))
        else:
            state[at] = 2
            order.append(at)
    depth = dict.fromkeys(reversed(order), 0)
    for at in depth:
        for target in after[at]:
            if (at, target) not in back:
                depth[target] = max(depth[target], depth[at] + 1)
    return depth, back


def _line(one: Box, other: Box, back: bool, deeper: int) -> Line:
    if not back and deeper == 1:
        top, bottom = one.y + HEIGHT, other.y
        half = (top + bottom) // 2
        way = (
            f"M{one.middle} {top}V{half}H{other.middle}V{bottom}"
            if one.x != other.x
            else f"M{one.middle} {top}V{bottom}"
        )
        return Line(way, False)
    right, target = one.x + WIDTH, other.x + WIDTH
    out = max(right, target) + SIDE - 8
    start, end = one.y + HEIGHT // 2, other.y + HEIGHT // 2 + (6 if one is not other else 12)
    return Line(
        f"M{right} {start}H{out - 6}Q{out} {start} {out} {(start + end) // 2}Q{out} {end} {out - 6} {end}H{target}",
        back,
    )
