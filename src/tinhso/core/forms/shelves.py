"""Papers that the house keeps already, offered at the file questions of a form and taken with one click.

A package answers in its room `shelves.py`::

    shelf(Shelf("vault", offers=offered, take=take))

Taking is an action of that package: it asks again whether the paper may be used there, records, and gives the draft a
link to the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from ..files.models import FileLink
from ..ledger.actions import Actor
from .kinds import File
from .layout import Question
from .models import Draft


@dataclass(frozen=True)
class Offer:
    """One paper, in words: what it is; number, agency, day and how far it is verified. `fits`: by its name."""

    shelf: str
    id: UUID
    name: str
    note: str
    fits: bool

    @property
    def value(self) -> str:
        """Which paper, as a button says it after the path of its question."""
        return f"{self.shelf}:{self.id}"


@dataclass(frozen=True)
class Offered:
    """The papers for one question, those that fit first, and what whoever takes one agrees to."""

    consent: str
    papers: Sequence[Offer]

    @property
    def fitting(self) -> list[Offer]:
        return [paper for paper in self.papers if paper.fits]

    @property
    def others(self) -> list[Offer]:
        return [paper for paper in self.papers if not paper.fits]


class Taking(Protocol):
    def __call__(self, draft: Draft, question: Question, paper: UUID, *, by: Actor, at: datetime) -> FileLink:
        """Attach a paper to the draft. Raises Refused where it may not be used there (any more)."""
        ...


@dataclass(frozen=True)
class Shelf:
    """A place papers come from: `label` says so to people, beside the question."""

    name: str
    label: Any
    offers: Callable[[Draft, Sequence[Question], datetime], Mapping[str, Offered]]
    take: Taking


_SHELVES: dict[str, Shelf] = {}


def shelf(one: Shelf) -> Shelf:
    """Declare one; a second of the same name is a mistake."""
    if _SHELVES.setdefault(one.name, one) is not one:
        raise ValueError(f"shelf {one.name} is declared twice")
    return one


def shelf_of(name: str) -> Shelf | None:
    return _SHELVES.get(name)


def offers(draft: Draft, questions: Sequence[Question], *, at: datetime) -> dict[str, list[Offered]]:
    """What every shelf offers for the file questions among these, by path."""
    asked = [question for question in questions if isinstance(question.kind, File)]
    found: dict[str, list[Offered]] = {}
    for one in _SHELVES.values() if asked else ():
        for path, offered in one.offers(draft, asked, at).items():
            if offered.papers:
                found.setdefault(path, []).append(offered)
    return found
