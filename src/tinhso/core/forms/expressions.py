"""Conditions as text, for people and for the `conditionExpression` of BPMN.

::

    purpose = "marriage" and not (copies >= 3 or papers has "passport")
    purpose in ("marriage", "sale") or note answered
    outcome.consult_land != "agree"

Read by this grammar and nothing else; what is not in it (calls, arithmetic, `${…}`) is refused::

    any    = all {"or" all}
    all    = test {"and" test}
    test   = "not" test | "(" any ")" | path ("=" | "!=") value | path (">=" | "<=") number
           | path "in" "(" value {"," value} ")" | path "has" value | path "answered"
    value  = "\\"" text "\\"" | number | "true" | "false"
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils.translation import gettext as _

from .conditions import Condition

MAX_LENGTH, MAX_DEPTH = 2000, 20
_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\["\\])*")|(?P<number>-?\d{1,15}(?![\w.]))|(?P<sign>!=|>=|<=|[=(),])'
                    r"|(?P<word>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*))")  # fmt: skip
_KEYWORDS = {"and", "or", "not", "in", "has", "answered", "true", "false"}
_LIMITS = {">=": "atLeast", "<=": "atMost"}


class NotReadable(ValueError):
    """A text that is no condition; the message says where, translated."""


def read(text: str) -> Condition:
    """The condition a text says. Raises `NotReadable`."""
    if len(text) > MAX_LENGTH:
        raise NotReadable(_("This condition is too long."))
    return _Reader(text).whole()


class _Reader:
    """A recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at, text = 0, text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise NotReadable(_("“%(part)s” cannot stand in a condition.") % {"part": text[at : at + 20].strip()})
            kind = str(found.lastgroup)
            word = found[kind]
            self.tokens.append(("keyword" if kind == "word" and word in _KEYWORDS else kind, word))
            at = found.end()
        self.next = 0
        self.depth = 0

    def whole(self) -> Condition:
        condition = self.any()
        if self.next < len(self.tokens):
            raise self.wrong()
        return condition

    def wrong(self) -> NotReadable:
        if self.next >= len(self.tokens):
            return NotReadable(_("The condition stops too early."))
        return NotReadable(_("“%(part)s” is not expected here.") % {"part": self.tokens[self.next][1][:40]})

    def take(self, *wanted: str) -> str:
        """The next token if it is one of these signs or keywords, else empty."""
        if self.next < len(self.tokens):
            kind, word = self.tokens[self.next]
            if kind in ("sign", "keyword") and word in wanted:
                self.next += 1
                return word
        return ""

    def must(self, *wanted: str) -> str:
        if not (found := self.take(*wanted)):
            raise self.wrong()
        return found

    def of(self, kind: str) -> str:
        if self.next >= len(self.tokens) or self.tokens[self.next][0] != kind:
            raise self.wrong()
        self.next += 1
        return self.tokens[self.next - 1][1]

    def any(self) -> Condition:
        parts = [self.all()]
        while self.take("or"):
            parts.append(self.all())
        return parts[0] if len(parts) == 1 else {"any": parts}

    def all(self) -> Condition:
        parts = [self.test()]
        while self.take("and"):
            parts.append(self.test())
        return parts[0] if len(parts) == 1 else {"all": parts}

    def test(self) -> Condition:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotReadable(_("This condition is nested too deeply."))
        try:
            if self.take("not"):
                return {"not": self.test()}
            if self.take("("):
                inner = self.any()
                self.must(")")
                return inner
            return self.comparison(self.of("word"))
        finally:
            self.depth -= 1

    def comparison(self, path: str) -> Condition:
        sign = self.must("=", "!=", ">=", "<=", "in", "has", "answered")
        if sign == "answered":
            return {"field": path, "answered": True}
        if sign in _LIMITS:
            return {"field": path, _LIMITS[sign]: int(self.of("number"))}
        if sign == "in":
            self.must("(")
            values = [self.value()]
            while self.take(","):
                values.append(self.value())
            self.must(")")
            return {"field": path, "in": values}
        value = self.value()
        if sign == "has":
            return {"field": path, "contains": value}
        return {"not": {"field": path, "equals": value}} if sign == "!=" else {"field": path, "equals": value}

    def value(self) -> Any:
        if word := self.take("true", "false"):
            return word == "true"
        if self.next < len(self.tokens) and self.tokens[self.next][0] == "number":
            return int(self.of("number"))
        return json.loads(self.of("text"), strict=False)


def write(condition: Condition) -> str:
    """The text of a condition; `read(write(c))` means the same as `c`."""
    for word, between in (("all", " and "), ("any", " or ")):
        if word in condition:
            return between.join(_inner(part) for part in condition[word])
    if "not" in condition:
        inner = condition["not"]
        if "equals" in inner:
            return f"{inner['field']} != {_value(inner['equals'])}"
        return f"not {_inner(inner)}"
    path = condition["field"]
    if "answered" in condition:
        return f"{path} answered" if condition["answered"] else f"not {path} answered"
    if "in" in condition:
        return f"{path} in ({', '.join(map(_value, condition['in']))})"
    signs = (("equals", "="), ("contains", "has"), ("atLeast", ">="), ("atMost", "<="))
    return next(f"{path} {sign} {_value(condition[word])}" for word, sign in signs if word in condition)


def _inner(part: Condition) -> str:
    return f"({write(part)})" if "all" in part or "any" in part else write(part)


def _value(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return json.dumps(value)
