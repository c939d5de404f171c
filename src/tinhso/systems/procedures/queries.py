"""Finding procedures, and what is in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from time import monotonic
from unicodedata import normalize
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet

from tinhso.core.indicators.queries import figure
from tinhso.core.search.text import bare, fold, tsquery

from .models import VECTOR, Facet, Procedure, ProcedureVersion, Variant, in_language

_IN_FORCE = "version__procedure__field", "form", "result_form"
_LONG = "components", "result_start", "result_data", "version__steps", "version__stated", "version__legal_basis"
KEPT = 60.0  # seconds for which a process keeps a variant; only the name of its field can change meanwhile


PAGE = 20


@dataclass(frozen=True)
class Listed:
    """A procedure as lists show it. Limit and channels are those of its first case; without cases it only informs."""

    code: str
    name: str
    name_en: str
    level: str
    field: str
    field_en: str
    online: str
    cases: int
    case: str
    case_en: str
    amount: int
    unit: str
    cutoff: time | None
    channels: Sequence[str]

    @property
    def title(self) -> str:
        """The official name in the reader's language."""
        return in_language(self.name, self.name_en)

    @property
    def short(self) -> str:
        """What people call it: official names run over five lines, that of an only case does not."""
        return in_language(self.case, self.case_en) if self.cases == 1 else self.title

    @property
    def field_title(self) -> str:
        """The field of administration in the reader's language."""
        return in_language(self.field, self.field_en)


# Written out, because building it takes the ORM longer than PostgreSQL answering it. What is found is looked for in
# one table only, and a page of it is then completed.
_LISTED = """
SELECT procedure.code, procedure.name, procedure.name_en, procedure.level, field.name, field.name_en, version.online,
    COALESCE(one.cases, 0), COALESCE(one.name, ''), COALESCE(one.name_en, ''), COALESCE(one.amount, 0),
    COALESCE(one.unit, ''), one.cutoff, COALESCE(one.channels, '{{}}')
FROM ({found}) found
JOIN procedures_procedure procedure ON procedure.id = found.id
JOIN procedures_field field ON field.id = procedure.field_id
JOIN procedures_procedureversion version ON version.procedure_id = found.id AND version.withdrawn_at IS NULL
LEFT JOIN LATERAL (
    SELECT count(*) OVER () AS cases, variant.name, variant.name_en, amount, unit, cutoff, channels
    FROM procedures_variant variant WHERE variant.version_id = version.id ORDER BY variant."order" LIMIT 1
) one ON true
ORDER BY {order}
"""
_BY_CODE = """
SELECT id, code FROM procedures_procedure
WHERE facets <> '{{}}' AND code > %(after)s {only} ORDER BY code LIMIT %(limit)s
"""
_BY_WORDS = """
SELECT id, search LIKE %(phrase)s AS together, length(name) AS long, code FROM procedures_procedure
WHERE to_tsvector('simple', COALESCE(search, '')) @@ to_tsquery('simple', %(words)s) AND facets <> '{{}}' {only}
ORDER BY together DESC, long, code LIMIT %(limit)s OFFSET %(skip)s
"""
# When nothing has all the words: what has more than half of them, most first. The index answers word by word, so no
# procedure is cut into words anew: that took 0.3 to 1.8 s for sentences of a whole country's catalogue.
_BY_MOST_WORDS = """
SELECT id, shared AS together, length(name) AS long, code FROM (
    SELECT procedure.id, count(*) AS shared FROM unnest(%(each)s::text[]) word
    JOIN procedures_procedure procedure
        ON to_tsvector('simple', COALESCE(search, '')) @@ to_tsquery('simple', word)
    GROUP BY procedure.id HAVING count(*) * 2 > %(all)s
) near JOIN procedures_procedure USING (id) WHERE facets <> '{{}}' {only}
ORDER BY together DESC, long, code LIMIT %(limit)s OFFSET %(skip)s
"""
_MOST_WORDS = 12  # of a sentence are looked for; each costs about a millisecond
# What people write around the thing they look for. Without diacritics some are also words that matter ("đấu giá",
# "dược", "khí", "thi"), so whoever types diacritics is read with them; "em" matters ("trẻ em") either way.
_ASKED = ["làm", "xin", "cho", "tôi", "muốn", "cần", "hỏi", "biết", "ở", "đâu", "như", "nào", "được", "phải", "gì"]
_BETWEEN = ["giúp", "để", "là", "và", "khi", "thì", "của", "với", "các", "những", "này", "mà", "giờ", "rồi"]
_AROUND = frozenset([*_ASKED, *_BETWEEN])
_AROUND_BARE = frozenset(map(bare, _AROUND))
_ONLY = "AND facets @> %(facets)s::varchar[]"


def _listed(found: str, order: str, facets: Sequence[str], **asked: str | int | list[str]) -> list[Listed]:
    # No facet has a NUL, which PostgreSQL takes in no text.
    asked_facets = [one.replace("\0", "") for one in facets]
    sql = _LISTED.format(found=found.format(only=_ONLY if facets else ""), order=order)
    with connection.cursor() as cursor:
        cursor.execute(sql, {**asked, "facets": asked_facets})
        return [Listed(*row) for row in cursor.fetchall()]


def listing(facets: Sequence[str] = (), *, after: str = "", limit: int = PAGE) -> tuple[list[Listed], str]:
    """A page of what is offered and has all of these `facets`, by code, and the code after which the next page
    begins; empty: there is none."""
    rows = _listed(_BY_CODE, "found.code", facets, after=after.replace("\0", ""), limit=limit + 1)
    return rows[:limit], rows[limit - 1].code if len(rows) > limit else ""


def search(words: str, limit: int = 50, *, facets: Sequence[str] = (), skip: int = 0) -> list[Listed]:
    """Procedures that have all these words, diacritics or not, the last maybe only begun; best first.

    Best is what has the words one behind the other, and of these the shortest name. Of a long text its first 200
    characters are read.
    """
    query = tsquery(words[:200])
    if not query:
        return []
    order = "found.together DESC, found.long, found.code"
    phrase = f"% {fold(words[:200])}%"  # of letters, digits and spaces
    return _listed(_BY_WORDS, order, facets, words=query, phrase=phrase, limit=limit, skip=skip)


def search_near(words: str, limit: int = 50, *, facets: Sequence[str] = (), skip: int = 0) -> tuple[list[Listed], bool]:
    """As `search`; but where nothing has all the words, what has more than half of those that matter, most first, of
    a sentence the first 12: people write whole sentences. And whether it is only that."""
    found = search(words, limit, facets=facets, skip=skip)
    if found or (skip and search(words, 1, facets=facets)):
        return found, False
    each = _that_matter(words[:200])
    if not each or len(words[:200].split()) == 1:
        return [], False
    order = "found.together DESC, found.long, found.code"
    near = _listed(_BY_MOST_WORDS, order, facets, each=each, all=len(each), limit=limit, skip=skip)
    return near, bool(near)


def _that_matter(text: str) -> list[str]:
    """The words of a text, folded, without what people write around them."""
    text = normalize("NFC", text.casefold())
    around = _AROUND_BARE if bare(text) == text else _AROUND
    said = (token for token in text.split() if "".join(filter(str.isalnum, token)) not in around)
    return list(dict.fromkeys(fold(" ".join(said)).split()))[:_MOST_WORDS]


def with_errands() -> QuerySet[Procedure]:
    """Procedures in force that people come for often enough to stand on the home page."""
    return Procedure.objects.exclude(errands=[]).exclude(facets=[]).select_related("field").order_by("code")


def facets() -> list[Facet]:
    """By what the catalogue can be browsed now, those with most procedures first."""
    return list(Facet.objects.filter(services__gt=0).order_by("-services", "name"))


def in_words(facet: Facet) -> str:
    """How a facet is called on pages."""
    kind, _colon, value = facet.key.partition(":")
    if kind == "level":
        return str(Procedure.Level(value).label)
    return str(ProcedureVersion.Online(value).label) if kind in ("online", "offered") else facet.title


@dataclass(frozen=True)
class Share:
    """How many of the services that the province offers are wholly online."""

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
    return _share({facet.value: facet.services for facet in found if facet.key.startswith("offered:")})


def share_on(day: date) -> Share:
    """The same as it stood at the end of a day, from the figure that follows the ledger."""
    rows = figure("procedures.services", since=day, until=day, by="online").rows
    return _share({row.of: row.sum for row in rows})


def _share(counts: Mapping[str, int]) -> Share:
    return Share(counts.get("full", 0), counts.get("partial", 0), counts.get("information", 0))


def version_in_force(code: str) -> ProcedureVersion | None:
    """The version that applications follow today; None where the procedure is unknown or withdrawn."""
    if "\0" in code:  # which PostgreSQL takes in no text, so nothing is called so
        return None
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
    if "\0" in code or "\0" in key:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE_BY_CODE, {"code": code, "key": key})
        found = cursor.fetchall()
    return _variant(found[0][0], int(monotonic() // KEPT)) if len(found) == 1 else None


@lru_cache(maxsize=256)
def _variant(pk: UUID, while_: int) -> Variant:
    return Variant.objects.select_related(*_IN_FORCE).get(pk=pk)


def variants_by_channel(channel: str, words: str = "", *, skip: int = 0, limit: int = PAGE) -> list[Variant]:
    """A page of the variants in force that are offered by counter, online or post: by code, or those of procedures
    that have all these words, as `search` reads them."""
    return variants_in_force(words, channel=channel, skip=skip, limit=limit)


def variants_in_force(words: str = "", *, channel: str = "", skip: int = 0, limit: int = PAGE) -> list[Variant]:
    """The same by any channel, unless one is named."""
    found = Variant.objects.filter(version__withdrawn_at=None)
    if channel:
        found = found.filter(channels__contains=[channel])
    if words.strip():
        query = tsquery(words[:200])
        if not query:
            return []
        meant = Procedure.objects.annotate(vector=VECTOR).filter(
            vector=SearchQuery(query, config="simple", search_type="raw")
        )
        found = found.filter(version__procedure__in=meant.values("pk"))
    found = found.select_related("version__procedure__field").order_by("version__procedure__code", "order")
    return list(found.defer(*_LONG)[skip : skip + limit])


def names(codes: Collection[str]) -> dict[str, str]:
    """The official names of procedures by their codes."""
    return dict(Procedure.objects.filter(code__in=codes).values_list("code", "name"))
