"""A file that a receptionist brings: looked through, confirmed, handed in by a job.

Files are exempt from the ledger, as drafts are; each dossier has its entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from tinhso.core.agencies.models import Agency
from tinhso.core.jobs.registry import job
from tinhso.core.ledger.actions import Actor
from tinhso.systems.dossiers.models import Channel
from tinhso.systems.procedures.models import Variant

from .handing_in import Item, Outcome, hand_in
from .models import Sending
from .sheets import Rows

KEPT = timedelta(days=1)  # how long a file waits to be confirmed
TOLD = 20  # rows after which the page hears how far it is


def look_through(
    name: str, rows: Rows, variant: Variant, agency: Agency, channel: Channel, *, by: Actor, at: datetime
) -> Sending:
    """Keep a file with what would become of each row, until somebody confirms or discards it."""
    one = Sending(name=name[:200], variant=variant, agency=agency, channel=channel, rows=rows, by=str(by), at=at)
    one.outcomes = [_line(row, out) for row, out in zip(rows, _hand_in(one, by, at, look=True), strict=True)]
    one.save(force_insert=True)
    return one


def _hand_in(one: Sending, by: Actor, at: datetime, *, look: bool = False) -> Iterator[Outcome]:
    items = (Item(ref, one.variant, one.agency, Channel(one.channel), answers) for _row, ref, answers in one.rows)
    return hand_in(items, one.agency_id, by=by, at=at, look=look)


def _line(row: list[object], outcome: Outcome) -> list[object]:
    return [row[0], outcome.reference, outcome.status, outcome.code, sorted(outcome.errors.items())]


def confirm(one: Sending, *, at: datetime) -> None:
    """Let the job begin; a second click changes nothing."""
    with transaction.atomic():
        if Sending.objects.filter(pk=one.pk, begun_at=None).update(begun_at=at, outcomes=[]):
            hand_in_file.defer(sending=str(one.pk))


def discard(one: Sending) -> None:
    """Forget a file that was not confirmed."""
    Sending.objects.filter(pk=one.pk, begun_at=None).delete()


@job("senders.hand_in")
def hand_in_file(sending: str) -> None:
    """Hand in a confirmed file. One that was killed goes on: what is in already is known by its references."""
    one = Sending.objects.select_related("variant", "agency").filter(pk=sending, done_at=None).first()
    if one is None or one.begun_at is None:
        return
    kind, _colon, ident = one.by.partition(":")
    done: list[list[object]] = []
    with override("vi"):
        for row, outcome in zip(one.rows, _hand_in(one, Actor(kind, ident, one.agency_id), one.begun_at), strict=True):
            done.append(_line(row, outcome))
            if len(done) % TOLD == 0:
                Sending.objects.filter(pk=one.pk).update(outcomes=done)
    Sending.objects.filter(pk=one.pk).update(rows=[], outcomes=done, done_at=timezone.now())


@job("senders.sweep", queue="housekeeping", every="41 * * * *")
def sweep() -> None:
    """Forget files that nobody confirmed; they hold personal data."""
    Sending.objects.filter(begun_at=None, at__lt=timezone.now() - KEPT).delete()
