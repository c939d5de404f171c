"""When a question applies: a small declarative language, evaluated on the server.

::

    {"field": "purpose", "equals": "marriage"}      the answer is this
    {"field": "purpose", "in": ["marriage", …]}     one of these
    {"field": "papers", "contains": "passport"}     a checkbox list holds this
    {"field": "copies", "atLeast": 3}               a number that is this or more; `atMost`: this or less
    {"field": "note", "answered": true}             anything at all
    {"all": […]}, {"any": […]}, {"not": {…}}

`expressions` writes and reads the same language as text.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

Condition = Mapping[str, Any]
_TESTS = {"equals", "in", "contains", "answered", "atLeast", "atMost"}


def problem(condition: Any, known: Container[str]) -> str:
    """Why a condition cannot stand, given the questions asked before it; empty when it can."""
    if not isinstance(condition, Mapping):
        return "a condition is an object"
    for word in ("all", "any"):
        if word in condition:
            parts = condition[word]
            if len(condition) != 1 or not isinstance(parts, list) or not parts:
                return f"{word} holds a list and stands alone"
            return next((p for part in parts if (p := problem(part, known))), "")
    if "not" in condition:
        return problem(condition["not"], known) if len(condition) == 1 else "not stands alone"
    tests = condition.keys() & _TESTS
    if condition.keys() - _TESTS - {"field"} or len(tests) != 1:
        return f"a condition has a field and one of {', '.join(sorted(_TESTS))}"
    if any(not _number(condition[word]) for word in tests & {"atLeast", "atMost"}):
        return f"{min(tests)} needs a whole number"
    if condition.get("field") not in known:
        return f"{condition.get('field')!r} is not asked before"
    return ""


def fields(condition: Condition) -> Iterator[str]:
    """The paths a condition looks at."""
    for part in (*condition.get("all", ()), *condition.get("any", ())):
        yield from fields(part)
    if "not" in condition:
        yield from fields(condition["not"])
    if "field" in condition:
        yield condition["field"]


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Whether a condition holds for clean answers by path. A missing answer equals nothing."""
    if "all" in condition:
        return all(holds(part, answers) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, answers) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], answers)
    answer = answers.get(condition["field"])
    if "answered" in condition:
        return (answer is not None) is condition["answered"]
    if answer is None:
        return False
    if "equals" in condition:
        return _same(answer, condition["equals"])
    if "atLeast" in condition:
        return _number(answer) and answer >= condition["atLeast"]
    if "atMost" in condition:
        return _number(answer) and answer <= condition["atMost"]
    if "in" in condition:
        return any(_same(answer, one) for one in condition["in"])
    return isinstance(answer, list) and condition["contains"] in answer


def _same(one: Any, other: Any) -> bool:
    # in JSON true is not 1, in Python it is
    return type(one) is type(other) and one == other


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
