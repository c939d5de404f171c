"""How many services the province offers, by how far they go online; pages about what others decide are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tinhso.core.indicators.declare import NOBODY, Delta, Indicator, Key, Kind, Recounted
from tinhso.core.ledger.consumers import Placed

from .models import ProcedureVersion

services = Indicator(
    "procedures.services",
    title=_("Services in the catalogue"),
    unit=_("services"),
    kind=Kind.STOCK,
    dims=("online",),
    describe=_("Procedures of the province in force; wholly online by all of them is the share of full services."),
    version=2,
)


def _delta(entry: Placed, amount: int) -> Delta | None:
    """What an entry changes; a version never changes after it was published, so its row says how far it goes online."""
    version = ProcedureVersion.objects.filter(procedure_id=entry.subject_id, number=entry.data["number"])
    online = _offered(version.values_list("facets", flat=True).first() or ())
    return Delta(online, amount=amount, agency=NOBODY) if online else None


def _offered(facets: Iterable[str]) -> str:
    """full, partial or information; empty: others than the province decide it."""
    return next((one.removeprefix("offered:") for one in facets if one.startswith("offered:")), "")


@services.on("procedures.published")
def _published(entry: Placed) -> Delta | None:
    return _delta(entry, +1)


@services.on("procedures.withdrawn")
def _withdrawn(entry: Placed) -> Delta | None:
    return _delta(entry, -1)


@services.recounted
def _recount() -> Iterable[Recounted]:
    changes: Counter[Key] = Counter()
    for facets, published, withdrawn in ProcedureVersion.objects.values_list("facets", "published_at", "withdrawn_at"):
        if not (online := _offered(facets)):
            continue
        changes[Key(timezone.localtime(published).date(), NOBODY, online)] += 1
        if withdrawn:
            changes[Key(timezone.localtime(withdrawn).date(), NOBODY, online)] -= 1
    return [Recounted(key, 0, amount) for key, amount in changes.items()]
