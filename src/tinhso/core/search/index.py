"""What can be found: systems declare kinds, and keep the documents of their subjects up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from .models import SearchDocument
from .text import fold

_CHANGING = ["agencies", "owners", "public", "title", "note", "folded", "updated_at"]


@dataclass(frozen=True)
class Kind:
    """A kind of thing that can be found. `url` gives the page of a subject."""

    name: str
    label: Any  # lazily translated, in the plural: "Dossiers"
    url: Callable[[UUID], str]


KINDS: dict[str, Kind] = {}


def searchable(name: str, *, label: Any, url: Callable[[UUID], str]) -> Kind:
    """Declare a kind; `name` is stored, so it stays for ever. Raises ValueError if it is taken."""
    if name in KINDS:
        raise ValueError(f"searchable kind {name} is declared twice")
    KINDS[name] = kind = Kind(name, label, url)
    return kind


@dataclass(frozen=True)
class Document:
    """What is to be found of one subject: by which words, and by whom."""

    kind: Kind
    subject_id: UUID
    title: str
    at: datetime  # by which results are ordered, newest first
    words: str = ""  # further text to be found by, e.g. code and names
    note: str = ""
    agencies: Sequence[UUID] = ()
    owners: Sequence[UUID] = ()  # accounts
    public: bool = False


def index(documents: Iterable[Document]) -> None:
    """Put subjects into the index or renew them, in one statement.

    Belongs into the action or the consumer that changed them.
    """
    rows = [
        SearchDocument(
            kind=one.kind.name,
            subject_id=one.subject_id,
            agencies=list(dict.fromkeys(one.agencies)),
            owners=list(dict.fromkeys(one.owners)),
            public=one.public,
            title=one.title[:300],
            note=one.note[:300],
            folded=fold(f"{one.title} {one.words}"),
            updated_at=one.at,
        )
        for one in documents
    ]
    SearchDocument.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["kind", "subject_id"], update_fields=_CHANGING
    )


def remove(kind: Kind, subject_ids: Iterable[UUID]) -> None:
    """Take subjects out of the index, e.g. when a person's data are erased."""
    SearchDocument.objects.filter(kind=kind.name, subject_id__in=list(subject_ids)).delete()
