"""A person's decisions about failed jobs."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger.events import Event


@dataclass(frozen=True)
class JobReplayed(Event, name="jobs.replayed", version=1):
    """A failed job was put back into its queue by a person."""

    job: int
    task: str
    error: str


@dataclass(frozen=True)
class JobSkipped(Event, name="jobs.skipped", version=1):
    """A failed job was left undone by a person."""

    job: int
    task: str
    error: str
