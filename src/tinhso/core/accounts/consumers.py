"""What accounts do when they read their own record: remember erasures where a restore cannot undo them."""

from __future__ import annotations

from collections.abc import Sequence

from ..ledger.consumers import Placed, consumer
from . import erasures


@consumer("accounts.erasures", events=["person.erased"])
def remember_erasures(batch: Sequence[Placed]) -> None:
    """Their ids go to a file outside the database before the cursor moves."""
    erasures.remember(batch)
