"""The national catalogue by the portal's service: the rows that the national database publishes, read by the ordinary
import of procedures, which overwrites nothing that people made here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tinhso.core.ledger.actions import Actor
from tinhso.systems.procedures.actions.importing import import_rows, sha256_of

from . import channel
from .channel import Refusal
from .models import Link

BY = Actor.system("national-portal")
MOST_PAGES = 1000
COUNTS = ("rows", "published", "unchanged", "kept", "waiting", "bad")


def read_all(at: datetime) -> dict[str, int]:
    """Read every page, then every row; returns counts. Raises AwayError or Refusal before anything is changed."""
    lines = [json.dumps(row, ensure_ascii=False, sort_keys=True).encode() for row in _rows()]
    outcome = import_rows(
        enumerate(lines, 1), file="LayDanhSachTTHC", sha256=sha256_of(b"\n".join(lines)), by=BY, at=at
    )
    counts = {name: outcome.counts[name] for name in COUNTS}
    Link.objects.filter(pk=1).update(catalogue_at=at, catalogue=counts)
    return counts


def _rows() -> Iterator[Any]:
    for page in range(1, MOST_PAGES):
        rows = channel.call("LayDanhSachTTHC", trang=page)
        if not isinstance(rows, list):
            raise Refusal("unreadable", "result", "")
        if not rows:
            return
        yield from rows
    raise Refusal("endless", "trang", "")
