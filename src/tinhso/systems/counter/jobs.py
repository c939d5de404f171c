"""Reading the text of digitised papers, and sweeping up what nobody came back to."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.jobs import job
from tinhso.core.ledger.actions import Actor

from . import scans
from .models import Scan

WAIT = timedelta(days=7)  # for a scan to be made, and for a made one to be signed before its separate pages go
HOUSE = Actor.system("counter")


@job("counter.read", queue="ocr")
def read(scan: str, by: str) -> None:
    """Put the text under a digitised paper, once. Erased meanwhile, there is nothing to do."""
    row = Scan.objects.select_related("file__file").filter(pk=UUID(scan)).first()
    if row is not None:
        kind, _colon, ident = by.partition(":")
        scans.text_read(row, by=Actor(kind, ident), at=timezone.now())


@job("counter.sweep", queue="housekeeping", every="23 18 * * *")
def sweep() -> None:
    """Drop scans begun a week ago and never made, the separate pages of those made then, and of those that are gone."""
    sweep_at(timezone.now())


def sweep_at(at: datetime) -> None:
    """`sweep`, at a stated time."""
    scans.drop(Scan.objects.filter(made_at=None, begun_at__lt=at - WAIT)[:500], by=HOUSE, at=at)
    pages = FileLink.objects.filter(owner_kind="counter.scan")
    old = Scan.objects.filter(made_at__lt=at - WAIT, reading=False)
    over = pages.filter(Q(owner_id__in=old.values("pk")) | ~Exists(Scan.objects.filter(pk=OuterRef("owner_id"))))
    files.release(over[:2000], by=HOUSE, at=at)
