"""Entries loaded with their positions, and seals right behind: afterwards all of it would be read from disk again.

What is printed is known, so its leaf need not be computed from what was just written; and the indexes that the
sequencer finds entries by may be away meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from tinhso.core.ledger import seals
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.merkle import leaf_hash
from tinhso.core.ledger.sequencer import NotAlone, in_its_stead, sequence
from tinhso.core.ledger.tables import LEDGER

from . import run
from .family import ENTRY_COLUMNS

INDEXES = (f"{LEDGER.entry}_serial",)  # what stays while entries are loaded


def record(lines: Iterable[str]) -> int:
    """Load entries as COPY writes them, in the caller's transaction, and place them; returns the last position.

    Other loaders wait here until that transaction has ended, so it should come last in it. Raises `Refused` where
    others record.
    """
    text = "".join(lines).encode()
    placed = [_placed(line) for line in text.split(b"\n")[:-1]]
    try:
        with in_its_stead(LEDGER) as last, connection.cursor() as cursor:
            with cursor.copy(f"COPY {LEDGER.entry} ({ENTRY_COLUMNS}) FROM STDIN") as into:
                into.write(text)
            with cursor.copy(f"COPY {LEDGER.position} (position, entry_id, leaf) FROM STDIN") as into:
                into.write(b"".join(b"%d\t%s\n" % one for one in enumerate(placed, last + 1)))
    except NotAlone as error:
        message = (
            f"Others worked on this database meanwhile ({error}). Begin again on a fresh install (`tinhso reset`)."
        )
        raise Refused("not_alone", message) from error
    return last + len(placed)


def keep_up(last: int) -> None:
    """Seal what is placed up to `last` once it fills a seal, unless another process is at it."""
    if last - _sealed() >= seals.MAX_ENTRIES:
        seals.seal(LEDGER, at=timezone.now())


def place_waiting() -> None:
    """Give positions to what others left without one, before anything is loaded."""
    with run.patient():
        while sequence(LEDGER):
            pass


def finish() -> None:
    """Seal the rest; nobody loads any more."""
    with run.patient():
        while seals.seal(LEDGER, at=timezone.now()):
            pass


def _sealed() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(last), 0) FROM {LEDGER.seal}")  # noqa: S608  # a table of ours
        return int(cursor.fetchone()[0])


def _placed(line: bytes) -> bytes:
    """An entry's id and leaf, from its line: the first column, and the last, where only backslashes were escaped."""
    payload = line[line.rindex(b"\t") + 1 :].replace(b"\\\\", b"\\")
    return b"%s\t\\\\x%s" % (line[:36], leaf_hash(payload).hex().encode())
