"""What any install ever recorded can still be read."""

from __future__ import annotations

import json
import types
import typing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tinhso.core.ledger.events import read

from .samples import FOLDER, events_of_the_house, fields, path_of

FIX = "Run `python -m tests.core.ledger.samples` and commit what it adds."


def test_every_version_of_every_event_has_a_sample() -> None:
    missing = [f"{n} {v}" for n, v in sorted(events_of_the_house()) if not path_of(n, v).exists()]
    assert missing == [], FIX


def test_no_version_of_an_event_is_skipped() -> None:
    for name, version in events_of_the_house():
        assert all(path_of(name, older).exists() for older in range(1, version)), f"{name} begins at {version}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_stored_sample_reads_as_the_newest_version(path: Path) -> None:
    name, version = path.stem.rsplit(".", 1)
    newest = max(((v, event) for (n, v), event in events_of_the_house().items() if n == name), default=None)
    assert newest, f"nothing reads {name} any more; keep its class, it stands in ledgers"
    data = read(name, int(version), json.loads(path.read_text()))
    hints = fields(newest[1])
    assert data.keys() == hints.keys(), "a changed event needs a new version and an upcaster"
    for field, value in data.items():
        assert fits(value, hints[field]), f"{field} is stored as {value!r}: a new type needs a new version"


def fits(value: Any, hint: Any) -> bool:
    """Whether JSON as the ledger stores it is a value of that type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin in (list, tuple):
        return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    if origin is typing.Literal:
        return value in arguments
    if hint in (type(None), None):
        return value is None
    if hint in (bool, int):
        return type(value) is hint
    if not isinstance(value, str):
        return False
    for kind, parse in ((UUID, UUID), (datetime, datetime.fromisoformat), (date, date.fromisoformat)):
        if hint is kind:
            return parse(value) is not None
    return hint is str
