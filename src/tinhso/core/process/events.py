"""What the record says about processes that are published, and about who does a task."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class ProcessPublished(Event, name="process.published", version=1):
    """A drawn process may be chosen for procedures; `definition` is the digest of its graph."""

    definition: str


@dataclass(frozen=True)
class TaskAssigned(Event, name="process.assigned", version=1):
    """Someone gave the task to an account, or took it themselves (`claimed`)."""

    task: UUID
    step: str
    assignee: UUID
    claimed: bool


@dataclass(frozen=True)
class TaskHandedOver(Event, name="process.handed_over", version=1):
    """The one who had the task gave it to another."""

    task: UUID
    step: str
    before: UUID
    assignee: UUID


@dataclass(frozen=True)
class TaskInherited(Event, name="process.inherited", version=1):
    """The task's agency was merged; its successor does the task, `freed` from who had it and stayed behind."""

    task: UUID
    step: str
    predecessor: UUID
    freed: bool
