"""Reads of the record: the timeline of one subject, and how far behind the parts are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from .actions import subject_of
from .consumers import last_position
from .events import read
from .models import AccessEntry, Cursor
from .rows import prepared

_TIMELINE = """
SELECT e.id, e.event, e.version, e.at, e.actor, e.agency_id, e.payload, r.words
FROM ledger_entry e
LEFT JOIN ledger_position p ON p.entry_id = e.id
LEFT JOIN ledger_remark r ON r.entry_id = e.id AND r.subject_id = e.subject_id
WHERE e.subject_id = %s ORDER BY p.position NULLS LAST, e.serial
"""


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
    with prepared() as cursor:
        cursor.execute(_TIMELINE, [subject_id])
        return [
            Happening(entry, event, at, actor, agency, read(event, version, json.loads(payload)["data"]), words or "")
            for entry, event, version, at, actor, agency, payload, words in cursor.fetchall()
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
