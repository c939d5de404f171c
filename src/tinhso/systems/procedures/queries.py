"""Finding procedures, and what is in force."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, Case, Prefetch, QuerySet, Value, When
from django.db.models.functions import Length

from tinhso.core.search.text import bare, fold, tsquery

from .models import VECTOR, Facet, Procedure, ProcedureVersion, Variant

_IN_FORCE = "version__procedure__field", "form", "result_form"
KEPT = 60.0  # seconds for which a process keeps a variant; only the name of its field can change meanwhile


PAGE = 20
_LONG = "steps", "requirements", "legal_basis", "complaint", "stated", "applicants", "result"  # not for lists
_FACTS = "version_id", "name", "name_en", "amount", "unit", "cutoff", "channels", "fee_rule", "order", "key"


def in_force(facets: Sequence[str] = ()) -> QuerySet[Procedure]:
    """Procedures that are offered and have all of these `facets`, with their version in force and its variants."""
    current = (
        ProcedureVersion.objects.filter(withdrawn_at=None)
        .defer(*_LONG)
        .prefetch_related(Prefetch("variants", Variant.objects.only(*_FACTS).order_by("order")))
    )
    # No facet has a NUL, which PostgreSQL takes in no text.
    only = {"versions__facets__contains": [one.replace("\0", "") for one in facets]} if facets else {}
    return (
        Procedure.objects.filter(versions__withdrawn_at=None, versions__isnull=False, **only)
        .select_related("field")
        .prefetch_related(Prefetch("versions", queryset=current))
        .order_by("code")
    )


def listing(facets: Sequence[str] = (), *, after: str = "", limit: int = PAGE) -> tuple[list[Procedure], str]:
    """A page of what is offered, by code, and the code after which the next page begins; empty: there is none."""
    rows = list(in_force(facets).filter(code__gt=after.replace("\0", ""))[: limit + 1])
    return rows[:limit], rows[limit - 1].code if len(rows) > limit else ""


def search(words: str, limit: int = 50, *, facets: Sequence[str] = (), skip: int = 0) -> list[Procedure]:
    """Procedures that have all these words, diacritics or not, the last maybe only begun; best first.

    Best is what has the words one behind the other, and of these the shortest name.
    """
    query = tsquery(words[:200])
    if not query:
        return []
    phrase = f" {fold(words[:200])}"
    found = (
        in_force(facets).annotate(vector=VECTOR).filter(vector=SearchQuery(query, config="simple", search_type="raw"))
    )
    together = Case(When(search__contains=phrase, then=Value(True)), default=Value(False), output_field=BooleanField())
    return list(found.order_by(together.desc(), Length("name"), "code")[skip : skip + limit])


def facets() -> list[Facet]:
    """By what the catalogue can be browsed now, those with most procedures first."""
    return list(Facet.objects.filter(services__gt=0).order_by("-services", "name"))


def in_words(facet: Facet) -> str:
    """How a facet is called on pages."""
    kind, _colon, value = facet.key.partition(":")
    if kind == "level":
        return str(Procedure.Level(value).label)
    return str(ProcedureVersion.Online(value).label) if kind == "online" else facet.title


@dataclass(frozen=True)
class Share:
    """How many of the services are wholly online."""

    full: int
    partial: int
    information: int

    @property
    def all(self) -> int:
        return self.full + self.partial + self.information

    @property
    def percent(self) -> float:
        """Of all, in per cent; 0 where there are none."""
        return self.full / self.all * 100 if self.all else 0.0


def share(found: Sequence[Facet]) -> Share:
    """The share of full services, from the counts that publishing and withdrawing keep."""
    counts = {facet.value: facet.services for facet in found if facet.key.startswith("online:")}
    return Share(counts.get("full", 0), counts.get("partial", 0), counts.get("information", 0))


def version_in_force(code: str) -> ProcedureVersion | None:
    """The version that applications follow today; None where the procedure is unknown or withdrawn."""
    return (
        ProcedureVersion.objects.filter(procedure__code=code, withdrawn_at=None)
        .select_related("procedure__field")
        .first()
    )


# Written out, because every submission asks it: building it takes the ORM most of a millisecond.
_IN_FORCE_BY_CODE = """
SELECT variant.id FROM procedures_variant variant
JOIN procedures_procedureversion version ON version.id = variant.version_id
JOIN procedures_procedure procedure ON procedure.id = version.procedure_id
WHERE procedure.code = %(code)s AND version.withdrawn_at IS NULL AND (%(key)s = '' OR variant.key = %(key)s)
LIMIT 2
"""


def variant_in_force(code: str, key: str = "") -> Variant | None:
    """A variant of the version in force; without a key the only one there is.

    Which one that is, is asked anew each time; what it says never changes and is kept.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE_BY_CODE, {"code": code, "key": key})
        found = cursor.fetchall()
    return _variant(found[0][0], int(time.monotonic() // KEPT)) if len(found) == 1 else None


@lru_cache(maxsize=256)
def _variant(pk: UUID, while_: int) -> Variant:
    return Variant.objects.select_related(*_IN_FORCE).get(pk=pk)


def variants_by_channel(channel: str) -> list[Variant]:
    """Variants in force that are offered by counter, online or post, by field and name."""
    variants = Variant.objects.filter(version__withdrawn_at=None, channels__contains=[channel])
    return sorted(
        variants.select_related(*_IN_FORCE), key=lambda v: (bare(v.version.procedure.field.name), bare(v.name))
    )


def names(codes: Collection[str]) -> dict[str, str]:
    """The official names of procedures by their codes."""
    return dict(Procedure.objects.filter(code__in=codes).values_list("code", "name"))
