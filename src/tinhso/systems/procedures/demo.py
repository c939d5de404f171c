"""The procedures that the install brings along."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinhso.core.ledger.actions import Actor

from .actions import publish

DATA = Path(__file__).parent / "data"
SINCE = datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
BY = Actor.system("demo")


def shipped() -> Iterator[dict[str, Any]]:
    """The data of every procedure in `data/`, in the order of their codes."""
    for path in sorted(DATA.glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def load(progress: Callable[[str], None]) -> None:
    """Publish them; those already in force as they are stay untouched."""
    progress("procedures")
    for data in shipped():
        publish(data, by=BY, at=SINCE)
