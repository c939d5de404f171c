"""Reading the text of scans, as work in the background."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from ..jobs import job
from ..ledger.actions import Actor
from . import derived
from .models import FileLink


@job("files.read_scan", queue="ocr")
def read_scan(link: str, by: str) -> None:
    """Make the readable copy of a scan, once. What is refused (a signature, no reader) is not tried again."""
    one = FileLink.objects.select_related("file").filter(pk=UUID(link)).first()
    if one is None or one.copies.exists():
        return
    kind, _colon, ident = by.partition(":")
    derived.with_text(one, by=Actor(kind, ident), at=timezone.now())
