"""The folder that scanners of the office write into: `SCAN_FOLDER/<username>/`, one for each official."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from tinhso.core.files.content import SCANNED

SETTLED = timedelta(seconds=5)  # a file that grew later than that is still being written
MOST = 200  # files shown


@dataclass(frozen=True)
class Lying:
    """A file in the folder; `settled` once the scanner has let it alone."""

    name: str
    size: int
    settled: bool


def mine(username: str) -> Path | None:
    """The official's own folder; None where none is configured or it is not there."""
    root = settings.TINHSO.scan_folder
    if not root or username != Path(username).name or username.startswith("."):
        return None
    folder = Path(root) / username
    return folder if folder.is_dir() and not folder.is_symlink() else None


def lying(folder: Path, at: datetime) -> list[Lying]:
    """What scanners have put there, by name, which scanners count up."""
    endings = tuple(ending for kind in SCANNED for ending in kind.endings)
    found = []
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(endings):
            about = entry.stat(follow_symlinks=False)
            found.append(Lying(entry.name, about.st_size, at.timestamp() - about.st_mtime > SETTLED.total_seconds()))
    return found[:MOST]


def opened(folder: Path, name: str) -> BinaryIO:
    """One of its files, for reading; close it. Follows no links. Raises FileNotFoundError for anything else."""
    if name != Path(name).name or name.startswith("."):
        raise FileNotFoundError(name)
    try:
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise FileNotFoundError(name) from error
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise FileNotFoundError(name)
    return file


def remove(folder: Path, names: list[str]) -> None:
    """What was taken in is here now, and leaves the folder."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
