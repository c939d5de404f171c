"""Finding procedures, and what is in force."""

from __future__ import annotations

import time
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from tinhso.core.search.text import bare, fold

from .models import Procedure, ProcedureVersion, Variant

_IN_FORCE = "version__procedure__field", "form", "result_form"
KEPT = 60.0  # seconds for which a process keeps a variant; only the name of its field can change meanwhile


def in_force() -> QuerySet[Procedure]:
    """Procedures that are offered, with their version in force and its variants at hand."""
    current = ProcedureVersion.objects.filter(withdrawn_at=None).prefetch_related("variants")
    return (
        Procedure.objects.filter(versions__withdrawn_at=None, versions__isnull=False)
        .select_related("field")
        .prefetch_related(Prefetch("versions", queryset=current))
        .order_by("field__name", "code")
    )


def search(words: str, limit: int = 50) -> list[Procedure]:
    """Procedures that have all these words, diacritics or not, the last maybe only begun; best first."""
    folded = fold(words[:200]).split()
    if not folded:
        return []
    found = in_force()
    for word in folded[:12]:
        found = found.filter(search__contains=f" {word}")
    phrase = f" {' '.join(folded)}"
    return sorted(found[:limit], key=lambda one: (phrase not in f" {fold(one.name)}", len(one.name)))


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
