"""`tinhso procedures import FILE`: the catalogue from the national database.

Exit codes: 0 every row landed; 2 some rows were bad (listed), the others landed; 1 the file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
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

        from tinhso.core.ledger.actions import Actor
        from tinhso.systems.procedures.actions import importing

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
    return 2 if outcome.bad else 0
