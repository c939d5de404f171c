"""Samples of every version of every event, kept for ever: `python -m tests.core.ledger.samples` adds missing ones.

A sample is what the ledger may hold somewhere from that day on. Never change or delete one;
change the event's version and declare an upcaster.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import types
import typing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import tinhso
from tinhso.core.ledger.events import REGISTRY, Event, canonical

FOLDER = Path(__file__).parent / "samples"
SOURCE = Path(tinhso.__file__).parent
VALUES: dict[type, Any] = {
    bool: True,
    int: 42,
    str: "H15.50.05.13-261008-0975",
    UUID: UUID("0192f7a0-5b1c-7a3e-8d4f-66b1c9a0e001"),
    datetime: datetime(2026, 11, 22, 2, 30, tzinfo=UTC),
    date: date(2026, 11, 22),
}


def events_of_the_house() -> dict[tuple[str, int], type[Event]]:
    """Every event that a package of the product declares."""
    for path in SOURCE.rglob("events.py"):
        importlib.import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    return {key: event for key, event in REGISTRY.items() if event.__module__.startswith("tinhso.")}


def fields(event: type[Event]) -> dict[str, Any]:
    """The event's own fields and what type each is."""
    hints = typing.get_type_hints(event)
    return {f.name: hints[f.name] for f in dataclasses.fields(event)}


def a_value(hint: Any) -> Any:
    """Something of that type; of a choice the first."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return a_value(arguments[0])
    if origin in (list, tuple):
        return [a_value(arguments[0])]
    if origin is typing.Literal:
        return arguments[0]
    return next(value for kind, value in VALUES.items() if hint is kind)


def path_of(name: str, version: int) -> Path:
    return FOLDER / f"{name}.{version}.json"


def write_missing() -> list[Path]:
    """Add a sample for each event that has none."""
    written = []
    for (name, version), event in sorted(events_of_the_house().items()):
        path = path_of(name, version)
        if not path.exists():
            data = event(**{field: a_value(hint) for field, hint in fields(event).items()}).data()
            path.write_text(json.dumps(json.loads(canonical(data)), indent=1, ensure_ascii=False) + "\n")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write_missing():
        print(path)
