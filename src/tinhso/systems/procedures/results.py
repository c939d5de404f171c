"""From the applicant's answers to what the officer states, and from there to the letter's data.

Both mappings are data: dotted name → expression. An expression is

::

    "subject.full_name"                                      the answer at that path
    {"read": "subject.address"}                              as a person reads it
    {"first": [expr, …]}                                     the first that gives anything
    {"choose": expr, "from": {"never": expr-or-words, …}}    by the answer; words stand for themselves
    {"text": "kết hôn với {}", "of": path}                   words around an answer read out
    {"when": path, "in": […], "then": expr}                  only for these answers
    {"value": "ông/bà"}                                      itself

What has no answer gives nothing and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinhso.core.forms.definition import FormDefinition, flat, nested

from .models import Variant

_KEYS = {
    frozenset({"read"}),
    frozenset({"first"}),
    frozenset({"choose", "from"}),
    frozenset({"text", "of"}),
    frozenset({"when", "in", "then"}),
    frozenset({"value"}),
}


def starting_content(variant: Variant, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Raw answers that the officer's result form starts with, from the applicant's clean answers."""
    return _map(variant.result_start, FormDefinition.load(variant.form), answers)


def letter_data(variant: Variant, content: Mapping[str, Any]) -> dict[str, Any]:
    """The result letter's own data from the officer's clean answers; head and signer are added by the caller.

    Texts that were left out are empty strings, so that a template need not ask.
    """
    stated = FormDefinition.load(variant.result_form)
    absent = dict.fromkeys(variant.result_data, "")
    return nested(absent | flat(_map(variant.result_data, stated, content)))


def _map(mapping: Mapping[str, Any], form: FormDefinition, answers: Mapping[str, Any]) -> dict[str, Any]:
    by_path = flat(answers)
    values = {name: _evaluate(expression, form, by_path) for name, expression in mapping.items()}
    return nested({name: value for name, value in values.items() if value not in (None, "")})


def _evaluate(expression: Any, form: FormDefinition, by_path: Mapping[str, Any]) -> Any:
    if isinstance(expression, str):
        return by_path.get(expression)
    if "read" in expression:
        return form.read(expression["read"], nested(by_path))
    if "first" in expression:
        values = (_evaluate(one, form, by_path) for one in expression["first"])
        return next((value for value in values if value not in (None, "")), None)
    if "choose" in expression:
        chosen = expression["from"].get(_evaluate(expression["choose"], form, by_path))
        return chosen if isinstance(chosen, str) or chosen is None else _evaluate(chosen, form, by_path)
    if "text" in expression:
        words = form.read(expression["of"], nested(by_path))
        return expression["text"].replace("{}", words) if words else None
    if "when" in expression:
        holds = by_path.get(expression["when"]) in expression["in"]
        return _evaluate(expression["then"], form, by_path) if holds else None
    return expression["value"]


def check_mapping(mapping: Mapping[str, Any], form: FormDefinition) -> str:
    """Why a mapping cannot stand with a form; empty when it can."""
    return next((wrong for expression in mapping.values() if (wrong := _wrong(expression, form))), "")


def _wrong(expression: Any, form: FormDefinition) -> str:
    if isinstance(expression, str):
        return "" if expression in form.questions else f"{expression!r} is not asked"
    if frozenset(expression) not in _KEYS:
        return f"unknown expression {sorted(expression)}"
    inner = [expression[key] for key in ("choose", "then") if key in expression]
    inner += expression.get("first", [])
    inner += [one for one in expression.get("from", {}).values() if not isinstance(one, str)]
    inner += [expression["when"]] if "when" in expression else []
    for key in ("read", "of"):
        path = expression.get(key)
        if path and path not in form.questions and f"{path}.province" not in form.questions:
            return f"{path!r} is not asked"
    return next((wrong for one in inner if (wrong := _wrong(one, form))), "")
