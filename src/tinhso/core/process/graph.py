"""The step graph: parsed from data, checked before anyone works by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.worktime.calendar import WorkDuration


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
    agency: str  # receiving, competent, or the code of a named agency
    duration: WorkDuration | None
    waits_for_applicant: bool
    outcomes: Mapping[str, tuple[str, ...]]  # outcome → steps that follow; none: the end

    @property
    def name(self) -> str:
        """In the reader's language, else in Vietnamese."""
        return self.names.get(get_language() or "vi") or self.names["vi"]


@dataclass(frozen=True)
class Graph:
    start: str
    steps: Mapping[str, Step]

    def step(self, key: str) -> Step:
        return self.steps[key]


def _following(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def parse(body: Mapping[str, Any]) -> Graph:
    """The graph a definition says; `Refused` names what is wrong with it and where."""
    steps = {}
    for key, raw in body.get("steps", {}).items():
        duration = raw.get("duration")
        names = raw.get("name") or key
        steps[key] = Step(
            key=key,
            kind=raw.get("kind", ""),
            names={"vi": names} if isinstance(names, str) else dict(names),
            role=raw.get("role", ""),
            agency=raw.get("agency", "competent"),
            duration=WorkDuration(duration["amount"], duration["unit"]) if duration else None,
            waits_for_applicant=raw.get("waits_for") == "applicant",
            outcomes={o: _following(next_) for o, next_ in raw.get("outcomes", {}).items()},
        )
    graph = Graph(body.get("start", ""), steps)
    faults = list(_faults(graph))
    if faults:
        raise Refused("process_invalid", "; ".join(faults), field="process", status=422)
    return graph


def _faults(graph: Graph) -> list[str]:
    faults = []
    if graph.start not in graph.steps:
        return [_("The process has no first step.")]
    for step in graph.steps.values():
        if step.kind not in KINDS:
            faults.append(_("Step %(step)s: no system answers the kind “%(kind)s”.") % vars_of(step))
        elif extra := set(step.outcomes) - KINDS[step.kind].outcomes:
            faults.append(_("Step %(step)s cannot end with “%(outcome)s”.") % vars_of(step, outcome=", ".join(extra)))
        if not step.waits_for_applicant and step.role not in Role.values:
            faults.append(_("Step %(step)s: there is no role “%(role)s”.") % vars_of(step))
        if not step.outcomes:
            faults.append(_("Step %(step)s has no outcome.") % vars_of(step))
        for outcome, following in step.outcomes.items():
            for key in following:
                if key not in graph.steps:
                    faults.append(
                        _("Step %(step)s, outcome %(outcome)s: there is no step “%(next)s”.")
                        % vars_of(step, outcome=outcome, next=key)
                    )
    return faults or _unreachable(graph)


def vars_of(step: Step, **more: str) -> dict[str, str]:
    return {"step": step.key, "kind": step.kind, "role": step.role, **more}


def _unreachable(graph: Graph) -> list[str]:
    """Steps nobody comes to, and steps from which the end is never reached."""
    seen, todo = set(), [graph.start]
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo += [k for following in graph.steps[key].outcomes.values() for k in following]
    faults = [_("Nothing leads to step %(step)s.") % {"step": k} for k in graph.steps.keys() - seen]
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
    return faults + [_("Step %(step)s never comes to an end.") % {"step": k} for k in seen - ends]


@cache
def graph_of(digest: str) -> Graph:
    """The graph of a stored definition. Definitions never change, so each process parses one once."""
    from .models import Definition

    return parse(Definition.objects.get(pk=digest).body)
