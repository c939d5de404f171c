"""What the state already knows is offered, not asked again; only with consent, always marked.

A definition names where an answer may come from: `"prefill": "person.full_name"`, or
`"prefill": "person"` on a person block for all its parts. Answers are copied: what changes at
the source later changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..accounts.models import Business, Person
from .definition import FormDefinition, flat


@dataclass(frozen=True)
class Source:
    """Somewhere that knows answers. `label` tells the person where from; `values` are by dotted name."""

    name: str
    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Prefilled:
    """Answers by path, and the label of the source of each."""

    answers: dict[str, Any]
    origins: dict[str, str]


def person_source(person: Person) -> Source:
    """What a person's own profile knows, as the source `person`."""
    values = {
        "full_name": person.full_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "sex": person.sex,
        "national_id": person.national_id,
        "tax_code": person.tax_code,
        "phone": person.phone,
        "email": person.email,
        "address.province": person.province_code,
        "address.commune": person.commune_code,
        "address.detail": person.address,
    }
    return Source("person", _("your profile"), {key: value for key, value in values.items() if value})


def business_source(business: Business) -> Source:
    """What is registered of the business that somebody applies for, as the source `business`."""
    return Source("business", business.name, {"name": business.name, "tax_code": business.code})


def earlier_source(answers: Mapping[str, Any], label: str) -> Source:
    """Answers of an earlier dossier of the same person, as the source `earlier`: same path, same answer."""
    return Source("earlier", label, flat(answers))


def prefill(definition: FormDefinition, sources: Iterable[Source], *, consent: bool) -> Prefilled:
    """What `sources`, in order of trust, can answer. Nothing without consent."""
    by_name = {source.name: source for source in sources}
    answers: dict[str, Any] = {}
    origins: dict[str, str] = {}
    if not consent:
        return Prefilled(answers, origins)
    for path, question in definition.questions.items():
        for name, source in by_name.items():
            wanted = question.schema.get("prefill", "")
            key = wanted.removeprefix(f"{name}.") if wanted.startswith(f"{name}.") else ""
            if name == "earlier":
                key = path
            value = source.values.get(key)
            if value not in (None, "", []) and question.kind.input not in ("file", "confirm"):
                answers[path], origins[path] = value, source.label
                break
    return Prefilled(answers, origins)
