"""Whether anyone may work by a graph: every fault, named with its step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Kind, Role
from tinhso.core.forms import conditions

from .branches import Fault, Walk
from .graph import ABOVE, ANSWER, KINDS, OUTCOME, Choice, Graph, Node, Step, invalid, read

__all__ = ["Fault", "checked", "faults"]


def checked(body: Mapping[str, Any], asked: Collection[str] | None = None) -> Graph:
    """The graph of a body that may be published. `Refused` names everything that is wrong and where.

    `asked` are the questions that conditions may look at; None: they are not known yet.
    """
    graph = read(body)
    if found := faults(graph, asked):
        raise invalid([fault.message for fault in found])
    return graph


def faults(graph: Graph, asked: Collection[str] | None = None) -> list[Fault]:
    """What is wrong with a graph: first what each node says, then how they hang together."""
    return _nodes(graph, asked) or [*_dead_ends(graph), *_unbounded(graph)] or Walk(graph).faults


def _nodes(graph: Graph, asked: Collection[str] | None) -> list[Fault]:
    found = [] if graph.start in graph.nodes else [Fault("", _("The process has no first step."))]
    for node in graph.nodes.values():
        messages = [_no_step(node, outcome, key) for outcome, key in _unknown(graph, node)]
        if isinstance(node, Step):
            messages = [*_step(node, asked), *messages]
        elif isinstance(node, Choice):
            messages = [*_choice(node, graph, asked), *messages]
        found += [Fault(node.key, message) for message in messages]
    return found


def _words(step: Step, **more: str) -> dict[str, str]:
    return {"step": step.key, "kind": step.kind, "role": step.role, **more}


def _unknown(graph: Graph, node: Node) -> Iterable[tuple[str, str]]:
    return [(outcome, key) for outcome, targets in node.ways() for key in targets if key not in graph.nodes]


def _no_step(node: Node, outcome: str, key: str) -> str:
    if not outcome:
        return _("Step %(step)s: there is no step “%(next)s”.") % {"step": node.key, "next": key}
    words = {"step": node.key, "outcome": outcome, "next": key}
    return _("Step %(step)s, outcome %(outcome)s: there is no step “%(next)s”.") % words


def _step(step: Step, asked: Collection[str] | None) -> Iterable[str]:
    kind = KINDS.get(step.kind)
    if kind is None:
        yield _("Step %(step)s: no system answers the kind “%(kind)s”.") % _words(step)
    elif extra := step.outcomes.keys() - kind.outcomes:
        yield _("Step %(step)s cannot end with “%(outcome)s”.") % _words(step, outcome=", ".join(sorted(extra)))
    elif kind.total and (missing := kind.outcomes - step.outcomes.keys()):
        yield _("Step %(step)s may end with “%(outcome)s”: say what follows.") % _words(
            step, outcome=", ".join(sorted(missing))
        )
    if step.agency.startswith(f"{ABOVE}.") and step.agency.removeprefix(f"{ABOVE}.") not in Kind.values:
        yield _("Step %(step)s: there is no kind of agency “%(agency)s”.") % _words(step, agency=step.agency)
    place = step.agency.removeprefix(ANSWER)
    if asked is not None and place != step.agency and f"{place}.commune" not in asked:
        yield _("Step %(step)s: the form does not ask for the place “%(place)s”.") % _words(step, place=place)
    if not step.waits_for_applicant and step.role not in Role.values:
        yield _("Step %(step)s: there is no role “%(role)s”.") % _words(step)
    if not step.outcomes:
        yield _("Step %(step)s has no outcome.") % _words(step)
    if step.timeout is None or kind is None:
        return
    if not step.waits_for_applicant or kind.expire is None:
        yield _("Step %(step)s cannot end by itself after a time: nobody would answer for it.") % _words(step)
    if step.timeout.outcome not in step.outcomes:
        words = _words(step, outcome=step.timeout.outcome)
        yield _("Step %(step)s: when its time is over it ends with “%(outcome)s”, which leads nowhere.") % words


def _choice(choice: Choice, graph: Graph, asked: Collection[str] | None) -> Iterable[str]:
    known = _Known(graph, asked)
    for condition, _targets in choice.cases:
        if wrong := conditions.problem(condition, known) or _outcome(condition, graph):
            yield _("%(step)s: the condition cannot stand: %(why)s.") % {"step": choice.key, "why": wrong}
    if not choice.cases:
        yield _("%(step)s has no condition.") % {"step": choice.key}


class _Known:
    """What a condition may look at: outcomes of steps, and answers."""

    def __init__(self, graph: Graph, asked: Collection[str] | None) -> None:
        self.steps, self.asked = {step.key for step in graph.steps}, asked

    def __contains__(self, path: object) -> bool:
        if isinstance(path, str) and path.startswith(OUTCOME):
            return path.removeprefix(OUTCOME) in self.steps
        return isinstance(path, str) and path != "outcome" and (self.asked is None or path in self.asked)


def _outcome(condition: conditions.Condition, graph: Graph) -> str:
    """An outcome that its step can never have."""
    for part in (*condition.get("all", ()), *condition.get("any", ())):
        if wrong := _outcome(part, graph):
            return wrong
    if "not" in condition:
        return _outcome(condition["not"], graph)
    path = condition.get("field", "")
    if not path.startswith(OUTCOME):
        return ""
    step = graph.step(path.removeprefix(OUTCOME))
    values = condition.get("in", [condition["equals"]] if "equals" in condition else [])
    strange = [str(value) for value in values if value not in step.outcomes]
    return (
        _("step %(step)s cannot end with “%(outcome)s”") % {"step": step.key, "outcome": strange[0]} if strange else ""
    )


def _reached(graph: Graph, start: str) -> set[str]:
    """Every node that work at `start` can come to, itself included."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo += [target for _outcome, targets in graph.nodes[key].ways() for target in targets]
    return seen


def _dead_ends(graph: Graph) -> list[Fault]:
    """Nodes nobody comes to, and nodes from which the end is never reached."""
    seen = _reached(graph, graph.start)
    found = [Fault(k, _("Nothing leads to step %(step)s.") % {"step": k}) for k in sorted(graph.nodes.keys() - seen)]
    ends: set[str] = set()
    while more := {
        key
        for key, node in graph.nodes.items()
        if key not in ends and any(all(k in ends for k in targets) for _outcome, targets in node.ways())
    }:
        ends |= more
    return found + [Fault(k, _("Step %(step)s never comes to an end.") % {"step": k}) for k in sorted(seen - ends)]


def _unbounded(graph: Graph) -> list[Fault]:
    """Loops that turn without a person: over choices and joins, and waits that end by themselves."""
    alone: dict[str, list[str]] = {}
    for key, node in graph.nodes.items():
        ways = node.ways()
        if isinstance(node, Step):
            ends = node.timeout.outcome if node.timeout else None
            ways = iter([(outcome, targets) for outcome, targets in ways if outcome == ends])
        alone[key] = [target for _outcome, targets in ways for target in targets]
    while leaves := [key for key, targets in alone.items() if not any(target in alone for target in targets)]:
        for key in leaves:
            del alone[key]
    if not alone:
        return []
    loop = _loop(alone)
    message = _("The loop %(steps)s turns without anybody doing anything: let it pass a step done by a person.")
    return [Fault(loop[0], message % {"steps": " → ".join([*loop, loop[0]])})]


def _loop(alone: dict[str, list[str]]) -> list[str]:
    """One loop of a graph in which every node leads on."""
    way = [min(alone)]
    while True:
        following = next(target for target in alone[way[-1]] if target in alone)
        if following in way:
            return way[way.index(following) :]
        way.append(following)
