"""Who read which file, for the access log; and which uploads were not clean."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ..ledger.events import Event


@dataclass(frozen=True)
class FileRead(Event, name="files.read", version=1):
    """A file that says something about a person was opened; its subject is the owner of the file."""

    file: UUID


@dataclass(frozen=True)
class FileInfected(Event, name="files.infected", version=1):
    """An upload carried malicious software and was refused; nothing of it is kept, so its subject is the try."""

    signature: str
    size: int


@dataclass(frozen=True)
class FileUnscanned(Event, name="files.unscanned", version=1):
    """An upload was taken though the scanner did not look at it, as the province chose."""

    size: int
