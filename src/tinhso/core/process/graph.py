"""The step graph: read from data. `check` says whether anyone may work by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tinhso.core.forms.conditions import Condition, fields
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.worktime.calendar import WorkDuration

if TYPE_CHECKING:
    from .models import Task

RECEIVING, COMPETENT, ABOVE = "receiving", "competent", "above"
ANSWER = "answer."  # `answer.marriage_place`: the commune of the place that was answered there
ASIDE = "+"  # begins the key of a step that no process draws
OUTCOME = "outcome."  # `outcome.check` in a condition: how the step `check` ended last
Targets = tuple[str, ...]  # nodes that follow, together; none: the end
Follow = Callable[["Task", Actor, datetime], None]


@dataclass(frozen=True)
class StepKind:
    """What a kind of step is called, which outcomes it can give, what begins with it and what ends a wait too long."""

    name: str
    label: Any
    outcomes: frozenset[str]
    expire: Follow | None = None
    opened: Follow | None = None
    total: bool = False
    drawn: bool = True
    called: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def say(self, outcome: str) -> str:
        """An outcome in the reader's words; one without words by its name."""
        return str(self.called.get(outcome, outcome))


KINDS: dict[str, StepKind] = {}


def step_kind(
    name: str,
    label: Any,
    *outcomes: str,
    expire: Follow | None = None,
    opened: Follow | None = None,
    total: bool = False,
    drawn: bool = True,
    called: Mapping[str, Any] | None = None,
) -> StepKind:
    """Register a kind of step; called in the room `steps.py` of the system that answers it.

    `expire(task, by, at)` completes a step whose time to wait is over, with the outcome that its
    `timeout` names; without it no step of this kind may have one. `opened(task, by, at)` is called with
    every step of this kind that opens, in the same transaction. A `total` kind may end with any of its
    outcomes whatever was drawn, so each must lead somewhere. `called`: outcomes in words, for who draws; what is not
    `drawn` has its process ready, and nobody draws one with it.
    """
    return KINDS.setdefault(
        name, StepKind(name, label, frozenset(outcomes), expire, opened, total, drawn, called or {})
    )


def aside_kind(name: str, label: Any, *outcomes: str, role: str = "", agency: str = COMPETENT) -> Aside:
    """Register a step that no process draws, because work may come to it from any: a wait for the applicant (no
    role) that interrupts a step, or a decision beside the others. See `aside`."""
    step = Aside(
        key=f"{ASIDE}{name}",
        names={},
        kind=name,
        role=role,
        agency=agency,
        duration=None,
        waits_for_applicant=not role,
        outcomes=dict.fromkeys(outcomes, ()),
        label=label,
    )
    return ASIDES.setdefault(step.key, step)


@dataclass(frozen=True)
class Timeout:
    """After this long without an answer the step ends with this outcome."""

    duration: WorkDuration
    outcome: str


@dataclass(frozen=True)
class Node:
    """Anything that can follow."""

    key: str
    names: Mapping[str, str]

    @property
    def name(self) -> str:
        """In the reader's language, else in Vietnamese; empty where it has none."""
        return self.names.get(get_language() or "vi") or self.names.get("vi", "")

    def ways(self) -> Iterator[tuple[str, Targets]]:
        """What follows, with the outcome that leads there (empty: none is needed)."""
        raise AssertionError("a node is a step, a join or a choice")


@dataclass(frozen=True)
class Step(Node):
    """Something that somebody does, or a wait for the applicant."""

    kind: str
    role: str
    agency: str  # RECEIVING, COMPETENT, ABOVE (also `above.province`: nearest of that kind), ANSWER…, or a code
    duration: WorkDuration | None
    waits_for_applicant: bool
    outcomes: Mapping[str, Targets]
    timeout: Timeout | None = None

    def ways(self) -> Iterator[tuple[str, Targets]]:
        yield from self.outcomes.items()


@dataclass(frozen=True)
class Aside(Step):
    """A step beside what is drawn."""

    label: Any = ""

    @property
    def name(self) -> str:
        return str(self.label)


ASIDES: dict[str, Aside] = {}


@dataclass(frozen=True)
class Join(Node):
    """Where parallel branches meet again: goes on when `needed` have come, or all of them (None)."""

    needed: int | None
    next: Targets

    def ways(self) -> Iterator[tuple[str, Targets]]:
        yield "", self.next


@dataclass(frozen=True)
class Choice(Node):
    """The first way whose condition holds, by answers of the form and outcomes of earlier steps."""

    cases: tuple[tuple[Condition, Targets], ...]
    otherwise: Targets

    def ways(self) -> Iterator[tuple[str, Targets]]:
        for _condition, targets in self.cases:
            yield "", targets
        yield "", self.otherwise

    def looks_at(self) -> set[str]:
        """Answers and outcomes that decide."""
        return {path for condition, _targets in self.cases for path in fields(condition)}


@dataclass(frozen=True)
class Graph:
    """Nodes by key, and the one that comes first."""

    start: str
    nodes: Mapping[str, Node]

    def step(self, key: str) -> Step:
        node = self.nodes[key]
        assert isinstance(node, Step)
        return node

    @property
    def steps(self) -> list[Step]:
        return [node for node in self.nodes.values() if isinstance(node, Step)]

    @cached_property
    def meets(self) -> Mapping[frozenset[str], str]:
        """The join at which parallel branches, given by the nodes they begin with, meet again."""
        from .branches import Walk

        return {fork: join for fork, join in Walk(self).joins.items() if join}


def read(body: Mapping[str, Any]) -> Graph:
    """The graph a definition says; `Refused` names every part that cannot be read."""
    readers = (("steps", _step), ("joins", _join), ("choices", _choice))
    nodes: dict[str, Node] = {}
    faults = []
    for part, reader in readers:
        rows = body.get(part)
        for key, raw in rows.items() if isinstance(rows, Mapping) else ():
            try:
                if key in nodes or not 0 < len(key) <= 40 or key.startswith(ASIDE):
                    raise ValueError(key)
                nodes[key] = reader(key, raw)
            except (AttributeError, KeyError, TypeError, ValueError):
                faults.append(_("Step %(step)s cannot be read.") % {"step": key})
    if faults:
        raise invalid(faults)
    start = body.get("start", "")
    return Graph(start if isinstance(start, str) else "", nodes)


def invalid(faults: list[str]) -> Refused:
    """A definition with faults, named together."""
    return Refused("process_invalid", "; ".join(faults), field="process", status=422)


def _targets(value: Any) -> Targets:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _names(raw: Mapping[str, Any], otherwise: str = "") -> dict[str, str]:
    names = raw.get("name") or otherwise
    names = {"vi": names} if isinstance(names, str) else dict(names)
    return {"vi": names.pop("vi"), **names} if names != {"vi": ""} else {}


def _duration(raw: Mapping[str, Any]) -> WorkDuration:
    return WorkDuration(raw["amount"], raw["unit"])


def _step(key: str, raw: Mapping[str, Any]) -> Step:
    timeout = raw.get("timeout")
    return Step(
        key=key,
        kind=raw.get("kind", ""),
        names=_names(raw, key),
        role=raw.get("role", ""),
        agency=raw.get("agency", COMPETENT),
        duration=_duration(raw["duration"]) if raw.get("duration") else None,
        waits_for_applicant=raw.get("waits_for") == "applicant",
        outcomes={outcome: _targets(following) for outcome, following in raw.get("outcomes", {}).items()},
        timeout=Timeout(_duration(timeout), timeout["outcome"]) if timeout else None,
    )


def _join(key: str, raw: Mapping[str, Any]) -> Join:
    needed = raw.get("waits_for", "all")
    if needed != "all" and (isinstance(needed, bool) or not isinstance(needed, int)):
        raise ValueError(needed)
    return Join(key, _names(raw), None if needed == "all" else needed, _targets(raw["next"]))


def _choice(key: str, raw: Mapping[str, Any]) -> Choice:
    cases = tuple((way["when"], _targets(way["next"])) for way in raw["ways"])
    return Choice(key, _names(raw), cases, _targets(raw["otherwise"]))


def body_of(graph: Graph) -> dict[str, Any]:
    """The data that `read` reads the graph from, in one form."""
    body: dict[str, Any] = {"start": graph.start, "steps": {}}
    for node in graph.nodes.values():
        raw: dict[str, Any] = {"name": dict(node.names)} if node.names else {}
        if isinstance(node, Step):
            body["steps"][node.key] = raw | _step_body(node)
        elif isinstance(node, Join):
            raw |= {"waits_for": node.needed or "all", "next": _written(node.next)}
            body.setdefault("joins", {})[node.key] = raw
        elif isinstance(node, Choice):
            ways = [{"when": dict(condition), "next": _written(targets)} for condition, targets in node.cases]
            body.setdefault("choices", {})[node.key] = raw | {"ways": ways, "otherwise": _written(node.otherwise)}
    return body


def _written(targets: Targets) -> Any:
    return None if not targets else targets[0] if len(targets) == 1 else list(targets)


def _limit(duration: WorkDuration) -> dict[str, Any]:
    return {"amount": duration.amount, "unit": str(duration.unit)}


def _step_body(step: Step) -> dict[str, Any]:
    raw: dict[str, Any] = {"kind": step.kind}
    if step.waits_for_applicant:
        raw["waits_for"] = "applicant"
    raw |= {"role": step.role} if step.role else {}
    raw["agency"] = step.agency
    raw["outcomes"] = {outcome: _written(targets) for outcome, targets in step.outcomes.items()}
    if step.duration:
        raw["duration"] = _limit(step.duration)
    if step.timeout:
        raw["timeout"] = {**_limit(step.timeout.duration), "outcome": step.timeout.outcome}
    return raw


@cache
def graph_of(digest: str) -> Graph:
    """The graph of a stored definition. Definitions never change, so each process reads one once.

    It is not checked again: what was published stays workable when a later check is stricter.
    """
    from .models import Definition

    return read(Definition.objects.get(pk=digest).body)
