"""Kinds of message: their words in every language, and where they lead."""

from __future__ import annotations

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
    """A kind of message. `title` and `body` are lazy translations with `%(name)s` for params."""

    name: str
    title: Any
    body: Any
    link: Callable[[Notice], str]
    channels: tuple[str, ...]


_KINDS: dict[str, Kind] = {}


def kind(
    name: str, *, title: Any, body: Any, link: Callable[[Notice], str], channels: tuple[str, ...] = ("email",)
) -> Kind:
    """Declare a kind of message; `channels=()` keeps it in the app."""
    if name in _KINDS:
        raise ValueError(f"kind of message {name} is declared twice")
    _KINDS[name] = Kind(name, title, body, link, channels)
    return _KINDS[name]


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


def words(notice: Notice) -> Words:
    """What a notice says, in the active language."""
    declared = get(notice.kind)
    shown = {key: _shown(value) for key, value in notice.params.items()}
    return Words(str(declared.title) % shown, str(declared.body) % shown, declared.link(notice))


def _shown(value: Any) -> Any:
    """Times as people here write them: 16:00 26/11/2026."""
    if isinstance(value, dict):
        at = parse_datetime(value["at"])
        return timezone.localtime(at).strftime("%H:%M %d/%m/%Y") if at else ""
    return value
