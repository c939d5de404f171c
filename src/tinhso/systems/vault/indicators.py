"""How many papers nobody had to hand in again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tinhso.core.indicators.declare import Delta, Indicator, Key, Kind, Recounted
from tinhso.core.ledger.consumers import Placed
from tinhso.systems.dossiers.models import Component

from .actions import ORIGIN

reused = Indicator(
    "vault.reused",
    title=_("Papers reused from the vault"),
    unit=_("papers"),
    kind=Kind.SUM,
    dims=("procedure", "channel"),
)


@reused.on("dossiers.papers_reused")
def _reused(entry: Placed) -> Delta:
    return Delta(entry.data["procedure"], str(entry.data["channel"]), amount=entry.data["papers"])


@reused.recounted
def _count() -> Iterable[Recounted]:
    """One count a dossier, one to the sum a paper."""
    rows = Component.objects.filter(file__origin=ORIGIN, supplement=None)
    rows = rows.annotate(day=TruncDate("dossier__submitted_at", tzinfo=timezone.get_default_timezone()))
    dims = ("day", "dossier__agency_id", "dossier__procedure_code", "dossier__channel")
    for row in rows.values(*dims).annotate(n=Count("dossier", distinct=True), papers=Count("pk")).order_by():
        day, agency, procedure, channel = (row[name] for name in dims)
        yield Recounted(Key(day, agency, procedure, str(channel)), row["n"], row["papers"])
