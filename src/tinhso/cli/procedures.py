"""`tinhso procedures import FILE`: the catalogue from the national database.

Exit codes: 0 every row landed; 2 some rows were bad (listed), the others landed; 1 the file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from .install import install, start_django

_COUNTS = (
    ("rows", "rows read"),
    ("usable", "can be applied for"),
    ("waiting", "wait for an official"),
    ("information", "information only"),
    ("kept", "ours is kept"),
    ("unchanged", "unchanged since the last reading"),
    ("published", "published"),
    ("flags", "questions in all"),
    ("blocking", "of them to be answered before anybody can apply"),
    ("bad", "bad rows"),
)
_UNITS = (
    ("working_days", "working days"),
    ("days", "days"),
    ("working_hours", "working hours"),
    ("hours", "hours"),
    ("weeks", "weeks"),
    ("months", "months"),
    ("years", "years"),
    ("minutes", "minutes"),
    ("bare", "a number without a unit"),
    ("none", "none that was read"),
)


def run(arguments: argparse.Namespace) -> int:
    """Read the file, print what happened to its rows."""
    path: Path = arguments.file
    try:
        data = path.read_bytes()
    except OSError as wrong:
        print(f"{path} cannot be read: {wrong.strerror}.", file=sys.stderr)
        return 1
    with install() as config:
        start_django(config)
        from django.utils import timezone
        from django.utils.translation import override

        from tinhso.core.ledger.actions import Actor
        from tinhso.systems.procedures.actions import importing
        from tinhso.systems.procedures.reasons import REASONS

        def progress(line: int) -> None:
            if sys.stderr.isatty():
                print(f"\r{line} lines", end="", file=sys.stderr, flush=True)

        lines = ((number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip())
        outcome = importing.import_rows(
            lines,
            file=path.name,
            sha256=importing.sha256_of(data),
            by=Actor.system("procedures-import"),
            at=timezone.now(),
            progress=progress,
        )
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for number, reason in outcome.bad:
        print(f"line {number}: {reason}")
    for key, words in _COUNTS:
        print(f"{outcome.counts[key]:>7,}  {words}")
    with override("en"):
        _print("Ways by the unit of their limit", [(outcome.counts[f"unit:{key}"], words) for key, words in _UNITS])
        _print("Questions by reason", [(outcome.counts[f"why:{why}"], str(words)) for why, words in REASONS.items()])
    return 2 if outcome.bad else 0


def _print(title: str, counted: Iterable[tuple[int, str]]) -> None:
    print(f"{title}:")
    for count, words in sorted(counted, reverse=True):
        if count:
            print(f"{count:>7,}  {words}")
