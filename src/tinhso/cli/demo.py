"""The demo province: every package that has a `demo.py` fills its part, in the order of the house.

A package's `demo.py` offers `load(progress)`, which a second run leaves unchanged, and may
offer `accounts()`, the demo accounts it made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from tinhso.config.config import Config
from tinhso.config.discovery import installed


def load(config: Config, progress: Callable[[str], None]) -> None:
    """Fill the demo province. Django is started. Afterwards the ledger is sealed."""
    from tinhso.core.ledger import loop

    lines = []
    for room in _rooms():
        room.load(progress)
        lines += [f"{who}: {name} / {password}" for who, name, password in getattr(room, "accounts", list)()]
    loop.seal_now()
    _file(config).write_text("\n".join(lines) + "\n")


def accounts(config: Config) -> list[str]:
    """The demo accounts, one a line, as the last `load` found them."""
    return _file(config).read_text().splitlines() if _file(config).exists() else []


def _file(config: Config) -> Path:
    return config.data_dir / "demo-accounts.txt"


def _rooms() -> Iterator[ModuleType]:
    return (import_module(f"{package}.demo") for package in installed() if find_spec(f"{package}.demo"))
