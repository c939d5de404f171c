"""The `tinhso` command: starts, checks and maintains one install."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code. Imported late, so that the guardian of PostgreSQL stays small."""
    from .commands import run

    return run(argv)
