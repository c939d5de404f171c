"""A file that came by the page: looked through, confirmed, taken over by a job. As drafts, exempt from the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tinhso.core.jobs.registry import job
from tinhso.core.ledger.actions import Actor, Refused

from ..models import TakenOver, Takeover
from .checking import Fault, check_all
from .reading import Row
from .taking import Outcome, take_all

MOST = 500  # dossiers that are looked through while somebody waits for the page
KEPT = timedelta(days=1)  # how long a file waits to be confirmed


def look_through(name: str, rows: list[Row], *, by: Actor, at: datetime) -> Takeover:
    """Keep a file with what is wrong in it, until somebody confirms or discards it."""
    if len(rows) > MOST:
        words = _("More than %(most)d dossiers are taken over on the server: tinhso dossiers import FILE.")
        raise Refused("takeover_large", words % {"most": MOST}, field="file", status=422)
    checked = list(check_all(rows, at=at))
    return Takeover.objects.create(
        name=name[:200],
        rows=rows,
        by=str(by),
        at=at,
        taken=sum(not one.faults and not one.known for one in checked),
        known=sum(one.known for one in checked),
        faults=_lines(fault for one in checked for fault in one.faults),
        remarks=_lines(remark for one in checked for remark in one.remarks),
    )


def _lines(faults: Iterable[Fault]) -> list[list[int | str]]:
    return [[fault.row, fault.column, fault.words] for fault in faults]


def confirm(run: Takeover, *, at: datetime) -> None:
    """Let the job begin; a second click changes nothing."""
    with transaction.atomic():
        if Takeover.objects.filter(pk=run.pk, begun_at=None).update(begun_at=at, taken=0, known=0):
            take_over_file.defer(run=str(run.pk))


def discard(run: Takeover) -> None:
    """Forget a file that was not confirmed."""
    Takeover.objects.filter(pk=run.pk, begun_at=None).delete()


@job("dossiers.take_over")
def take_over_file(run: str) -> None:
    """Take over what is right in a confirmed file; one that was killed goes on where it was."""
    one = Takeover.objects.filter(pk=run, done_at=None).exclude(begun_at=None).first()
    if one is None or one.begun_at is None:
        return
    begun = one.begun_at  # the moment of all its entries, by which a second try knows what the first took over

    def progress(outcome: Outcome) -> None:
        Takeover.objects.filter(pk=one.pk).update(taken=TakenOver.objects.filter(at=begun).count())

    kind, _colon, ident = one.by.partition(":")
    with override("vi"):
        outcome = take_all(one.rows, by=Actor(kind, ident), at=begun, progress=progress)
    taken = TakenOver.objects.filter(at=begun).count()
    Takeover.objects.filter(pk=one.pk).update(
        rows=[],
        faults=_lines(outcome.faults),
        taken=taken,
        known=outcome.known + outcome.taken - taken,
        done_at=timezone.now(),
    )


@job("dossiers.sweep_takeovers", queue="housekeeping", every="23 * * * *")
def sweep_takeovers() -> None:
    """Forget files that nobody confirmed; they hold personal data."""
    Takeover.objects.filter(begun_at=None, at__lt=timezone.now() - KEPT).delete()
