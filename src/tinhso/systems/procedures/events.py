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


@dataclass(frozen=True)
class CatalogueImported(Event, name="procedures.imported", version=1):
    """The national database was read and something changed."""

    file: str  # SHA-256
    rows: int
    published: int
    bad: int


@dataclass(frozen=True)
class QuestionAnswered(Event, name="procedures.answered", version=1):
    """An official said what the national database left open."""

    code: str
    why: str
    where: str
    amount: int
    unit: str


@dataclass(frozen=True)
class DoubtSeen(Event, name="procedures.seen", version=1):
    """An official looked at what was read without certainty, and leaves it as it was read."""

    code: str
    why: str
    where: str


@dataclass(frozen=True)
class RevisionMoved(Event, name="procedures.revision", version=1):
    """A change of the catalogue went on: draft, review, published or discarded."""

    code: str
    state: str
    digest: str
