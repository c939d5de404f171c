"""Reading files."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from ..ledger.actions import Refused, subject_of
from .models import FileLink, StoredFile
from .storage import StorageAwayError, storage

log = logging.getLogger(__name__)


def open_link(link: FileLink) -> BinaryIO:
    """The bytes of a link, for reading; close it. Raises Refused where store and database disagree."""
    try:
        return storage().open(link.file_id)
    except StorageAwayError as away:
        raise store_away(away) from away
    except FileNotFoundError:
        log.error("file %s: the bytes %s are not in the store", link.pk, link.file_id)
        raise Refused(
            "file_missing",
            _("This file cannot be found in storage. The administrators have been told; please try again later."),
            status=503,
        ) from None


def store_away(error: StorageAwayError) -> Refused:
    """The refusal while the store does not answer, in plain words."""
    log.error("the store of files does not answer: %s", error)
    return Refused(
        "store_away",
        _("The store of files does not answer just now, so nothing was kept. Please try again in a few minutes."),
        field="file",
        status=503,
    )


def read_bytes(link: FileLink) -> bytes:
    """All bytes of a link at once; for letters and forms, which are small."""
    with open_link(link) as file:
        return file.read()


def links_of(owner: models.Model | tuple[str, UUID]) -> models.QuerySet[FileLink]:
    """The files of an owner, oldest first."""
    kind, owner_id = subject_of(owner)
    return (
        FileLink.objects.filter(owner_kind=kind, owner_id=owner_id).select_related("file").order_by("created_at", "pk")
    )


def missing() -> Iterator[str]:
    """Hashes of stored files whose bytes are not in the store. Both sides are read in order, so any size will do.

    Raises StorageAwayError.
    """
    kept = storage().hashes()
    here = next(kept, "")
    for sha256 in StoredFile.objects.order_by("pk").values_list("pk", flat=True).iterator():
        while here and here < sha256:
            here = next(kept, "")
        if here != sha256:
            yield sha256
