"""Reads of the record: the timeline of one subject, and how far behind the parts are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from .actions import subject_of
from .models import AccessEntry, Cursor, Entry, Position, Remark


@dataclass(frozen=True)
class Happening:
    """One line of a timeline."""

    id: UUID
    event: str
    at: datetime
    actor: str
    agency_id: UUID | None
    data: dict[str, Any]
    words: str


def timeline(subject: models.Model | tuple[str, UUID]) -> list[Happening]:
    """What happened to one subject, oldest first, with its words where they still exist."""
    _, subject_id = subject_of(subject)
    words = dict(Remark.objects.filter(subject_id=subject_id).values_list("entry_id", "words"))
    return [
        Happening(e.id, e.event, e.at, e.actor, e.agency_id, e.data, words.get(e.id, ""))
        for e in Entry.objects.filter(subject_id=subject_id).order_by("serial")
    ]


def accesses(subject: models.Model | tuple[str, UUID], limit: int = 200) -> list[AccessEntry]:
    """Who looked at this subject, newest first."""
    _, subject_id = subject_of(subject)
    return list(AccessEntry.objects.filter(subject_id=subject_id).order_by("-serial")[:limit])


def backlog() -> dict[str, int]:
    """How many placed entries each consumer has still to read."""
    last = Position.objects.aggregate(last=models.Max("position"))["last"] or 0
    return {c.consumer: last - c.position for c in Cursor.objects.all()}
