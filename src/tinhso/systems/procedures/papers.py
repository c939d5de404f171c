"""The papers of a case and the questions that ask for them, kept in step."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

ACCEPT = ["image/*", ".pdf"]
_PAGE: dict[str, Any] = {
    "key": "papers",
    "title": {"vi": "Giấy tờ kèm theo", "en": "Papers"},
    "groups": [{"items": []}],
}
_SAID = ("name", "copies", "kind", "required")


def with_papers(variant: Mapping[str, Any], papers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The case with these papers: {key, name, copies, kind, required}, `key` empty for a new one.

    A new paper that is handed in gets its question on the page of papers; one left out takes its question along,
    unless another paper is uploaded there too.
    """
    changed = copy.deepcopy(dict(variant))
    form, before = changed["form"], {one["key"]: one for one in changed["components"]}
    components: list[dict[str, Any]] = []
    for said in papers:
        one = before.get(said["key"]) or {"key": "", "accept": ACCEPT}
        renamed = one.get("name", "") != said["name"]
        one = {**one, **{key: said[key] for key in _SAID}}
        if not one["key"]:
            number = _free(form, [*before, *(other["key"] for other in components)])
            one["key"] = f"paper-{number}"
            if one["kind"] != "shown":
                one["field"] = f"paper_{number}"
                _ask(form, one)
        elif renamed and one.get("field"):
            _rename(form, one, before[one["key"]]["name"])
        components.append(one)
    kept = {one["field"] for one in components if one.get("field")}
    for field in {one["field"] for one in before.values() if one.get("field")} - kept:
        forget(form, field)
    for field in kept:
        _require(form, field, [one for one in components if one.get("field") == field], before)
    changed["components"] = components
    return changed


def _free(form: Mapping[str, Any], keys: Iterable[str]) -> int:
    taken = {*keys, *(name.replace("_", "-") for name in form["schema"]["properties"])}
    return next(number for number in range(1, len(taken) + 2) if f"paper-{number}" not in taken)


def _items(form: Mapping[str, Any]) -> Iterable[list[dict[str, Any]]]:
    for page in form["layout"]["pages"]:
        for group in page["groups"]:
            yield group["items"]


def _ask(form: dict[str, Any], one: Mapping[str, Any]) -> None:
    form["schema"]["properties"][one["field"]] = {"type": "array", "format": "file", "maxItems": 10, "accept": ACCEPT}
    pages = form["layout"]["pages"]
    page = next((page for page in pages if page["key"] == "papers"), None)
    if page is None:
        page = copy.deepcopy(_PAGE)
        pages.insert(max(len(pages) - 1, 0), page)
    page["groups"][-1]["items"].append({"field": one["field"], "label": {"vi": one["name"], "en": one["name"]}})


def _rename(form: Mapping[str, Any], one: Mapping[str, Any], old: str) -> None:
    for items in _items(form):
        for item in items:
            if item.get("field") == one["field"]:
                item["label"] = {
                    language: one["name"] if words == old else words for language, words in item["label"].items()
                }


def forget(form: dict[str, Any], field: str) -> None:
    """Take a question out of a form, with its group and page where nothing else stands on them."""
    schema, pages = form["schema"], form["layout"]["pages"]
    schema["properties"].pop(field, None)
    schema["required"] = [name for name in schema.get("required", ()) if name != field]
    for items in _items(form):
        items[:] = [item for item in items if item.get("field") != field]
    for page in pages:
        page["groups"] = [group for group in page["groups"] if group["items"]]
    pages[:] = [page for page in pages if page["groups"]]


def _require(form: dict[str, Any], field: str, papers: Sequence[Mapping[str, Any]], before: Mapping[str, Any]) -> None:
    """A question follows its paper: required or not, only where an editor changed that."""
    if all(one["key"] in before and before[one["key"]]["required"] == one["required"] for one in papers):
        return
    schema = form["schema"]
    names = [name for name in schema.get("required", ()) if name != field]
    schema["required"] = [*names, field] if any(one["required"] for one in papers) else names
