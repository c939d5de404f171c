"""A form as plain JSON Schema 2020-12, for machines that check answers before they send them.

It describes canonical answers, as `FormDefinition.validate` returns them. Every answer that is
right here is right by the schema. The other way round it says less only where a schema cannot say
it: check digits and centuries inside numbers of persons and taxes, limits that move with today,
the form of e-mail addresses, and which commune lies in which province.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..agencies import units
from .conditions import Condition
from .definition import FormDefinition, nested
from .kinds import MAX_FILES, MAX_PARAGRAPH, MAX_TEXT
from .layout import Question
from .rows import MAX_ROWS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {"not": {"type": "object", "minProperties": 1}}
_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_DIGITS = {"national-id": r"^[0-9]{12}$", "tax-code": r"^[0-9]{10}(-[0-9]{3})?$", "phone": r"^0[0-9]{9,10}$"}


def json_schema(form: FormDefinition) -> dict[str, Any]:
    """The schema of the answers to a form. Questions that do not apply may hold anything, as here."""
    rules: list[dict[str, Any]] = []
    for question in form.questions.values():
        rule = _at(question.path, _answer(question), required=False)
        if question.required and not question.optional_block:
            rule = _at(question.path, _answer(question), required=True)
        elif question.required:
            rule = {"allOf": [rule, _if(_begun(question.optional_block), _needs(question.path))]}
        rules.append(_if(_all(form, question), rule))
    for paths in form.one_of:
        first = form.questions[paths[0]]
        one = {"anyOf": [_needs(path) for path in paths]}
        rule = _if(_begun(first.optional_block), one) if first.optional_block else one
        rules.append(_if(_all(form, first), rule))
    known = nested(dict.fromkeys(form.questions, True))
    return {"$schema": DIALECT, "title": form.title, **_known(known), "allOf": rules}


def _known(places: Mapping[str, Any]) -> dict[str, Any]:
    """Objects with these members and no others; what no question asks within an answer is refused too."""
    inner = {key: _PLAIN if value is True else _known(value) for key, value in places.items()}
    return {"type": "object", "properties": inner, "additionalProperties": False}


def _at(path: str, schema: Any, *, required: bool) -> dict[str, Any]:
    """This schema for what stands at a dotted path, which may have to be there."""
    first, _dot, rest = path.partition(".")
    inner = _at(rest, schema, required=required) if rest else schema
    return {"properties": {first: inner}, **({"required": [first]} if required else {})}


def _needs(path: str) -> dict[str, Any]:
    return _at(path, True, required=True)


def _begun(block: str) -> dict[str, Any]:
    """Whether anything inside a block that may be left out is answered."""
    first, _dot, rest = block.partition(".")
    inner = _begun(rest) if rest else {"minProperties": 1}
    return {"properties": {first: inner}, "required": [first]}


def _if(condition: Any, then: dict[str, Any]) -> dict[str, Any]:
    return then if condition is True else {"if": condition, "then": then}


def _all(form: FormDefinition, question: Question) -> Any:
    """When a question applies; an answer that itself does not apply decides nothing."""
    parts = [_holds(form, condition) for condition in question.when]
    return True if not parts else parts[0] if len(parts) == 1 else {"allOf": parts}


def _holds(form: FormDefinition, condition: Condition) -> Any:
    for word, said in (("all", "allOf"), ("any", "anyOf")):
        if word in condition:
            return {said: [_holds(form, part) for part in condition[word]]}
    if "not" in condition:
        return {"not": _holds(form, condition["not"])}
    path = condition["field"]
    told: Any = _at(path, _test(condition), required=True)
    applies = _all(form, form.questions[path])
    told = told if applies is True else {"allOf": [applies, told]}
    return {"not": told} if condition.get("answered") is False else told


def _test(condition: Condition) -> Any:
    if "answered" in condition:
        return True
    if "equals" in condition:
        return {"const": condition["equals"]}
    if "in" in condition:
        return {"enum": list(condition["in"])}
    if "contains" in condition:
        return {"type": "array", "contains": {"const": condition["contains"]}}
    word = "minimum" if "atLeast" in condition else "maximum"
    return {"type": "integer", word: condition["atLeast" if word == "minimum" else "atMost"]}


def _answer(question: Question) -> dict[str, Any]:
    """What an answer to a question is, whatever else was answered."""
    schema, name = question.schema, question.schema.get("format", "")
    if schema["type"] == "integer":
        return {"type": "integer", "minimum": schema.get("minimum", 0), "maximum": schema.get("maximum", 10**15)}
    if schema["type"] == "boolean":
        return {"const": True} if "const" in schema else {"type": "boolean"}
    if question.columns:
        return _rows(question)
    if schema["type"] == "array":
        items: dict[str, Any] = {"enum": list(schema["items"]["enum"])} if "items" in schema else {}
        if name == "file":
            return _list({"type": "string", "pattern": _UUID}, schema.get("maxItems", MAX_FILES))
        return _list(items, len(items["enum"]))
    if "enum" in schema:
        return {"enum": list(schema["enum"])}
    if name == "province":
        return {"enum": [one.code for one in units.provinces()]}
    if name == "commune":
        return {"type": "string", "pattern": r"^[0-9]{5}$"}
    if name == "date":
        return {"type": "string", "format": "date", "pattern": _DATE}
    if name in _DIGITS:
        return {"type": "string", "pattern": _DIGITS[name]}
    longest = schema.get("maxLength", MAX_PARAGRAPH if name == "paragraph" else MAX_TEXT)
    text = {"type": "string", "minLength": max(1, schema.get("minLength", 1)), "maxLength": longest}
    return text | ({"pattern": schema["pattern"]} if "pattern" in schema else {})


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most, "uniqueItems": True}


def _rows(question: Question) -> dict[str, Any]:
    row = {
        "type": "object",
        "minProperties": 1,
        "properties": {column.path: _answer(column) for column in question.columns},
        "required": [column.path for column in question.columns if column.required],
        "additionalProperties": False,
    }
    low, high = question.schema.get("minItems", 0), question.schema.get("maxItems", MAX_ROWS)
    return {"type": "array", "items": row, "minItems": max(1, low), "maxItems": high}
