"""Typed, versioned events and their canonical bytes.

A system declares in its `events.py`::

    @dataclass(frozen=True)
    class DossierSubmitted(Event, name="dossiers.submitted", version=1):
        procedure: str
        channel: int

Fields are ids, codes, numbers, dates and states. A string must look like a code, so that
personal data cannot enter the ledger by accident: at most 120 characters; no space, quote
or @; letters without tone marks (notations such as `15/QĐ-UBND` have none, Vietnamese
names and words do); no run of 9 to 13 digits, also when grouped as telephone numbers are,
because it could be a person's number. UUIDs and hexadecimal digests are codes.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, dataclass_transform
from uuid import UUID
from zoneinfo import ZoneInfo

_CODE = re.compile(r"[A-Za-zĐđĂăÂâÊêÔôƠơƯư0-9._/:,;+#&=()*%|~-]{0,120}\Z")
_DIGEST = re.compile(r"(?=[0-9]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\Z")
# also an actor's, `account:…`, and a document's, `dossiers.result:…`
_UUID = re.compile(r"(?:[a-z_]+(?:\.[a-z_]+)*:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_NUMBER = re.compile(r"(?<!\d)\d{9,13}(?!\d)|\A(?:\+?84|0)(?:[.,/()-]{0,2}\d){8,12}\Z")
UTC = ZoneInfo("UTC")

REGISTRY: dict[tuple[str, int], type[Event]] = {}
UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


@dataclass_transform(frozen_default=True)
@dataclass(frozen=True)
class Event:
    """Something that happened. Subclasses are frozen dataclasses with a name and a version."""

    name: ClassVar[str]
    version: ClassVar[int]

    def __init_subclass__(cls, *, name: str, version: int = 1, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if (name, version) in REGISTRY and REGISTRY[name, version].__qualname__ != cls.__qualname__:
            raise TypeError(f"event {name} version {version} is declared twice")
        cls.name, cls.version = name, version
        REGISTRY[name, version] = cls

    def data(self) -> dict[str, Any]:
        """The fields, checked to hold no personal data."""
        out = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        for key, value in out.items():
            _check(self.name, key, value)
        return out


def is_code(value: str) -> bool:
    """Whether a string may stand in the ledger (see the head of this file)."""
    if not _CODE.match(value):
        return False
    return not _NUMBER.search(value) or bool(_UUID.match(value) or _DIGEST.match(value))


def _check(event: str, key: str, value: Any) -> None:
    if isinstance(value, str):
        if not is_code(value):
            raise ValueError(f"{event}.{key} is not a code; words and personal data stay out of the ledger")
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(event, key, item)
    elif not (value is None or isinstance(value, (bool, int, date, UUID))):
        raise TypeError(f"{event}.{key}: {type(value).__name__} has no place in the ledger")


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Mapping[str, Any]) -> str:
    """Canonical JSON: sorted keys, no spaces, UTF-8, times in UTC with microseconds."""
    return json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def upcaster(name: str, version: int) -> Callable[[Callable[[dict[str, Any]], dict[str, Any]]], Any]:
    """Declare how data of `version` becomes data of `version + 1`."""

    def register(function: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
        UPCASTERS[name, version] = function
        return function

    return register


def read(name: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    """Data of a stored entry as the newest version of its event has it."""
    while (step := UPCASTERS.get((name, version))) is not None:
        data, version = step(data), version + 1
    return data


@dataclass(frozen=True)
class LedgerRestored(Event, name="ledger.restored"):
    """The database was set back to an earlier moment: seals after `after` up to `until` of `log` are lost.

    The declared gap that verification against kept roots accepts.
    """

    log: str
    to: datetime  # the last moment that is kept
    after: int
    until: int  # the newest seal known from roots kept elsewhere; the same as `after` where none is lost


@dataclass(frozen=True)
class AccessLogPruned(Event, name="ledger.access_pruned"):
    """Seals of the access log up to `seal`, with their entries, are deleted: their time is over.

    The floor from which verification follows its chain.
    """

    seal: int
    last: int  # the last position deleted
    body: str  # SHA-256 of the body of that seal, which the next one names as its previous
    months: int  # for how long the province keeps the log


@dataclass(frozen=True)
class WitnessAdded(Event, name="ledger.witness_added"):
    """Somebody outside is asked from now on to attest the newest seals."""

    kind: str


@dataclass(frozen=True)
class WitnessEnded(Event, name="ledger.witness_ended"):
    """They are not asked any more; what they attested stays."""


@dataclass(frozen=True)
class NeighbourAdded(Event, name="ledger.neighbour_added"):
    """We attest the seals of another install, known by the public key of its ledger."""

    key: str
