"""Finds the packages of the house, so that a new system is only a new folder."""

from __future__ import annotations

import pkgutil
from importlib import import_module


def packages(parent: str) -> list[str]:
    """Dotted names of the packages directly inside `parent`, e.g. `tinhso.core.ledger`."""
    root = import_module(parent)
    return [f"{parent}.{m.name}" for m in pkgutil.iter_modules(root.__path__) if m.ispkg]


# In layers, lowest first: migrations and start-up follow this order.
CORE = [
    *("ledger", "agencies", "accounts", "jobs", "files", "worktime", "numbering", "forms", "process", "letters"),
    *("signing", "notify", "indicators", "search", "api", "ui"),
]


def installed() -> list[str]:
    """Core in its layers, then every system found."""
    return [f"tinhso.core.{name}" for name in CORE] + packages("tinhso.systems")
