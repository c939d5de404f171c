"""Where work is on its way: the process of a subject as a picture with the current step lit."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string

from tinhso.core.agencies.models import Role
from tinhso.core.process.graph import Graph, Step, graph_of
from tinhso.core.process.picture import State, picture, states
from tinhso.core.process.queries import done_by


def road(request: HttpRequest, subject: models.Model) -> str | None:
    """The panel for any subject that has work; None where none was begun."""
    tasks = done_by(subject)
    if not tasks:
        return None
    graph = graph_of(tasks[-1].definition_id)
    return render_to_string("processes/road.html", pictured(graph, states(tasks)), request)


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
