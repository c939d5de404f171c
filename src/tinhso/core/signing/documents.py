"""Documents that people sign. A system says which in a room `signing.py`::

    @documents_of("dossiers.result")
    class Results: ...

and gets every way to sign, the page for signing many, time-stamps and their renewal. Documents that bear a seal
alone (`@kept_as`) get the time-stamps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from ..agencies.models import Staff
from ..files.models import FileLink
from ..ledger.actions import Actor, Refused
from ..letters.fields import LEADER


@dataclass(frozen=True)
class Document:
    """A document that waits for somebody's signature. `name` is its code, told to the agent; `title` is for eyes."""

    kind: str
    id: UUID
    file: FileLink
    name: str
    title: str
    url: str
    due_at: datetime | None = None
    field: str = LEADER  # the place in it where the person signs

    @property
    def key(self) -> str:
        """What forms call it: kind, id and the very file that is read."""
        return f"{self.kind}:{self.id}:{self.file.pk}"


class Kept(Protocol):
    """What a system does so that its sealed documents stay provable."""

    def current(self, document: UUID) -> FileLink | None:
        """The newest version of a signed document; None when it was erased."""
        ...

    def replace(self, document: UUID, *, old: FileLink, new: FileLink, by: Actor, at: datetime) -> bool:
        """Put a version with more time-stamps in the place of `old`; False when `old` is not the newest any more."""
        ...


class Documents(Kept, Protocol):
    """What a system does for documents that people sign."""

    def waiting(self, staff: Staff) -> Iterable[Document]:
        """Those that wait for this person's signature, what is due first on top; at most 200."""
        ...

    def find(self, document: UUID, staff: Staff) -> Document:
        """One that waits for this person. Raises `Refused`, such as `already_done`."""
        ...

    def keep(
        self, document: Document, *, file: FileLink, certificate: str, pdf: bytes, staff: Staff, by: Actor, at: datetime
    ) -> None:
        """Keep the signed file, within the transaction of the signature. Raises `Refused`: then nothing is kept."""
        ...


_KINDS: dict[str, Documents] = {}
_KEPT: dict[str, Kept] = {}
T = TypeVar("T", bound=type[Documents])
K = TypeVar("K", bound=type[Kept])


def documents_of(kind: str) -> Callable[[T], T]:
    """Register what a system does for its documents of a kind, such as `dossiers.result`."""

    def register(cls: T) -> T:
        kept_as(kind)(cls)
        _KINDS[kind] = cls()
        return cls

    return register


def kept_as(kind: str) -> Callable[[K], K]:
    """Register documents that bear a seal and nobody's own signature, such as `dossiers.letter`."""

    def register(cls: K) -> K:
        if kind in _KEPT:
            raise ValueError(f"documents {kind} are declared twice")
        _KEPT[kind] = cls()
        return cls

    return register


def of(kind: str) -> Documents:
    """What is registered for a kind. Raises `Refused("unknown_document")`."""
    if kind not in _KINDS:
        raise Refused("unknown_document", _("There is no such document to sign."), status=404)
    return _KINDS[kind]


def kept(kind: str) -> Kept:
    """What is registered to keep documents of a kind provable. Raises `KeyError`."""
    return _KEPT[kind]


def waiting(staff: Staff) -> list[Document]:
    """All documents that wait for this person's signature."""
    found = [document for kind in _KINDS.values() for document in kind.waiting(staff)]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at, one.name))


def find(key: str, staff: Staff) -> Document:
    """The document of a form's `Document.key`. Raises `Refused` when it changed since it was read."""
    kind, _colon, rest = key.partition(":")
    ident, _colon, version = rest.partition(":")
    try:
        document = of(kind).find(UUID(ident), staff)
    except ValueError:
        raise Refused("unknown_document", _("There is no such document to sign."), status=404) from None
    if str(document.file.pk) != version:
        raise Refused("draft_changed", _("The draft has changed since you opened it. Read it again, then sign."))
    return document
