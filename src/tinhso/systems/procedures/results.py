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
    {"write": [{"kind": "paragraph", "text": "Ông {name} …", "when": …}]}   parts of a letter: words with answers read
                                                             out between them, each left out where `when` does not hold

What has no answer gives nothing and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.forms import conditions
from tinhso.core.forms.conditions import holds, problem
from tinhso.core.forms.definition import FormDefinition, flat, nested

from .models import Variant

_KEYS = {
    frozenset({"read"}),
    frozenset({"first"}),
    frozenset({"choose", "from"}),
    frozenset({"text", "of"}),
    frozenset({"when", "in", "then"}),
    frozenset({"value"}),
    frozenset({"write"}),
}
PARTS = ("paragraph", "line", "fact", "item", "heading", "centre")  # of a letter; see `letters/designed.typ`
FIELD = re.compile(r"\{([a-z0-9_.]+)\}")  # an answer within the words of a part
BLANK = "……………"


def starting_content(variant: Variant, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Raw answers that the officer's result form starts with, from the applicant's clean answers."""
    return mapped(variant.result_start, FormDefinition.load(variant.form), answers)


def letter_data(variant: Variant, content: Mapping[str, Any]) -> dict[str, Any]:
    """The result letter's own data from the officer's clean answers; head and signer are added by the caller.

    Texts that were left out are empty strings, so that a template need not ask.
    """
    return told(variant.result_data, FormDefinition.load(variant.result_form), content)


def told(data: Mapping[str, Any], stated: FormDefinition, content: Mapping[str, Any]) -> dict[str, Any]:
    """A letter's own data by its mapping, from clean answers to the form in which the officer states the result."""
    absent = dict.fromkeys(data, "")
    return nested(absent | flat(mapped(data, stated, content)))


def mapped(mapping: Mapping[str, Any], form: FormDefinition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a mapping makes of clean answers to a form, nested."""
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
        fits = by_path.get(expression["when"]) in expression["in"]
        return _evaluate(expression["then"], form, by_path) if fits else None
    if "write" in expression:
        answers = nested(by_path)
        return [
            {"kind": one["kind"], "text": FIELD.sub(lambda found: form.read(found[1], answers) or BLANK, one["text"])}
            for one in expression["write"]
            if "when" not in one or holds(one["when"], by_path)
        ]
    return expression["value"]


def check_mapping(mapping: Mapping[str, Any], form: FormDefinition) -> str:
    """Why a mapping cannot stand with a form; empty when it can."""
    return next((wrong for expression in mapping.values() if (wrong := _wrong(expression, form))), "")


def _wrong(expression: Any, form: FormDefinition) -> str:
    if isinstance(expression, str):
        return "" if expression in form.questions else f"{expression!r} is not asked"
    if "write" in expression:
        return next((wrong for one in expression["write"] if (wrong := _wrong_part(one, form))), "")
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


def _wrong_part(part: Mapping[str, Any], form: FormDefinition) -> str:
    if part["kind"] not in PARTS or not isinstance(part["text"], str):
        return f"unknown part of a letter {part['kind']!r}"
    for path in FIELD.findall(part["text"]):
        if path not in form.questions and f"{path}.province" not in form.questions:
            return _("the letter names “%(path)s”, which the officer does not state") % {"path": path}
    return problem(part["when"], form.questions) if "when" in part else ""


def paths(expression: Any) -> Iterator[str]:
    """The paths of answers that an expression looks at."""
    if isinstance(expression, str):
        yield expression
        return
    for key in ("read", "of", "when"):
        if key in expression:
            yield expression[key]
    inner = [expression[key] for key in ("choose", "then") if key in expression]
    inner += expression.get("first", [])
    inner += [one for one in expression.get("from", {}).values() if not isinstance(one, str)]  # strings are words
    for one in inner:
        yield from paths(one)
    for part in expression.get("write", ()):
        yield from FIELD.findall(part["text"])
        yield from conditions.fields(part.get("when", {}))
