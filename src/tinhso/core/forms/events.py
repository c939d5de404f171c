from __future__ import annotations

from dataclasses import dataclass

from ..ledger.events import Event


@dataclass(frozen=True)
class FormPublished(Event, name="forms.published", version=1):
    """A new version of a form may be used."""

    key: str
    number: int
    digest: str
