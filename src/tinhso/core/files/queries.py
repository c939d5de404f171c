"""Reading files."""

from __future__ import annotations

import logging
from typing import BinaryIO
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from ..ledger.actions import Refused, subject_of
from . import disk
from .models import FileLink

log = logging.getLogger(__name__)


def open_link(link: FileLink) -> BinaryIO:
    """The bytes of a link, for reading; close it. Raises Refused where disk and database disagree."""
    try:
        return open(disk.place_of(link.file_id), "rb")
    except FileNotFoundError:
        log.error("file %s: the bytes %s are not on disk", link.pk, link.file_id)
        raise Refused(
            "file_missing",
            _("This file cannot be found in storage. The administrators have been told; please try again later."),
            status=503,
        ) from None


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
