"""Conditions as rows that a person picks: a question, a comparison, its values; joined by “and” and “or”.

`rows` takes a condition apart into alternatives (joined by or) of tests (joined by and) and `condition` puts them
together again; what both say holds for the same answers. What is nested too deeply for rows stays as it is, and
`in_words` says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from .conditions import Condition
from .layout import Block, Page, Question
from .text import localized

MOST = 24  # tests in one condition; more nobody reads
_PLAIN = {"equals": "is", "in": "is", "contains": "has", "atLeast": "least", "atMost": "most"}
_DENIED = {"is": "not", "has": "hasnot"}


class Asking(Protocol):
    """Whatever conditions may look at: a form, or what a process knows."""

    @property
    def pages(self) -> Mapping[str, Page]: ...

    @property
    def questions(self) -> Mapping[str, Question]: ...


@dataclass(frozen=True)
class Test:
    """One row. `how`: is, not, has, hasnot, least, most, answered, empty."""

    field: str
    how: str
    values: tuple[Any, ...] = ()


def rows(condition: Condition) -> list[list[Test]] | None:
    """Alternatives of tests; None where the condition does not come apart into at most `MOST` tests."""
    found = _apart(condition, False)
    return found if found is not None and sum(map(len, found)) <= MOST else None


def _apart(condition: Condition, denied: bool) -> list[list[Test]] | None:
    if "not" in condition:
        return _apart(condition["not"], not denied)
    for word, joins in (("all", True), ("any", False)):
        if word in condition:
            parts = [_apart(part, denied) for part in condition[word]]
            known = [part for part in parts if part is not None]
            if len(known) < len(parts):
                return None
            return _every(known) if joins != denied else [group for part in known for group in part]
    test = _test(condition, denied)
    return None if test is None else [[test]]


def _every(parts: Sequence[list[list[Test]]]) -> list[list[Test]] | None:
    out: list[list[Test]] = [[]]
    for part in parts:
        out = [[*group, *more] for group in out for more in part]
        if len(out) > MOST:
            return None
    return out


def _test(condition: Condition, denied: bool) -> Test | None:
    path = condition["field"]
    if "answered" in condition:
        return Test(path, "answered" if condition["answered"] != denied else "empty")
    word = next(word for word in _PLAIN if word in condition)
    values = tuple(condition[word]) if word == "in" else (condition[word],)
    how = _PLAIN[word]
    if denied and how not in _DENIED:
        return None
    return Test(path, _DENIED[how] if denied else how, values)


def condition(groups: Sequence[Sequence[Test]]) -> Condition | None:
    """The condition that alternatives of tests say; None for none."""
    parts = [_joined("all", [_leaf(test) for test in group]) for group in groups if group]
    return _joined("any", parts) if parts else None


def _joined(word: str, parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else {word: parts}


def _leaf(test: Test) -> Condition:
    one: dict[str, Any] = {"field": test.field}
    if test.how in ("answered", "empty"):
        return one | {"answered": test.how == "answered"}
    if test.how in ("least", "most"):
        return one | {"atLeast" if test.how == "least" else "atMost": test.values[0]}
    if test.how in ("has", "hasnot"):
        one |= {"contains": test.values[0]}
    else:
        one |= {"equals": test.values[0]} if len(test.values) == 1 else {"in": list(test.values)}
    return {"not": one} if test.how in ("not", "hasnot") else one


def comparisons(question: Question) -> list[tuple[str, str]]:
    """How an answer may be compared, in words."""
    answered = [("answered", _("is answered")), ("empty", _("is not answered"))]
    if question.columns or question.kind.input == "file":
        return answered
    if question.kind.input == "checkboxes":
        return [("has", _("holds")), ("hasnot", _("does not hold")), *answered]
    if question.schema["type"] == "integer":
        return [("least", _("is at least")), ("most", _("is at most")), ("is", _("is")), *answered]
    if question.kind.input == "confirm":
        return answered
    return [("is", _("is")), ("not", _("is not")), *answered]


def values(question: Question) -> list[tuple[str, str]]:
    """What to choose a value from: typed value and words; empty where one enters it."""
    if question.depends_on or question.kind.input == "confirm":
        return []
    return question.kind.options(question, {}) if question.kind.input in ("radios", "select", "checkboxes") else []


def labels(definition: Asking) -> dict[str, str]:
    """Path → what a question is called in a list of all: inside a person or an address with whose it is."""
    found: dict[str, str] = {}

    def walk(block: Block, whose: str) -> None:
        for item in block.items:
            if isinstance(item, Block):
                walk(item, " – ".join(filter(None, [whose, localized(item.legend)])))
            elif isinstance(item, Question):
                found[item.path] = f"{whose} – {item.words}" if whose else item.words

    for page in definition.pages.values():
        for block in page.blocks:
            walk(block, "")
    return found


def in_words(condition: Condition, definition: Asking) -> str:
    """The condition as a sentence, by the labels of the questions; a path that is not asked stands for itself."""
    return _said(condition, definition.questions, labels(definition))


def _said(condition: Condition, questions: Mapping[str, Question], called: Mapping[str, str]) -> str:
    for word, between in (("all", _("%(one)s and %(other)s")), ("any", _("%(one)s or %(other)s"))):
        if word in condition:
            words = ""
            for part in condition[word]:
                inner = _said(part, questions, called)
                inner = f"({inner})" if ("all" in part or "any" in part) else inner
                words = between % {"one": words, "other": inner} if words else inner
            return words
    if "not" in condition:
        test = _test(condition["not"], True) if "field" in condition["not"] else None
        if test is None:
            return _("not (%(words)s)") % {"words": _said(condition["not"], questions, called)}
    else:
        test = _test(condition, False)
    assert test is not None
    question = questions.get(test.field)
    told = [_value(value, question) for value in test.values]
    how = {
        "is": _("is"),
        "not": _("is not"),
        "has": _("holds"),
        "hasnot": _("does not hold"),
        "least": _("is at least"),
        "most": _("is at most"),
        "answered": _("is answered"),
        "empty": _("is not answered"),
    }[test.how]
    return f"“{called.get(test.field, test.field)}” {how} {_(' or ').join(told)}".strip()


def _value(value: Any, question: Question | None) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if question is None or isinstance(value, int) != (question.schema["type"] == "integer"):
        return str(value)  # a value of another kind than is answered there
    return question.kind.read([value] if question.kind.input == "checkboxes" else value, question)
