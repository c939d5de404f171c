"""Really deleting bytes, and sweeping up what crashes left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from ..jobs import job
from ..ledger.actions import Actor
from . import disk, locks
from .models import FileLink, StoredFile
from .storage import storage

LOOSE = timedelta(days=1)  # how long an upload may wait for its owner
STALE = timedelta(hours=1)  # a temporary file that has not grown for so long is a crash's


class BusyError(Exception):
    """Someone is storing the same content just now; the job tries again."""


@job("files.collect", queue="files")
def collect(sha256: str) -> None:
    """Delete row and bytes of a content that no link holds. Raises BusyError while a link is being made."""
    if not collected(sha256):
        raise BusyError


def collected(sha256: str) -> bool:
    """True when the content is held by a link or gone; False while someone else is busy with it.

    The row goes first, the bytes last: a crash between leaves bytes that no row knows, which
    `sweep_disk` finds. Raises StorageAwayError; then the sweep, too, finds what was left.
    """
    with locks.claiming(sha256) as mine:
        if not mine:
            return False
        with transaction.atomic():
            if FileLink.objects.filter(file_id=sha256).exists():
                return True
            # Raw, since Django's collector would look for links once more; the foreign keys are checked here,
            # before the bytes go.
            StoredFile.objects.filter(pk=sha256)._raw_delete("default")
            connection.check_constraints()
        storage().remove(sha256)
    return True


@job("files.sweep", queue="housekeeping", every="41 * * * *")
def sweep() -> None:
    """Remove what nobody will come for: loose uploads, rows without links, temporary files of crashes."""
    sweep_at(timezone.now())


def sweep_at(at: datetime) -> None:
    """`sweep`, at a stated time."""
    FileLink.objects.filter(owner_kind="", created_at__lt=at - LOOSE)._raw_delete("default")
    for sha256 in StoredFile.objects.filter(links=None, created_at__lt=at - STALE).values_list("pk", flat=True):
        collected(sha256)
    oldest = time.time() - STALE.total_seconds()
    for path in disk.incoming().iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


@job("files.sweep_disk", queue="housekeeping", every="11 19 * * *")
def sweep_disk() -> None:
    """Remove bytes that no row knows: those of stores that were rolled back."""
    for some in batched(storage().hashes(), 500):
        known = set(StoredFile.objects.filter(pk__in=some).values_list("pk", flat=True))
        for sha256 in some:
            if sha256 not in known:
                collected(sha256)  # looks again, under the lock


@job("files.read_scan", queue="ocr")
def read_scan(link: str, by: str) -> None:
    """Make the readable copy of a scan, once. What is refused (a signature, no reader) is not tried again."""
    from . import derived  # stores its copy by our actions, which know these jobs

    one = FileLink.objects.select_related("file").filter(pk=UUID(link)).first()
    if one is None or one.copies.exists():
        return
    kind, _colon, ident = by.partition(":")
    derived.with_text(one, by=Actor(kind, ident), at=timezone.now())


def batched(items: Iterator[str], size: int) -> Iterator[list[str]]:
    """Lists of up to `size` items."""
    while some := list(islice(items, size)):
        yield some
