"""What a system tells the simulation: how an arrival lives there, what must hold, how its cases are multiplied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.module_loading import autodiscover_modules

from .world import Arrival, World

# Which book the number named by a field of an event was taken from; `{}` is filled from the event's own data.
Books = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Room:
    """One system's part.

    `prepare` makes ready once, outside any transaction. `play` lives one arrival through the system's
    actions in the caller's transaction and returns the id of the subject. `check` names what is wrong
    at a moment, from the rows. `subject` is the model of the case, `books` its numbers in the ledger,
    `printed(subject, kind)` how a number of a book of that kind is printed for it (`{}/UBND`; empty: nowhere),
    `digest` the event and its field that hold a salted digest, and the column it is of.

    For the mode `live`: `application` is what the API `/api/v1/NAME` takes, `desk` the page of the queue. Of the
    verbs in addresses, `unusual` ones come as often as the profile says of an outcome, those of `first` before
    others, those `aside` never.
    """

    name: str
    subject: type[Model]
    prepare: Callable[[World], None]
    play: Callable[[World, Arrival], UUID]
    check: Callable[[datetime], Iterator[str]]
    books: Books
    printed: Callable[[Any, str], str]
    digest: tuple[str, str, str]
    application: Callable[[World, Arrival], dict[str, Any]]
    desk: str
    unusual: Mapping[str, str]
    first: frozenset[str]
    aside: frozenset[str]


ROOMS: dict[str, Room] = {}
LEFT: set[str] = set()  # models whose rows are not printed with the case that they belong to


def simulated(room: Room) -> Room:
    """Register a room; called in a system's `simulation.py`."""
    return ROOMS.setdefault(room.name, room)


def left_out(*models: str) -> None:
    """Say that rows of these models (`system.model`) are not printed; called in a system's `simulation.py`."""
    LEFT.update(models)


def rooms() -> list[Room]:
    """All rooms of the systems installed."""
    autodiscover_modules("simulation")
    return [ROOMS[name] for name in sorted(ROOMS)]
