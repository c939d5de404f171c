"""What follows from dossiers at the counter: who holds their paper, and what each official did that day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

from tinhso.core.accounts.models import Account
from tinhso.core.ledger.consumers import Placed, consumer
from tinhso.systems.dossiers.models import Channel, Dossier

from .models import PaperFile

SUBMITTED, RETURNED, FEE = "dossiers.submitted", "dossiers.returned", "dossiers.fee_taken"


@consumer("counter.paper_files", events=[SUBMITTED])
def take_in(batch: Sequence[Placed]) -> None:
    """Whoever took a dossier in at a counter holds its papers. Erased meanwhile: nobody does."""
    by_official = {p.subject_id: (p, _account(p)) for p in batch if p.data["channel"] == Channel.COUNTER}
    named = [account for _placed, account in by_official.values() if account]
    officials = set(Account.objects.filter(pk__in=named).values_list("pk", flat=True))
    there = Dossier.objects.filter(pk__in=by_official).values_list("pk", "receiving_agency_id")
    rows = []
    for dossier, agency in there:
        placed, account = by_official[dossier]
        if account in officials:
            rows.append(PaperFile(dossier_id=dossier, agency_id=agency, official_id=account, since=placed.at))
    PaperFile.objects.bulk_create(rows, ignore_conflicts=True)


_ADD = """
INSERT INTO counter_tally AS t (official, day, received, returned, receipts, taken) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (official, day) DO UPDATE SET received = t.received + excluded.received,
returned = t.returned + excluded.returned, receipts = t.receipts + excluded.receipts, taken = t.taken + excluded.taken
"""


@consumer("counter.tallies", events=[SUBMITTED, RETURNED, FEE])
def count(batch: Sequence[Placed]) -> None:
    """Add up what each official did on each local day."""
    sums: dict[tuple[UUID, date], list[int]] = {}
    for placed in batch:
        account = _account(placed)
        if account is None or (placed.event == SUBMITTED and placed.data["channel"] != Channel.COUNTER):
            continue
        row = sums.setdefault((account, timezone.localtime(placed.at).date()), [0, 0, 0, 0])
        row[0] += placed.event == SUBMITTED
        row[1] += placed.event == RETURNED
        if placed.event == FEE:
            row[2] += 1
            row[3] += placed.data["amount"]
    with connection.cursor() as cursor:
        for (account, day), row in sorted(sums.items()):
            cursor.execute(_ADD, [account, day, *row])


def _account(placed: Placed) -> UUID | None:
    kind, _colon, ident = placed.actor.partition(":")
    return UUID(ident) if kind == "account" else None
