"""The figures dossiers offer."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tinhso.core.indicators.declare import Delta, Indicator, Key, Kind, Recounted
from tinhso.core.ledger.consumers import Placed

from .models import Dossier, FeeReceipt, State
from .moves import Move, moves

submitted = Indicator(
    "dossiers.submitted",
    title=_("Dossiers submitted"),
    unit=_("dossiers"),
    kind=Kind.COUNT,
    dims=("procedure", "channel"),
)
processed = Indicator(
    "dossiers.processed",
    title=_("Results issued"),
    unit=_("dossiers"),
    kind=Kind.COUNT,
    dims=("procedure", "on_time"),
)
open_now = Indicator(
    "dossiers.open", title=_("Dossiers in process"), unit=_("dossiers"), kind=Kind.STOCK, dims=("procedure",), version=2
)
fees = Indicator("dossiers.fees", title=_("Fees taken at counters"), unit=_("dong"), kind=Kind.SUM)


@submitted.on("dossiers.submitted")
def _submitted(entry: Placed) -> Delta:
    return Delta(entry.data["procedure"], entry.data["channel"])


@processed.on("dossiers.result_issued")
def _processed(entry: Placed) -> Delta:
    return Delta(entry.data["procedure"], "yes" if entry.data["on_time"] else "no")


@open_now.on("dossiers.submitted")
def _comes(entry: Placed) -> Delta:
    return Delta(entry.data["procedure"])


@open_now.on("dossiers.inherited")
def _is_inherited(entry: Placed) -> Delta | None:
    return Delta(entry.data["procedure"]) if entry.data["competent"] else None


@open_now.on("dossiers.transferred")
def _is_passed_on(entry: Placed) -> Delta:
    return Delta(entry.data["procedure"])


@open_now.on("dossiers.left_agency")
def _leaves_its_agency(entry: Placed) -> Delta:
    return Delta(entry.data["procedure"], amount=-1)


@open_now.on("dossiers.taken_over")
def _comes_over(entry: Placed) -> Delta | None:
    """Counted from the day it is here; one that only waits to be fetched is in process no more."""
    return None if entry.data["state"] == State.PROCESSED else Delta(entry.data["procedure"])


def _goes(entry: Placed) -> Delta:
    return Delta(entry.data["procedure"], amount=-1)


for _event in ("dossiers.refused", "dossiers.withdrawn", "dossiers.stopped", "dossiers.result_issued"):
    open_now.on(_event)(_goes)


@fees.on("dossiers.fee_taken")
def _taken(entry: Placed) -> Delta:
    return Delta(amount=entry.data["amount"])


# The same from the rows: a difference is a bug (shown by tests and by `make soak`).


def _by_day(rows: QuerySet[Dossier], field: str, *dims: str) -> Iterable[tuple[Key, int]]:
    zone = timezone.get_default_timezone()
    grouped = rows.annotate(day=TruncDate(field, tzinfo=zone)).values("day", "agency_id", *dims).annotate(n=Count("pk"))
    for row in grouped:
        values = [str(row[d]) for d in dims] + ["", ""]
        yield Key(row["day"], row["agency_id"], values[0], values[1]), row["n"]


def _moved(rows: QuerySet[Dossier]) -> Iterable[tuple[Dossier, list[Move]]]:
    """Those that were passed on or inherited, which rows show only where they are now."""
    found = moves()
    return ((one, found[one.pk]) for one in rows.filter(pk__in=found).defer("answers"))


def _finished_here() -> QuerySet[Dossier]:
    # Without the first condition those never taken over would go too: to SQL, `<` with nothing is not false.
    return Dossier.objects.exclude(taken_over__isnull=False, finished_at__lt=F("taken_over__at"))


@submitted.recounted
def _count_submitted() -> Iterable[Recounted]:
    rows = Dossier.objects.filter(taken_over=None)  # others were counted by the system they began in
    yield from (Recounted(key, n) for key, n in _by_day(rows, "submitted_at", "procedure_code", "channel"))
    for one, moved in _moved(rows):  # counted where it came
        key = Key(timezone.localtime(one.submitted_at).date(), one.agency_id, one.procedure_code, str(one.channel))
        yield Recounted(key, -1)
        yield Recounted(key._replace(agency=moved[0].before), 1)


@processed.recounted
def _count_processed() -> Iterable[Recounted]:
    done = _finished_here().filter(state__in=[State.PROCESSED, State.RETURNED])
    for on_time, rows in (
        ("yes", done.filter(finished_at__lte=F("due_at"))),
        ("no", done.filter(finished_at__gt=F("due_at"))),
    ):
        for key, n in _by_day(rows, "finished_at", "procedure_code"):
            yield Recounted(key._replace(dim2=on_time), n)


@open_now.recounted
def _count_open() -> Iterable[Recounted]:
    """What came and what went, by day: one more, one fewer."""
    ours, ended = Dossier.objects.filter(taken_over=None), _finished_here().exclude(finished_at=None)
    others = Dossier.objects.filter(taken_over__isnull=False).exclude(finished_at__lt=F("taken_over__at"))
    for rows, field, change in (
        (ours, "submitted_at", 1),
        (others, "taken_over__at", 1),
        (ended, "finished_at", -1),
    ):
        for key, n in _by_day(rows, field, "procedure_code"):
            yield Recounted(key, 0, n * change)
    for one, moved in _moved(Dossier.objects.select_related("taken_over")):
        came = one.taken_over.at if hasattr(one, "taken_over") else one.submitted_at
        shifts = [(came, one.agency_id, -1), (came, moved[0].before, 1)]
        shifts += [shift for move in moved for shift in ((move.at, move.before, -1), (move.at, move.after, 1))]
        for at, agency, change in shifts:
            yield Recounted(Key(timezone.localtime(at).date(), agency, one.procedure_code), 0, change)


@fees.recounted
def _count_fees() -> Iterable[Recounted]:
    rows = FeeReceipt.objects.annotate(day=TruncDate("at", tzinfo=timezone.get_default_timezone()))
    for row in rows.values("day", "dossier__agency_id").annotate(n=Count("pk"), total=Sum("amount")):
        yield Recounted(Key(row["day"], row["dossier__agency_id"]), row["n"], row["total"])
