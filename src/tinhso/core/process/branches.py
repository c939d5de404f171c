"""Parallel branches: which node lies in which branch of which fork, and where the branches meet.

Every node must be reached through the same branches on every way, and a join takes its branches
back into what was before the fork: then a join knows whom it waits for, however often a fork is
passed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from .graph import Graph

Fork = frozenset[str]  # the nodes its branches begin with
Place = tuple[tuple[Fork, str], ...]  # branches around a node, outermost first: fork, and first node of the branch


@dataclass(frozen=True)
class Fault:
    """Something wrong at a node (empty: with the whole)."""

    at: str
    message: str


class Walk:
    """One walk over a graph: `places` of nodes, `joins` of forks (None: never meets), and `faults`."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.places: dict[str, Place] = {}
        self.joins: dict[Fork, str | None] = {}
        self.faults: list[Fault] = []
        self._arrived: Mapping[Fork, set[str]] = defaultdict(set)
        self._from: dict[Fork, str] = {}
        self._todo: list[str] = []
        self._enter(graph.start, ())
        while self._todo:
            key = self._todo.pop()
            for _outcome, targets in graph.nodes[key].ways():
                self._follow(key, targets)
        self._forks()

    def _follow(self, key: str, targets: tuple[str, ...]) -> None:
        place = self.places[key]
        if len(targets) < 2:
            for target in targets:
                self._enter(target, place)
            return
        fork = frozenset(targets)
        if len(fork) < len(targets):
            self._fault(key, _("Step %(step)s opens the same step twice.") % {"step": key})
        self.joins.setdefault(fork, None)
        self._from.setdefault(fork, key)
        for target in targets:
            self._enter(target, (*place, (fork, target)))

    def _enter(self, key: str, place: Place) -> None:
        from .graph import Join

        node = self.graph.nodes.get(key)
        if node is None:
            return  # `check` has named it
        if isinstance(node, Join):
            if not place:
                self._fault(key, _("The join %(step)s is reached without parallel branches before it.") % {"step": key})
                return
            *outer, (fork, branch) = place
            if self.joins[fork] not in (None, key) or key in {j for f, j in self.joins.items() if f != fork}:
                self._fault(key, _("The join %(step)s takes branches of different forks.") % {"step": key})
                return
            self.joins[fork] = key
            self._arrived[fork].add(branch)
            place = tuple(outer)
        known = self.places.get(key)
        if known is None:
            self.places[key] = place
            self._todo.append(key)
        elif known != place:
            self._fault(key, self._conflict(key, known, place))

    def _conflict(self, key: str, one: Place, other: Place) -> str:
        for (fork, first), (same, second) in zip(one, other, strict=False):
            if fork == same and first != second:
                words = {"one": min(first, second), "other": max(first, second), "next": key}
                return _("The branches %(one)s and %(other)s meet in %(next)s, which is no join.") % words
        return _("Step %(step)s is reached both from within parallel branches and from outside them.") % {"step": key}

    def _fault(self, key: str, message: str) -> None:
        if all(fault.at != key for fault in self.faults):
            self.faults.append(Fault(key, message))

    def _forks(self) -> None:
        from .graph import Join

        for fork, key in self.joins.items():
            words = {"branches": ", ".join(sorted(fork)), "step": key or self._from[fork]}
            if key is None:
                message = _("Step %(step)s: the parallel branches %(branches)s never meet in a join.")
                self._fault(self._from[fork], message % words)
                continue
            join = self.graph.nodes[key]
            assert isinstance(join, Join)
            if not 1 <= (join.needed or len(fork)) <= len(self._arrived[fork]):
                words["reached"] = str(len(self._arrived[fork]))
                message = _("The join %(step)s waits for more branches than reach it (%(reached)s).")
                self._fault(key, message % words)
