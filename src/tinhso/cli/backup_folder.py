"""What a backup looks like on disk, and how it is brought there so that a kill leaves nothing half.

tinhso-backup.json   whose it is: public key of the ledger's seals
sets/<UTC time>/     the database at one time, with manifest.json (checksums), written last
wal/                 the database's log since then, one file a segment
files/ab/cd/<sha256> stored files of any time
kept/                keys, tinhso.env, roots of the ledger, the list of erasures
numbers.jsonl        the last number of each book and code, as far as they were given
gone.json            stored files that the install has no more, and since when that is known
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .install import Stop

_CHUNK = 1 << 20
_NUMBERS = "numbers.jsonl"
_GROWING = ("ledger-roots.jsonl", "erasures.jsonl")
_SMALL = ("tinhso.env", "demo-accounts.txt")


@dataclass(frozen=True)
class BackupSet:
    """The database at one time. Complete: its manifest is there."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What is in it, when it was made, by which version, with sizes and SHA-256 of its files."""
        read: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text())
        return read

    @property
    def finished(self) -> datetime:
        """The earliest moment it can be restored to."""
        return datetime.fromisoformat(self.manifest["finished"])

    def faults(self) -> Iterator[str]:
        """What is not as the manifest says."""
        for name, said in self.manifest["files"].items():
            path = self.folder / name
            if not path.exists():
                yield f"{path} is missing"
            elif digest(path) != said["sha256"]:
                yield f"{path} is damaged"


@dataclass(frozen=True)
class BackupFolder:
    """One install's backups."""

    path: Path

    @property
    def wal(self) -> Path:
        return self.path / "wal"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def kept(self) -> Path:
        return self.path / "kept"

    def claim(self, owner: str) -> None:
        """Make the folder this install's. Raises `Stop` where it is another's, or holds other things."""
        marker = self.path / "tinhso-backup.json"
        if marker.exists():
            if json.loads(marker.read_text())["ledger_key"] != owner:
                raise Stop(f"{self.path} holds the backups of another install. Choose another folder.")
        elif self.path.exists() and any(self.path.iterdir()):
            raise Stop(f"{self.path} is not empty and no backup folder. Choose an empty one.")
        for folder in (self.path, self.path / "sets", self.wal, self.files, self.kept):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        put(marker, json.dumps({"format": 1, "ledger_key": owner}).encode())

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """One backup or copy at a time. Raises `Stop` where another is at it."""
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Stop(f"Another backup to {self.path} is running.") from None
            yield

    def sets(self) -> list[BackupSet]:
        """Complete sets, oldest first."""
        found = sorted(self.path.glob("sets/[0-9]*/manifest.json"))
        return [BackupSet(manifest.parent) for manifest in found]

    def keep_small(self, data: Path) -> None:
        """Carry keys, configuration, roots and erasures away. What only grows never shrinks here."""
        for name in _GROWING:
            if (data / name).exists():
                _append(data / name, self.kept / name)
        small = [data / name for name in _SMALL]
        small += [p for p in (data / "keys").rglob("*") if not p.name.startswith(".")]
        for path in small:
            target = self.kept / path.relative_to(data)
            if path.is_file() and not (target.exists() and target.read_bytes() == path.read_bytes()):
                put(target, path.read_bytes())

    def numbers(self) -> dict[tuple[str, ...], int] | None:
        """The last number of each book and code that is known to have been given; None where nobody noted any."""
        if not (path := self.path / _NUMBERS).exists():
            return None
        found: dict[tuple[str, ...], int] = {}
        for line in filter(None, path.read_bytes().splitlines()):
            try:
                *key, last = json.loads(line)
            except ValueError:
                continue  # a crash left it unfinished; the next look writes it again
            found[tuple(key)] = max(last, found.get(tuple(key), 0))
        return found

    def keep_numbers(self, given: Mapping[tuple[str, ...], int]) -> None:
        """Note what was given since the last look. What was given is never taken back."""
        known = self.numbers() or {}
        new = [json.dumps([*key, last]) for key, last in given.items() if last > known.get(key, 0)]
        if new:
            with open(os.open(self.path / _NUMBERS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
                file.write(("\n" + "\n".join(new) + "\n").encode())  # after a line that a crash left unfinished
                file.flush()
                os.fsync(file.fileno())

    def tidy_numbers(self, given: Mapping[tuple[str, ...], int]) -> None:
        """One line for each book and code that still counts."""
        known = self.numbers() or {}
        lines = [json.dumps([*key, max(last, known.get(key, 0))]) for key, last in given.items()]
        put(self.path / _NUMBERS, "".join(f"{line}\n" for line in lines).encode())

    def keep_files(self, stored: Path, since: float = 0) -> int:
        """Carry stored files away that are not here yet; returns how many.

        With `since` (seconds of the epoch) only folders that changed after it are looked into.
        """
        copied = 0
        for folder in stored.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]"):
            if folder.stat().st_mtime < since:
                continue
            target = self.files / folder.relative_to(stored)
            there = {path.name for path in target.iterdir()} if target.exists() else set()
            for name in sorted({path.name for path in folder.iterdir()} - there):
                with contextlib.suppress(FileNotFoundError):  # erased meanwhile
                    copy(folder / name, target / name)
                    copied += 1
        return copied

    def prune(self, stored: Path, keep: int, at: datetime) -> None:
        """Forget all but the newest `keep` sets, and the log and files that none of them needs."""
        *old, oldest = self.sets()[:-keep] + self.sets()[-keep:][:1]
        for one in old:
            (one.folder / "manifest.json").unlink()
            shutil.rmtree(one.folder)
        start = oldest.manifest["first_wal"]
        for path in self.wal.glob("[0-9A-F]*.gz"):
            if len(path.name) >= 27 and path.name[8:24] < start[8:24]:
                path.unlink()
        noted: dict[str, str] = json.loads(note.read_text()) if (note := self.path / "gone.json").exists() else {}
        gone = {}
        for path in self.files.glob("??/??/*"):
            if not (stored / path.relative_to(self.files)).exists():
                gone[path.name] = noted.get(path.name, at.isoformat())
                if datetime.fromisoformat(gone[path.name]) < oldest.finished:
                    path.unlink()
                    del gone[path.name]
        put(note, json.dumps(gone).encode())


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    """A compressed tar, read in order. Not by tarfile's own "r|gz", which ends at the first of several gzip members."""
    with gzip.open(path) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
        yield tar


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(target: Path, content: bytes) -> None:
    """Write a file whole: there is the old one or the new one, never half."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_name(f".{target.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)


def copy(source: Path, target: Path) -> None:
    """Copy a file whole, however large."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_name(f".{target.name}.new")
    with source.open("rb") as read, open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as write:
        shutil.copyfileobj(read, write, _CHUNK)
        write.flush()
        os.fsync(write.fileno())
    fresh.replace(target)


def _append(source: Path, target: Path) -> None:
    """Bring a file that only grows up to its source. Raises `Stop` where the source has shrunk or changed."""
    with source.open("rb") as read, open(os.open(target, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as write:
        size = write.seek(0, os.SEEK_END)
        start = max(0, size - 4096)
        read.seek(start)
        write.seek(start)
        if read.read(size - start) != write.read():
            raise Stop(f"{source} does not continue {target}. Find out who changed it; nothing was overwritten.")
        shutil.copyfileobj(read, write, _CHUNK)
        write.flush()
        os.fsync(write.fileno())


def stamp(at: datetime) -> str:
    """`20261122T083000Z`, the name of a set."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
