"""What comes into a vault by itself: returned results, and the papers of accepted dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tinhso.core.ledger.consumers import Placed, consumer
from tinhso.systems.dossiers.models import HANDED_OVER, Channel, Component, Dossier, Result

from .models import Paper, Trust
from .validity import last_day

RESULTS = ("dossiers.returned", "dossiers.correction_returned")
PAPERS = ("dossiers.accepted", "dossiers.supplement_received")


@consumer("vault.papers", events=[*RESULTS, *PAPERS])
def fill(batch: Sequence[Placed]) -> None:
    """Rows that point at what the dossiers hold. Erased meanwhile, or of nobody we know: nothing comes in."""
    results(Result.objects.filter(dossier__in=[p.subject_id for p in batch if p.event in RESULTS]))
    accepted = {p.subject_id for p in batch if p.event in PAPERS}
    components(Component.objects.filter(dossier__in=accepted).exclude(dossier__accepted_at=None))


def results(rows: QuerySet[Result]) -> None:
    """Keep returned results, each once; one that was corrected stays beside the one that replaced it."""
    whole = rows.select_related("dossier__agency", "dossier__variant__version", "number__book")
    new = []
    for row in whole.filter(HANDED_OVER, issued__isnull=False):
        dossier, issued = row.dossier, row.numbered_at or row.issued_at
        returned = row.returned_at or dossier.returned_at
        assert issued is not None
        assert returned is not None
        if owner := _of(dossier):
            day = timezone.localtime(issued).date()
            until = last_day(dossier.procedure_code, day)
            new.append(
                Paper(
                    **owner,
                    name=kind_of(dossier),
                    number=row.notation,
                    agency_name=dossier.agency.name,
                    issued_on=day,
                    valid_until=until,
                    trust=Trust.ISSUED,
                    result=row,
                    added_at=returned,
                )
            )
    Paper.objects.bulk_create(new, ignore_conflicts=True)  # read again: it is there


def components(found: QuerySet[Component]) -> None:
    """Keep papers of accepted dossiers, each content once: what the vault gave out does not come back into it."""
    whole = found.select_related("dossier", "file", "supplement").filter(file__origin="")
    rows = [row for row in whole.order_by("pk") if _of(row.dossier)]
    contents = {row.file.file_id for row in rows}
    kept = {
        (paper.person_id or paper.business_id, paper.link.file_id)
        for paper in Paper.objects.filter(component__file__file__in=contents).select_related("component__file")
    }
    new = []
    for row in rows:
        owner = _of(row.dossier)
        key = (next(iter(owner.values())), row.file.file_id)
        if key not in kept:
            kept.add(key)
            official = _digitised_by(row)
            new.append(
                Paper(
                    **owner,
                    name=row.name,
                    trust=Trust.DIGITISED if official else Trust.HANDED_IN,
                    vouched_by_id=official,
                    vouched_at=row.file.created_at if official else None,
                    component=row,
                    added_at=_handed_in(row),
                )
            )
    Paper.objects.bulk_create(new, ignore_conflicts=True)


@consumer("vault.digitised", events=["counter.digitised"])
def vouched_for(batch: Sequence[Placed]) -> None:
    """Whoever converted a paper at a counter has signed its file: it stands for the paper, however that came in."""
    signed = {UUID(placed.data["component"]): placed for placed in batch}
    components(Component.objects.filter(pk__in=signed).exclude(dossier__accepted_at=None))
    for component, placed in signed.items():
        official = placed.actor.removeprefix("account:")
        rows = Paper.objects.filter(component=component, trust=Trust.HANDED_IN)
        rows.update(trust=Trust.DIGITISED, vouched_by=official, vouched_at=placed.at)


def kind_of(dossier: Dossier) -> str:
    """What a result is called: as the procedure says, where it says it shortly."""
    said = dossier.variant.version.result.strip().split("\n")[0].strip(" .;-")
    return said if 0 < len(said) <= 120 else dossier.procedure_name[:300]


def _of(dossier: Dossier) -> dict[str, UUID]:
    if dossier.business_id:
        return {"business_id": dossier.business_id}
    return {"person_id": dossier.applicant_id} if dossier.applicant_id else {}


def _handed_in(row: Component) -> datetime:
    at = row.supplement.received_at if row.supplement else row.dossier.accepted_at
    assert at is not None
    return at


def _digitised_by(row: Component) -> UUID | None:
    """The official who made the file at a counter, from the paper that was handed in."""
    kind, _colon, account = row.file.created_by.partition(":")
    if kind != "account" or UUID(account) == row.dossier.account_id:
        return None
    at_counter = row.dossier.channel == Channel.COUNTER or row.key.startswith("so-hoa-")  # digitised there later
    return UUID(account) if at_counter else None
