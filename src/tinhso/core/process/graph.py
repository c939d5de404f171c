"""The step graph: parsed from data, checked before anyone works by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.worktime.calendar import WorkDuration

RECEIVING, COMPETENT = "receiving", "competent"


@dataclass(frozen=True)
class StepKind:
    """What a kind of step is called and which outcomes it can give."""

    name: str
    label: Any
    outcomes: frozenset[str]


KINDS: dict[str, StepKind] = {}


def step_kind(name: str, label: Any, *outcomes: str) -> StepKind:
    """Register a kind of step; called in the room `steps.py` of the system that answers it."""
    return KINDS.setdefault(name, StepKind(name, label, frozenset(outcomes)))


@dataclass(frozen=True)
class Step:
    """One node of the graph."""

    key: str
    kind: str
    names: Mapping[str, str]
    role: str
    agency: str  # RECEIVING, COMPETENT, or the code of a named agency
    duration: WorkDuration | None
    waits_for_applicant: bool
    outcomes: Mapping[str, tuple[str, ...]]  # outcome → steps that follow; none: the end

    @property
    def name(self) -> str:
        """In the reader's language, else in Vietnamese."""
        return self.names.get(get_language() or "vi") or self.names["vi"]


@dataclass(frozen=True)
class Graph:
    """Steps by key, and the one that opens first."""

    start: str
    steps: Mapping[str, Step]

    def step(self, key: str) -> Step:
        return self.steps[key]


def _following(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def parse(body: Mapping[str, Any]) -> Graph:
    """The graph a definition says; `Refused` names everything that is wrong with it and where."""
    steps, faults = {}, []
    raw_steps = body.get("steps")
    for key, raw in raw_steps.items() if isinstance(raw_steps, Mapping) else ():
        try:
            steps[key] = _step(key, raw)
        except (AttributeError, KeyError, TypeError, ValueError):
            faults.append(_("Step %(step)s cannot be read.") % {"step": key})
    graph = Graph(body.get("start", ""), steps)
    faults = faults or _faults(graph) or _dead_ends(graph) or _meetings(graph)
    if faults:
        raise Refused("process_invalid", "; ".join(faults), field="process", status=422)
    return graph


def _step(key: str, raw: Mapping[str, Any]) -> Step:
    duration = raw.get("duration")
    names = raw.get("name") or key
    names = {"vi": names} if isinstance(names, str) else dict(names)
    return Step(
        key=key,
        kind=raw.get("kind", ""),
        names={"vi": names.pop("vi"), **names},
        role=raw.get("role", ""),
        agency=raw.get("agency", COMPETENT),
        duration=WorkDuration(duration["amount"], duration["unit"]) if duration else None,
        waits_for_applicant=raw.get("waits_for") == "applicant",
        outcomes={outcome: _following(steps) for outcome, steps in raw.get("outcomes", {}).items()},
    )


def _faults(graph: Graph) -> list[str]:
    faults = []
    if graph.start not in graph.steps:
        faults.append(_("The process has no first step."))
    for step in graph.steps.values():
        if step.kind not in KINDS:
            faults.append(_("Step %(step)s: no system answers the kind “%(kind)s”.") % _words(step))
        elif extra := step.outcomes.keys() - KINDS[step.kind].outcomes:
            extras = ", ".join(sorted(extra))
            faults.append(_("Step %(step)s cannot end with “%(outcome)s”.") % _words(step, outcome=extras))
        if not step.waits_for_applicant and step.role not in Role.values:
            faults.append(_("Step %(step)s: there is no role “%(role)s”.") % _words(step))
        if not step.outcomes:
            faults.append(_("Step %(step)s has no outcome.") % _words(step))
        faults += [
            _("Step %(step)s, outcome %(outcome)s: there is no step “%(next)s”.")
            % _words(step, outcome=outcome, next=key)
            for outcome, following in step.outcomes.items()
            for key in following
            if key not in graph.steps
        ]
    return faults


def _words(step: Step, **more: str) -> dict[str, str]:
    return {"step": step.key, "kind": step.kind, "role": step.role, **more}


def _reached(graph: Graph, start: str) -> set[str]:
    """Every step that work at `start` can come to, itself included."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo += [k for following in graph.steps[key].outcomes.values() for k in following]
    return seen


def _dead_ends(graph: Graph) -> list[str]:
    """Steps nobody comes to, and steps from which the end is never reached."""
    seen = _reached(graph, graph.start)
    faults = [_("Nothing leads to step %(step)s.") % {"step": k} for k in sorted(graph.steps.keys() - seen)]
    ends: set[str] = set()
    while True:
        more = {
            key
            for key, step in graph.steps.items()
            if key not in ends and any(all(k in ends for k in following) for following in step.outcomes.values())
        }
        if not more:
            break
        ends |= more
    return faults + [_("Step %(step)s never comes to an end.") % {"step": k} for k in sorted(seen - ends)]


def _meetings(graph: Graph) -> list[str]:
    """Parallel branches that lead to one step: it would open once for each of them."""
    return [
        _("Step %(step)s, outcome %(outcome)s: the branches %(one)s and %(other)s meet again in step %(next)s.")
        % _words(step, outcome=outcome, one=one, other=other, next=min(both))
        for step in graph.steps.values()
        for outcome, following in step.outcomes.items()
        for one, other in combinations(following, 2)
        if (both := _reached(graph, one) & _reached(graph, other))
    ]


@cache
def graph_of(digest: str) -> Graph:
    """The graph of a stored definition. Definitions never change, so each process parses one once."""
    from .models import Definition

    return parse(Definition.objects.get(pk=digest).body)
