"""The way of work in few words, for whoever waits for it: what has been done, what is done now, what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .graph import Graph, Step
from .models import Task
from .picture import State, place, ranks


@dataclass(frozen=True)
class Stage:
    """Steps of one moment of the way: several where they go on side by side. `where` are the agencies at work now."""

    names: list[str]
    state: State
    where: list[str]


def way(graph: Graph, tasks: Sequence[Task]) -> list[Stage]:
    """The steps of a subject: done in the order in which they were, now, and to come by the longest way to the end,
    which is the usual one. Where no task is open nothing is to come. `tasks` are all of it, oldest first."""
    depth, back = ranks(graph)
    open_now = [task for task in tasks if task.closed_at is None and place(task)]
    now = sorted({place(task) for task in open_now})
    ahead = _longest(graph, depth, back, now) if now else set()
    ahead -= _leading(graph, back, now)  # what one comes back to on the way has been done
    closed = [task for task in tasks if task.closed_at and task.step in graph.nodes]
    last = {task.step: task for task in closed if task.step not in (*now, *ahead)}
    done: dict[datetime, list[str]] = {}
    for task in sorted(last.values(), key=lambda task: (task.opened_at, task.step)):
        done.setdefault(task.opened_at, []).append(task.name)
    coming: dict[int, list[str]] = {}
    for key in sorted(ahead, key=lambda key: (depth[key], key)):
        coming.setdefault(depth[key], []).append(graph.nodes[key].name)
    places = list(dict.fromkeys(task.agency.name for task in open_now if task.role))
    return [
        *(Stage(names, State.DONE, []) for names in done.values()),
        *(
            [Stage(list(dict.fromkeys(task.name for task in sorted(open_now, key=place))), State.NOW, places)]
            if now
            else []
        ),
        *(Stage(names, State.AHEAD, []) for names in coming.values()),
    ]


def _longest(graph: Graph, depth: dict[str, int], back: set[tuple[str, str]], now: list[str]) -> set[str]:
    """Steps on the longest way to an end from any of these, each way back left aside but one that must be taken."""
    length: dict[str, int] = {}
    chosen: dict[str, tuple[str, ...]] = {}
    for key in sorted(depth, key=lambda key: -depth[key]):
        for _outcome, targets in graph.nodes[key].ways():
            forward = all((key, one) not in back for one in targets)
            reached = [length[one] for one in targets if one in length]
            if forward and len(reached) == len(targets) and (size := 1 + max(reached, default=0)) > length.get(key, 0):
                length[key], chosen[key] = size, targets
    todo = list(now)
    seen: set[str] = set()
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo += chosen.get(key) or _way_back(graph, key, length)
    return {key for key in seen - set(now) if isinstance(graph.nodes[key], Step)}


def _leading(graph: Graph, back: set[tuple[str, str]], now: list[str]) -> set[str]:
    """Nodes that lead forward to one of these."""
    found: set[str] = set(now)
    while more := {
        key
        for key, node in graph.nodes.items()
        if key not in found
        and any(one in found and (key, one) not in back for _outcome, targets in node.ways() for one in targets)
    }:
        found |= more
    return found


def _way_back(graph: Graph, key: str, length: dict[str, int]) -> tuple[str, ...]:
    """Where work can only go back from a node: opinions that come to the officer who asked."""
    return () if key in length else next((targets for _outcome, targets in graph.nodes[key].ways() if targets), ())
