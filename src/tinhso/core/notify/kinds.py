"""Kinds of message: their words in every language, and where they lead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .models import Notice

Param = str | int | datetime


@dataclass(frozen=True)
class Kind:
    """A kind of message. `title` and `body` are lazy translations with `%(name)s` for params.

    `required` is the law that asks for it, in words; such a message cannot be turned off or put off
    to the summary of the day.
    """

    name: str
    title: Any
    body: Any
    link: Callable[[Notice], str]
    channels: tuple[str, ...]
    required: Any

    @property
    def label(self) -> str:
        """The title with nothing filled in: `Dossier … has been accepted`."""
        return _HOLE.sub("…", str(self.title))


_HOLE = re.compile(r"%\(\w+\)[a-z]")
_KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    title: Any,
    body: Any,
    link: Callable[[Notice], str],
    channels: tuple[str, ...] = ("email", "push"),
    required: Any = "",
) -> Kind:
    """Declare a kind of message; `channels=()` keeps it in the app. Administrators may choose other channels."""
    if name in _KINDS:
        raise ValueError(f"kind of message {name} is declared twice")
    _KINDS[name] = Kind(name, title, body, link, channels, required)
    return _KINDS[name]


def declared() -> list[Kind]:
    """All kinds, by name."""
    return [_KINDS[name] for name in sorted(_KINDS)]


def get(name: str) -> Kind:
    """The declared kind. Raises KeyError for one that nobody declared."""
    return _KINDS[name]


def stored(params: Mapping[str, Param]) -> dict[str, Any]:
    """Params as a notice keeps them. Raises ValueError for words: those could name people."""
    out: dict[str, Any] = {}
    for key, value in params.items():
        if isinstance(value, datetime):
            out[key] = {"at": value.isoformat()}
        elif isinstance(value, str) and any(c.isspace() for c in value):
            raise ValueError(f"{key}: a notice keeps codes, not words")
        else:
            out[key] = value
    return out


@dataclass(frozen=True)
class Words:
    """A notice in the language of the moment."""

    title: str
    body: str
    url: str
    note: str = ""  # why it comes and how to stop it; for mail


def words(notice: Notice) -> Words:
    """What a notice says, in the active language."""
    kind = get(notice.kind)
    values = shown(notice)
    return Words(str(kind.title) % values, str(kind.body) % values, kind.link(notice))


def shown(notice: Notice) -> dict[str, Any]:
    """A notice's params as people read them."""
    return {key: _shown(value) for key, value in notice.params.items()}


def _shown(value: Any) -> Any:
    """Times as people here write them: 16:00 26/11/2026."""
    if isinstance(value, dict):
        at = parse_datetime(value["at"])
        return timezone.localtime(at).strftime("%H:%M %d/%m/%Y") if at else ""
    return value
