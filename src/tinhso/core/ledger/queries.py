"""Reads of the record: the timeline of one subject, and how far behind the parts are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, OuterRef, Subquery

from .actions import subject_of
from .consumers import last_position
from .models import AccessEntry, Cursor, Entry, Remark


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
    """What happened to one subject, with its words where they still exist.

    In the order of the seals, then what has no position yet, so one always reads one's own writes.
    """
    _, subject_id = subject_of(subject)
    words = Remark.objects.filter(entry_id=OuterRef("pk"), subject_id=subject_id).values("words")
    entries = Entry.objects.filter(subject_id=subject_id).annotate(said=Subquery(words))
    return [
        Happening(e.id, e.event, e.at, e.actor, e.agency_id, e.data, e.said or "")
        for e in entries.order_by(F("position__position").asc(nulls_last=True), "serial")
    ]


def accesses(*subjects: models.Model | tuple[str, UUID], limit: int = 200) -> list[AccessEntry]:
    """Who looked at these subjects, newest first."""
    ids = [subject_of(subject)[1] for subject in subjects]
    return list(AccessEntry.objects.filter(subject_id__in=ids).order_by("-serial")[:limit])


def backlog() -> dict[str, int]:
    """How many placed entries each consumer that ever ran has still to read."""
    last = last_position()
    return {c.consumer: last - c.position for c in Cursor.objects.all()}


def standing_still() -> dict[str, str]:
    """Consumers that fail, and why."""
    return dict(Cursor.objects.exclude(error="").values_list("consumer", "error"))
