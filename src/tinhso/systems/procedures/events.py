from __future__ import annotations

from dataclasses import dataclass

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class ProcedurePublished(Event, name="procedures.published", version=1):
    """A version of a procedure came into force."""

    code: str
    number: int
    digest: str


@dataclass(frozen=True)
class ProcedureWithdrawn(Event, name="procedures.withdrawn", version=1):
    """A version of a procedure is no longer offered; dossiers received under it stay with it."""

    code: str
    number: int
