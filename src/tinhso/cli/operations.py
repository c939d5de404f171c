"""Commands of whoever keeps an install: backup and restore, upgrade and rollback, witnesses."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from . import witness
from .install import RESTORING, Stop, configured, install, start_django

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_to(add: Add) -> None:
    """Give the command line its commands of operation."""
    command = add("backup", _backup, "back the install up to DIR, and from then on keep DIR current by itself")
    command.add_argument("dir", type=Path, metavar="DIR", help="on another disk or machine; holds keys, so guard it")
    command.add_argument("--keep", type=_positive, default=4, metavar="N", help="sets to keep (default 4)")
    command = add("restore", _restore, "bring the install back from DIR as it was at a moment")
    command.add_argument("dir", type=Path, metavar="DIR", help="what `tinhso backup` wrote")
    command.add_argument("--to", type=_moment, metavar="TIME", help="such as '2026-11-22 14:05'; default: the newest")
    command.add_argument("--roots", type=Path, metavar="FILE", help="roots of the ledger kept by somebody else")
    command.add_argument("--pgdata", type=Path, metavar="FOLDER", help="new data folder of a PostgreSQL of your own")
    command = add("upgrade", _upgrade, "check, back up, bring the data to this version, check again")
    command.add_argument("--backup", type=Path, metavar="DIR", help="default: where the install is backed up to")
    command = add("rollback", _rollback, "undo the last upgrade: the data as it found them")
    command.add_argument("--lose", type=int, default=0, metavar="N", help="entries made since, which will be lost")
    witness.add_to(add)


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _moment(text: str) -> datetime:
    """A time as people write it; without an offset it is Vietnam's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write '2026-11-22 14:05'") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def _say(line: str) -> None:
    print(line, flush=True)


def _backup(arguments: argparse.Namespace) -> int:
    from .backup import backup

    own = bool(configured().database_url)
    with install() as config:
        start_django(config)
        done = backup(config, arguments.dir, arguments.keep, _say, own=own)
    print(f"{done} is complete. New files and the database's log go to {arguments.dir} while the install runs.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from .restore import restore

    if not arguments.dir.is_dir():
        raise Stop(f"There is no folder {arguments.dir}.")
    open_ends = restore(arguments.dir, arguments.to, arguments.roots, arguments.pgdata, _say)
    for line in open_ends:
        print(f"look at this: {line}")
    print(f"Restored. Take a new backup now: `tinhso backup {arguments.dir}`.")
    return 1 if open_ends else 0


def _upgrade(arguments: argparse.Namespace) -> int:
    from .upgrade import upgrade

    own = bool(configured().database_url)
    with install() as config:
        start_django(config)
        wrong = upgrade(config, arguments.backup, _say, own=own)
    for line in wrong:
        print(f"wrong: {line}")
    print("Upgraded; `tinhso rollback` goes back." if not wrong else "Go back with `tinhso rollback`.")
    return 1 if wrong else 0


def _rollback(arguments: argparse.Namespace) -> int:
    from .backup_folder import BackupSet
    from .upgrade import last_upgrade, lost_by_rollback, run_apart

    config = configured()
    if config.database_url:
        raise Stop("DATABASE_URL names a server of your own: use `tinhso restore` with the set of the upgrade.")
    one = last_upgrade(config)
    taken = BackupSet(Path(one.set))
    if not (config.data_dir / RESTORING).exists():
        with install() as running:
            start_django(running)
            lost = lost_by_rollback(one)
        if lost != arguments.lose:
            raise Stop(f"{lost} entries were made since the upgrade and would be lost. If so be it: --lose {lost}")
    code = run_apart("restore", str(taken.folder.parent.parent), "--to", taken.finished.isoformat(), own=False)
    if code == 2:
        raise Stop("The rollback is not through; what stands above says why. Run it again.")
    print("The data are as the upgrade found them. Put the former version of the code back before you start.")
    return code
