"""For the access log: who read which file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ..ledger.events import Event


@dataclass(frozen=True)
class FileRead(Event, name="files.read", version=1):
    """A file that says something about a person was opened; its subject is the owner of the file."""

    file: UUID
