"""Positions and seals right behind what is loaded, while it is in memory and its pages are fresh in the server's log.

Done afterwards, all of it would be read from disk again, and each page written to the log once more for its hint bits.
"""

from __future__ import annotations

from django.utils import timezone

from tinhso.core.ledger import seals
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER

INDEXES = (f"{LEDGER.entry}_serial", f"{LEDGER.entry}_xid")  # what the sequencer reads by
AT_ONCE = 50_000  # entries


def keep_up() -> int:
    """Place and seal what is visible, unless another process is at it; returns how many entries were placed."""
    placed = sequence(LEDGER, limit=AT_ONCE)
    seals.seal(LEDGER, at=timezone.now())
    return placed


def finish() -> None:
    """Place and seal the rest; nobody loads any more."""
    while keep_up():
        pass
    while seals.seal(LEDGER, at=timezone.now()):
        pass
