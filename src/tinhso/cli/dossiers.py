"""`tinhso dossiers import FILE`: open dossiers of another system go on here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .install import Stop, install, start_django


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    verbs = command.add_subparsers(metavar="COMMAND", required=True)
    take = verbs.add_parser("import", help="take over open dossiers of another system (docs/guide/takeover.md)")
    take.add_argument("file", type=Path, metavar="FILE", help="*.csv or *.json")
    take.add_argument("--preview", action="store_true", help="say what would come and what is wrong; change nothing")
    take.set_defaults(run=take_over)


def take_over(arguments: argparse.Namespace) -> int:
    """0: every dossier of the file is here now (or would be); 2: some rows are wrong, the others are here."""
    try:
        data = arguments.file.read_bytes()
    except OSError as wrong:
        raise Stop(f"{arguments.file} cannot be read: {wrong.strerror}.") from None
    with install() as config:
        start_django(config)
        from django.utils import timezone
        from django.utils.translation import override

        from tinhso.core.ledger.actions import Actor, Refused
        from tinhso.systems.dossiers.takeover.checking import check_all
        from tinhso.systems.dossiers.takeover.reading import read
        from tinhso.systems.dossiers.takeover.taking import Outcome, take_all

        def progress(outcome: Outcome) -> None:
            print(f"{outcome.taken} taken over, {outcome.known} here before", file=sys.stderr, flush=True)

        now = timezone.now()
        with override("en"):
            try:
                rows = read(arguments.file.name, data)
            except Refused as refused:
                raise Stop(str(refused)) from None
            if arguments.preview:
                outcome = Outcome()
                for checked in check_all(rows, at=now):
                    outcome.faults += checked.faults
                    outcome.known += checked.known
                    outcome.taken += not checked.known and not checked.faults
                    for remark in checked.remarks:
                        print(f"row {remark.row}, {remark.column}: to know: {remark.words}")
            else:
                outcome = take_all(rows, by=Actor.system("takeover"), at=now, progress=progress)
    for fault in outcome.faults:
        print(f"row {fault.row}, {fault.column}: {fault.words}")
    rows_wrong = len({fault.row for fault in outcome.faults})
    would = "would be taken over" if arguments.preview else "taken over"
    print(f"{outcome.taken} {would}, {outcome.known} here before, {rows_wrong} rows to be mended.")
    return 2 if rows_wrong else 0
