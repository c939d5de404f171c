"""Answers that a constructed citizen gives to any form, by what its questions ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from tinhso.core.files.models import FileLink
from tinhso.core.forms.definition import FormDefinition, flat, nested
from tinhso.core.forms.layout import Question
from tinhso.simulation.people import Citizen

# Choices that need no further papers or people come first in the shipped forms; so the first is the usual one.
USUAL = 0.8
DAYS_AGO = 3650


def demands_paper(form: FormDefinition) -> bool:
    """Whether a file must be uploaded with it."""
    return any(q.required and q.kind.input == "file" and not q.optional_block for q in form.questions.values())


def answers(
    form: FormDefinition,
    citizen: Citizen,
    unit: str,
    on: date,
    chance: Random,
    begun: Mapping[str, Any] | None = None,
    paper: Callable[[], FileLink] | None = None,
) -> dict[str, Any]:
    """Clean answers of a whole form, beside those `begun`; every block that is a person is the citizen, every
    place their commune. Where a file must be given, it is a `paper`; without any such a form raises `FormErrors`."""
    clean: dict[str, Any] = flat(begun or {})
    alternatives = {path for paths in form.one_of for path in paths[:1]}
    for path, question in form.questions.items():
        asked = question.required or path in alternatives or path.endswith((".phone", ".national_id"))
        if not asked or path in clean or not question.applies(clean):
            continue
        if question.kind.input != "file":
            clean[path] = _answer(question, citizen, unit, on, chance)
        elif paper:
            clean[path] = [str(paper().pk)]
    return form.validate(nested(clean), on=on)


def _answer(question: Question, citizen: Citizen, unit: str, on: date, chance: Random) -> Any:
    block, _dot, last = question.path.rpartition(".")
    schema, born = question.schema, citizen.born
    if block.endswith("child"):  # a birth is declared within 60 days
        born = on - timedelta(days=chance.randrange(1, 60))
    known = {
        "full_name": citizen.full_name,
        "national_id": citizen.national_id,
        "phone": citizen.phone,
        "birth_date": born.isoformat(),
        "sex": citizen.sex,
        "province": citizen.province,
        "commune": unit,
        "detail": f"{chance.randint(1, 300)} đường Nơ Trang Lơng",
        "ethnicity": "Kinh",
        "nationality": "Việt Nam",
        "tax_code": "",
        "account_number": f"{citizen.number:010}",
    }
    if last in known:
        return known[last]
    kind = schema.get("format", schema["type"])
    if question.options:
        keys = [key for key, _label in question.options]
        one = keys[0] if chance.random() < USUAL else chance.choice(keys)
        return [one] if schema["type"] == "array" else one
    if kind == "date":
        return (on - timedelta(days=chance.randrange(1, DAYS_AGO))).isoformat()
    if kind in ("integer", "money"):
        low, high = schema.get("minimum", 0), schema.get("maximum", 10**6)
        return min(high, low + int(chance.expovariate(0.7)))
    if schema["type"] == "boolean":
        return True
    if kind == "email":
        return "mo-phong@example.invalid"
    words = "Nội dung mô phỏng"
    return words.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", 250)]
