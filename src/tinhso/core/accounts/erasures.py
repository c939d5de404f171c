"""Erasures remembered outside the database, so that a restored database forgets again whom it had forgotten.

`DATA_DIR/erasures.jsonl` holds one line an erasure: the entry, the person's id, when. Nothing else of the person.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from ..ledger.actions import Actor, Refused
from ..ledger.consumers import Placed
from .actions import erase_person
from .models import Person


def erasures_file() -> Path:
    """The list; `tinhso backup` carries it away too."""
    return Path(settings.TINHSO.data_dir) / "erasures.jsonl"


def remember(batch: Sequence[Placed]) -> None:
    """Add erasures that the list does not hold yet; on disk when this returns."""
    known = {entry for entry, _person in _remembered()}
    new = [placed for placed in batch if str(placed.id) not in known]
    with erasures_file().open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for placed in new:
            line = {"entry": str(placed.id), "person": str(placed.subject_id), "at": placed.at.isoformat()}
            file.write(json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def returned() -> list[UUID]:
    """Erased persons who are in the database again; asks for nothing but their ids, whatever version made it."""
    people = [person for _entry, person in _remembered()]
    return list(Person.objects.filter(pk__in=people).values_list("pk", flat=True))


def repeat(*, by: Actor, at: datetime) -> list[tuple[UUID, Refused]]:
    """Erase again every remembered person who is there; returns whom a package refused to let go."""
    refused = []
    for person in Person.objects.filter(pk__in=returned()):
        try:
            erase_person(person, by=by, at=at)
        except Refused as why:
            refused.append((person.pk, why))
    return refused


def _remembered() -> Iterator[tuple[str, UUID]]:
    if not erasures_file().exists():
        return
    with erasures_file().open(encoding="utf-8") as lines:
        for line in lines:
            try:
                said = json.loads(line)
                yield said["entry"], UUID(said["person"])
            except (ValueError, KeyError, TypeError):
                continue  # a crash left it unfinished; the consumer wrote it again below
