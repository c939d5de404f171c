"""Who may read a file: its owner's package says. Where nobody says, nobody may.

A package declares in its `files.py` (found like its other rooms)::

    @readers_of("dossiers.dossier")
    def may_read_dossier_file(request: HttpRequest, dossier_id: UUID) -> bool: ...
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest

from .models import FileLink

Authoriser = Callable[[HttpRequest, UUID], bool]
_AUTHORISERS: dict[str, Authoriser] = {}


def readers_of(owner_kind: str) -> Callable[[Authoriser], Authoriser]:
    """Declare who may read the files of one kind of owner."""

    def register(function: Authoriser) -> Authoriser:
        if owner_kind in _AUTHORISERS and _AUTHORISERS[owner_kind].__qualname__ != function.__qualname__:
            raise ValueError(f"readers of {owner_kind} are declared twice")
        _AUTHORISERS[owner_kind] = function
        return function

    return register


def may_read(link: FileLink, request: HttpRequest) -> bool:
    """Whether the person of `request` may read the file. A loose upload is its uploader's
    alone; visitors who are not signed in are one actor, so they have none."""
    actor = getattr(request, "actor", None)
    if link.owner is None:
        return actor is not None and actor.kind != "system" and str(actor) == link.created_by
    kind, owner_id = link.owner
    authoriser = _AUTHORISERS.get(kind)
    return authoriser is not None and authoriser(request, owner_id)
