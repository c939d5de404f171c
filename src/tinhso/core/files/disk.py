"""Bytes on disk: `DATA_DIR/files/ab/cd/<sha256>`, and `DATA_DIR/files/incoming/` on their way in.

Both are on one file system, so that a rename moves bytes into place at once and whole.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from ..ledger.actions import Refused

CHUNK = 1 << 20  # bytes held in memory at a time


def root() -> Path:
    """The folder of all stored files."""
    return Path(settings.TINHSO.data_dir) / "files"


def place_of(sha256: str) -> Path:
    """Where the bytes with this hash are, or would be."""
    return root() / sha256[:2] / sha256[2:4] / sha256


def incoming() -> Path:
    """The folder of bytes on their way in, made where it is missing."""
    folder = root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def limit() -> int:
    """Largest file a person may upload, in bytes."""
    return int(settings.TINHSO.max_upload_mb) << 20


def too_large() -> Refused:
    """The refusal of a file over the limit, in plain words."""
    return Refused(
        "file_too_large",
        _("This file is larger than %(mb)d MB. Make it smaller (scan in fewer colours, or split it) and try again.")
        % {"mb": settings.TINHSO.max_upload_mb},
        field="file",
        status=413,
    )


class Incoming:
    """Bytes being received: written, hashed and counted as they come, gone again unless kept.

    The temporary file goes with `discard`, with the object itself, and with the process's
    orderly end; after a kill the sweep removes it.
    """

    def __init__(self) -> None:
        self.path = incoming() / secrets.token_hex(16)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self.file: BinaryIO = os.fdopen(descriptor, "r+b")
        self.size = 0
        self._hash = hashlib.sha256()
        self._gone = weakref.finalize(self, _drop, self.file, self.path)

    def write(self, data: bytes) -> None:
        """Take more bytes."""
        self.file.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def settle(self) -> None:
        """Bring the bytes to disk for good."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def keep(self) -> None:
        """Move the bytes to where their hash belongs. Call `settle` before, and hold the hash's lock."""
        target = place_of(self.sha256)
        new = [p for p in (target.parent, target.parent.parent) if not p.exists()]
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.replace(target)
        for folder in {target.parent, *(p.parent for p in new)}:
            _sync(folder)

    def discard(self) -> None:
        """Close, and remove the temporary file if it is still there."""
        self._gone()


def _drop(file: BinaryIO, path: Path) -> None:
    with suppress(OSError):  # a full disk refuses the last flush; the bytes are thrown away anyway
        file.close()
    path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(sha256: str) -> None:
    """Delete bytes for good. Hold the hash's exclusive lock."""
    target = place_of(sha256)
    target.unlink(missing_ok=True)
    if target.parent.exists():
        _sync(target.parent)


def hashes() -> Iterator[str]:
    """The hashes of all bytes on disk."""
    for first in sorted(root().glob("[0-9a-f][0-9a-f]")):
        for second in sorted(first.iterdir()):
            yield from sorted(p.name for p in second.iterdir())
