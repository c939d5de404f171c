"""Storing, owning and letting go of files."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ..ledger.actions import Actor, NotAllowed, Refused, action, subject_of
from . import disk, locks, scan
from .content import ACCEPTED, Kind, recognise
from .jobs import collect
from .models import FileLink, StoredFile
from .names import clean
from .queries import store_away
from .storage import StorageAwayError, storage
from .uploads import Upload

log = logging.getLogger(__name__)

Owner = models.Model | tuple[str, UUID]


def store(
    stream: BinaryIO | UploadedFile[Any],
    *,
    name: str,
    by: Actor,
    at: datetime,
    accept: tuple[Kind, ...] = ACCEPTED,
    personal: bool = True,
) -> FileLink:
    """Keep the bytes of `stream` and return a link that nobody owns yet; `attach` it within a day.

    Receives, hashes, syncs and examines before any lock is taken; an upload that our handler
    received is already on disk and is only renamed. Raises Refused for files that are empty,
    too large (`settings.TINHSO.max_upload_mb`), not of `accept`, cut off, misnamed, or infected (`scan`).
    """
    coming = stream.incoming if isinstance(stream, Upload) else disk.Incoming()
    try:
        if isinstance(stream, Upload):
            if stream.too_large:
                raise disk.too_large()
        else:
            _receive(coming, stream)
        coming.settle()
        kind = recognise(coming.file, coming.size, clean(name, otherwise=""), accept)
        scan.check(coming, by=by, at=at)
        return _keep(coming, kind, name=name, by=by, at=at, personal=personal)
    except StorageAwayError as away:
        raise store_away(away) from away
    finally:
        coming.discard()


def store_bytes(
    data: bytes, *, name: str, by: Actor, at: datetime, accept: tuple[Kind, ...] = ACCEPTED, personal: bool = True
) -> FileLink:
    """`store` for bytes that are already in memory, such as a rendered letter."""
    return store(io.BytesIO(data), name=name, by=by, at=at, accept=accept, personal=personal)


def _receive(coming: disk.Incoming, stream: BinaryIO | UploadedFile[Any]) -> None:
    for piece in stream.chunks(disk.CHUNK) if isinstance(stream, UploadedFile) else _pieces(stream):
        if coming.size + len(piece) > disk.limit():
            raise disk.too_large()
        coming.write(piece)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(disk.CHUNK):
        yield piece


def _keep(coming: disk.Incoming, kind: Kind, *, name: str, by: Actor, at: datetime, personal: bool) -> FileLink:
    kept = storage()
    if kept.remote and connection.in_atomic_block:
        raise RuntimeError("files are stored outside any transaction: the store is across the network")
    with locks.sharing(coming.sha256):
        kept.keep(coming)
        with transaction.atomic():
            stored = StoredFile(sha256=coming.sha256, size=coming.size, mime=kind.mime, created_at=at)
            StoredFile.objects.bulk_create([stored], ignore_conflicts=True)
            return FileLink.objects.create(
                file=stored,
                name=clean(name, otherwise=_("file") + kind.endings[0]),
                personal=personal,
                created_by=str(by),
                created_at=at,
            )


@action
def attach(
    link: FileLink | UUID, owner: Owner, *, by: Actor, at: datetime, moved_from: Owner | None = None
) -> FileLink:
    """Make `owner` the owner of a link. The owner's action records it; this one leaves no entry.

    A link belongs to nobody or, where `moved_from` says so, to that owner (a draft that became
    a dossier). Raises NotAllowed for another actor's loose upload, Refused for a link that is
    gone or already owned: of two who attach one link at a time, one wins.
    """
    link_id = link.pk if isinstance(link, FileLink) else link
    row = FileLink.objects.select_for_update().filter(pk=link_id).first()
    if row is None:
        raise Refused("file_gone", _("This file is no longer here. Choose it again."), field="file", status=422)
    kind, owner_id = subject_of(owner)
    if row.owner == (kind, owner_id):
        return row
    if row.owner is not None and (moved_from is None or row.owner != subject_of(moved_from)):
        raise Refused("file_owned", _("This file already belongs to something else."), field="file")
    if row.owner is None and row.created_by != str(by):
        raise NotAllowed(_("This file was uploaded by someone else."), "file_not_yours")
    row.owner_kind, row.owner_id = kind, owner_id
    row.save(update_fields=["owner_kind", "owner_id"])
    return row


@action
def link(source: FileLink | UUID, owner: Owner, *, name: str, origin: str, by: Actor, at: datetime) -> FileLink:
    """Another hold on bytes that somebody holds already, for `owner`: nothing is copied (ADR 0010). `origin` says from
    where. The owner's action records it and has asked whether the source may be used. Raises Refused where it is gone.
    """
    source_id = source.pk if isinstance(source, FileLink) else source
    held = FileLink.objects.select_for_update().filter(pk=source_id).first()  # its holder cannot let go meanwhile
    if held is None:
        raise Refused("file_gone", _("This file is no longer here. Choose it again."), field="file", status=422)
    kind, owner_id = subject_of(owner)
    return FileLink.objects.create(
        file_id=held.file_id,
        name=clean(name, otherwise=held.name),
        owner_kind=kind,
        owner_id=owner_id,
        personal=held.personal,
        origin=origin,
        created_by=str(by),
        created_at=at,
    )


@action
def renew(held: FileLink, new: FileLink, *, by: Actor, at: datetime) -> FileLink:
    """Put a further version of the same document (its text read, a signature appended) in the place of the bytes that
    `held` has; whatever points at the link stays right. `new` is a loose upload of `by` and goes. The owner's action
    records it. Raises Refused where somebody put another version there since `held` was read.
    """
    row = FileLink.objects.select_for_update().filter(pk=held.pk, file=held.file_id).first()
    if row is None:
        raise Refused("file_changed", _("This file has changed since you opened it. Open it again."), field="file")
    if new.owner is not None or new.created_by != str(by):
        raise NotAllowed(_("This file was uploaded by someone else."), "file_not_yours")
    FileLink.objects.filter(pk=held.pk).update(file=new.file_id)
    FileLink.objects.filter(pk=new.pk).delete()
    collect.defer_many([{"sha256": held.file_id}])
    held.file_id = new.file_id
    return held


@action
def release(links: FileLink | Iterable[FileLink], *, by: Actor, at: datetime) -> None:
    """Let links go. Bytes that no link holds are deleted by a job once this transaction is through."""
    ids = [links.pk] if isinstance(links, FileLink) else [link.pk for link in links]
    rows = FileLink.objects.filter(Q(pk__in=ids) | Q(copy_of__in=ids))  # a copy goes with its original
    hashes = sorted(set(rows.values_list("file_id", flat=True)))
    rows.delete()
    collect.defer_many([{"sha256": sha256} for sha256 in hashes])
    log.info("%d files released by %s at %s", len(ids), by, at)


@action
def release_of(owner: Owner, *, by: Actor, at: datetime) -> None:
    """Let all links of an owner go: what erasing a person's dossier or closing a draft does."""
    kind, owner_id = subject_of(owner)
    release(FileLink.objects.filter(owner_kind=kind, owner_id=owner_id), by=by, at=at)
