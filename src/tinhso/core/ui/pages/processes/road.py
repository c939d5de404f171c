"""Where work is on its way: the process of a subject as a picture with the current step lit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinhso.core.agencies.models import Role
from tinhso.core.process.graph import Graph, Step, graph_of
from tinhso.core.process.models import Task
from tinhso.core.process.picture import State, picture, states


def road(tasks: Sequence[Task]) -> dict[str, Any] | None:
    """What `processes/road.html` shows of a subject's tasks, in the order they were opened; None where there are
    none."""
    return pictured(graph_of(tasks[-1].definition_id), states(tasks)) if tasks else None


def pictured(graph: Graph, where: dict[str, State] | None = None) -> dict[str, Any]:
    """What `processes/picture.html` shows: the picture, and the same as a list."""
    shown = picture(graph, where)
    names = {box.node.key: box.name for box in shown.boxes}
    rows = []
    for box in shown.boxes:
        after = dict.fromkeys(key for _outcome, targets in box.node.ways() for key in targets)
        role = Role(box.node.role).label if isinstance(box.node, Step) and box.node.role else ""
        rows.append((box, role, [names[key] for key in after]))
    return {"picture": shown, "rows": rows}
