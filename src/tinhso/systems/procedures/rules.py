"""Law and figures that may change, as data with their dates of effect: the folder `rules/`."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "rules"


@lru_cache
def read(name: str) -> Any:
    """The file `rules/<name>.json`."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def in_effect(rules: Iterable[dict[str, Any]], on: date) -> dict[str, Any]:
    """The rule in effect on a day: the latest that began and has not ended. Raises LookupError."""
    begun = [one for one in rules if one["from"] <= on.isoformat() <= (one.get("until") or "9999-12-31")]
    if not begun:
        raise LookupError(f"no rule was in effect on {on}")
    return max(begun, key=lambda one: str(one["from"]))


def plain(text: str) -> str:
    """A text to look for words in: small letters, one way of writing the tone of `ủy`, single spaces."""
    text = unicodedata.normalize("NFC", text).casefold().replace("uỷ", "ủy")
    return " ".join(text.split())


def has(text: str, words: Iterable[str]) -> bool:
    """Whether a `plain` text has any of these words, whole."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in words)


def competence(field: str, levels: Iterable[str], organs: str, on: date) -> str:
    """Why the province does not decide a procedure: a key of `reasons`; empty: it does."""
    rules = in_effect(read("competence"), on)
    for rule in rules["fields"]:
        if has(plain(field), rule["has"]):
            return str(rule["why"])
    if not {"province", "commune"} & set(levels):
        return "ministry"
    who = plain(organs)
    if has(who, rules["ours"]):
        return ""
    return next((str(rule["why"]) for rule in rules["organs"] if has(who, rule["has"])), "")


def reason(why: str, on: date) -> dict[str, Any]:
    """`{why, place}` in both languages."""
    found: dict[str, Any] = in_effect(read("competence"), on)["reasons"][why]
    return found


def life_events(*texts: str) -> list[dict[str, Any]]:
    """The life events that a procedure belongs to by the words of its name and field."""
    text = plain(" ".join(texts))
    return [event for event in read("events") if has(text, event["has"])]


def criteria(on: date) -> list[dict[str, Any]]:
    """What decides full or partial service (NĐ 42/2022, article 11)."""
    found: list[dict[str, Any]] = in_effect(read("checklist"), on)["criteria"]
    return found


def service_level(met: dict[str, bool], on: date) -> str:
    """full, partial or information, from which criteria are met."""
    rules = criteria(on)
    for level in ("full", "partial"):
        if all(met.get(rule["key"]) for rule in rules if rule[level]):
            return level
    return "information"


def appearance(lines: Iterable[str], on: date) -> str:
    """The sentence of a procedure's steps by which somebody has to appear or to show paper; empty: none says so."""
    words = in_effect(read("checklist"), on)["appear"]["has"]
    sentences = (one for line in lines for one in re.split(r"(?<=[.;])\s", line))
    return next((one for one in sentences if has(plain(one), words)), "")


def of_old_level(name: str, on: date) -> str:
    """full, partial or information for a level as it was called on that day: `4` in 2021. Raises LookupError."""
    names: dict[str, str] = in_effect(read("levels"), on)["names"]
    if name not in names:
        raise LookupError(f"there was no level {name!r} on {on}")
    return names[name]


def labels(on: date) -> dict[str, list[dict[str, str]]]:
    """What full, partial and information were called on that day, in both languages: in 2021 the last had two names.
    Raises LookupError where no rule was in effect."""
    called: dict[str, list[dict[str, str]]] = {"full": [], "partial": [], "information": []}
    for name, words in in_effect(read("levels"), on)["labels"].items():
        called[of_old_level(name, on)].append(words)
    return called
