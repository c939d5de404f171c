"""The forms whose questions a process may decide by: of changes on their way, else of what is in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinhso.core.forms.definition import DefinitionError, FormDefinition
from tinhso.core.process.asked import forms_from
from tinhso.core.search.text import fold

from .models import Revision
from .queries import variant_in_force, variants_in_force

OPEN = Revision.State.DRAFT, Revision.State.REVIEW
MOST = 20  # offered at once; more words find the others


def _changes(**which: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for one in Revision.objects.filter(state__in=OPEN, **which).order_by("-changed_at").only("code", "data"):
        for case in one.data["variants"]:
            yield f"{one.code}/{case['key']}", f"{one.code} · {case['name']}", case


def _find(words: str) -> list[tuple[str, str]]:
    meant = fold(words).split()
    found = {key: title for key, title, _case in _changes() if all(word in fold(title) for word in meant)}
    for variant in variants_in_force(words, limit=MOST):
        code = variant.version.procedure.code
        found.setdefault(f"{code}/{variant.key}", f"{code} · {variant.title}")
    return list(found.items())[:MOST]


def _read(key: str) -> tuple[str, FormDefinition] | None:
    code, _slash, case = key.partition("/")
    for other, title, data in _changes(code=code):
        if other == key:
            try:
                return title, FormDefinition(data["form"])
            except DefinitionError:
                return None  # an official is in the middle of it
    variant = variant_in_force(code, case) if case else None
    return (f"{code} · {variant.title}", FormDefinition.load(variant.form)) if variant else None


forms_from(_find, _read)
