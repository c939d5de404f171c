"""Finding. Rights are part of the query: what one may not see is not counted, hinted or ordered by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from tinhso.core.agencies.models import Staff
from tinhso.core.agencies.queries import agencies_of

from .index import KINDS, Kind
from .models import VECTOR, SearchDocument
from .text import tsquery

After = tuple[datetime, UUID]


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    kind: Kind
    subject_id: UUID
    title: str
    note: str
    url: str
    updated_at: datetime


@dataclass(frozen=True)
class Hits:
    """Things found, newest first; `after` asks for those that follow, None when there are none."""

    hits: list[Hit]
    after: After | None


def search(
    query: str,
    *,
    staff: Staff | None = None,
    owner: UUID | None = None,
    kinds: Sequence[Kind] = (),
    limit: int = 20,
    after: After | None = None,
) -> Hits:
    """What contains all words of `query`, the last of which may be only begun.

    Shows what is public, what the agencies that `staff` reaches may find, and what the account
    `owner` owns; with neither, only what is public. `kinds` empty means all.
    """
    words = tsquery(query)
    if not words:
        return Hits([], None)
    rights = Q(public=True)
    if staff is not None:
        rights |= Q(agencies__overlap=ArraySubquery(agencies_of(staff).values("pk")))
    if owner is not None:
        rights |= Q(owners__contains=[owner])
    found = (
        SearchDocument.objects.annotate(vector=VECTOR)
        .filter(
            rights,
            vector=SearchQuery(words, config="simple", search_type="raw"),
            kind__in=[kind.name for kind in kinds] or list(KINDS),
        )
        .order_by("-updated_at", "-id")
    )
    if after:
        moment, last = after
        found = found.filter(Q(updated_at__lt=moment) | Q(updated_at=moment, id__lt=last))
    rows = list(found[: limit + 1])
    hits = [
        Hit(kind := KINDS[row.kind], row.subject_id, row.title, row.note, kind.url(row.subject_id), row.updated_at)
        for row in rows[:limit]
    ]
    following = (rows[limit - 1].updated_at, rows[limit - 1].pk) if len(rows) > limit else None
    return Hits(hits, following)
