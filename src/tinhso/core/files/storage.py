"""Where bytes are kept for good: the disk of `DATA_DIR`, or an S3 bucket. Chosen by configuration alone.

Bytes are received on the local disk in either case (`disk.Incoming`), looked at, and only then kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from django.conf import settings

from . import disk


class StorageAwayError(OSError):
    """The store does not answer, or refuses us: nothing was kept or removed."""


class Storage(Protocol):
    """What a store can do. Call it holding the hash's lock, except for `open`.

    `remote` stores are spoken to over the network, so never inside a transaction.
    """

    remote: bool

    def keep(self, coming: disk.Incoming) -> None:
        """Keep settled bytes under their hash; all of them or nothing. Raises StorageAwayError, OSError."""

    def open(self, sha256: str) -> BinaryIO:
        """Bytes for reading, from any place in them. Raises FileNotFoundError, StorageAwayError."""

    def remove(self, sha256: str) -> None:
        """Delete bytes for good; nothing where there are none."""

    def hashes(self) -> Iterator[str]:
        """The hashes of everything kept."""


class Disk:
    """`DATA_DIR/files`, the default."""

    remote = False

    def keep(self, coming: disk.Incoming) -> None:
        coming.keep()

    def open(self, sha256: str) -> BinaryIO:
        return open(disk.place_of(sha256), "rb")

    def remove(self, sha256: str) -> None:
        disk.remove(sha256)

    def hashes(self) -> Iterator[str]:
        return disk.hashes()


def storage() -> Storage:
    """The store of this install."""
    if not settings.TINHSO.s3_bucket:
        return Disk()
    from .s3 import Bucket  # 15 MB of library that only an install with S3 needs

    return Bucket(settings.TINHSO.s3_bucket)
