"""Changing a form definition piece by piece, as a designer does: pages, groups, questions, notes, columns.

A *place* names a piece: `p:KEY` a page, `g:PAGE:N` a group, `q:FIELD` a question, `n:PAGE:N:M` a note,
`c:FIELD:COLUMN` a column of rows that repeat. Every change leaves a definition that can be read, or is
refused with words for who made it.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..ledger.actions import Refused
from . import conditions
from .conditions import Condition
from .definition import FormDefinition, digest
from .layout import DefinitionError
from .parse import kind_name
from .text import localized

NAME = 30  # letters of a new field's name; the label says what it is
# What a new question of a kind begins with.
NEW: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "paragraph": {"type": "string", "format": "paragraph"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "money": {"type": "integer", "format": "money"},
    "choice": {"type": "string", "enum": []},
    "checkboxes": {"type": "array", "items": {"enum": []}},
    "yes-no": {"type": "boolean"},
    "confirm": {"type": "boolean", "const": True},
    "national-id": {"type": "string", "format": "national-id"},
    "tax-code": {"type": "string", "format": "tax-code"},
    "phone": {"type": "string", "format": "phone"},
    "email": {"type": "string", "format": "email"},
    "province": {"type": "string", "format": "province"},
    "file": {"type": "array", "format": "file", "maxItems": 10, "accept": ["image/*", ".pdf"]},
    "person": {
        "type": "object",
        "format": "person",
        "parts": ["full_name", "birth_date", "national_id", "identity_paper", "phone", "address"],
        "required": ["full_name"],
        "anyOf": [{"required": ["national_id"]}, {"required": ["identity_paper"]}],
    },
    "address": {"type": "object", "format": "address"},
    "place": {"type": "object", "format": "place"},
    "rows": {"type": "array", "items": {"type": "object", "properties": {}, "required": []}},
}


@dataclass(frozen=True)
class Spot:
    """Where a piece stands: `raw` is item `index` of `among`."""

    among: list[dict[str, Any]]
    index: int

    @property
    def raw(self) -> dict[str, Any]:
        return self.among[self.index]


def kind_of(schema: Mapping[str, Any]) -> str:
    """The kind of a question, by its schema: also person, address and place."""
    return str(schema.get("format", "")) if schema.get("type") == "object" else kind_name(schema)


class Design:
    """A definition to change; `form` is a copy."""

    def __init__(self, form: Mapping[str, Any]) -> None:
        self.form: dict[str, Any] = copy.deepcopy(dict(form))
        self.schema: dict[str, Any] = self.form["schema"]
        self.properties: dict[str, Any] = self.schema["properties"]
        self.pages: list[dict[str, Any]] = self.form["layout"]["pages"]

    # what is there
    def places(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every piece by its place, in the order of asking; columns after their rows."""
        for page in self.pages:
            yield f"p:{page['key']}", page
            for number, group in enumerate(page["groups"]):
                yield f"g:{page['key']}:{number}", group
                for position, item in enumerate(group["items"]):
                    if "note" in item:
                        yield f"n:{page['key']}:{number}:{position}", item
                        continue
                    yield f"q:{item['field']}", item
                    for column in item.get("columns", ()):
                        yield f"c:{item['field']}:{column['field']}", column

    def spot(self, place: str) -> Spot:
        """Raises `Refused` where the piece is no longer there."""
        sort, _colon, rest = place.partition(":")
        key, *numbers = rest.split(":")
        if sort == "p":
            return self._among(self.pages, "key", key)
        if sort in ("g", "n"):
            groups = self._among(self.pages, "key", key).raw["groups"]
            group = self._nth(groups, numbers[0])
            return group if sort == "g" else self._nth(group.raw["items"], numbers[1])
        for page in self.pages:
            for group_ in page["groups"]:
                for index, item in enumerate(group_["items"]):
                    if item.get("field") == key:
                        found = Spot(group_["items"], index)
                        return self._among(found.raw.get("columns", []), "field", numbers[0]) if sort == "c" else found
        raise _gone()

    @staticmethod
    def _among(among: list[dict[str, Any]], name: str, key: str) -> Spot:
        index = next((index for index, one in enumerate(among) if one.get(name) == key), None)
        if index is None:
            raise _gone()
        return Spot(among, index)

    @staticmethod
    def _nth(among: list[dict[str, Any]], number: str) -> Spot:
        index = int(number) if number.isdecimal() else -1
        if not 0 <= index < len(among):
            raise _gone()
        return Spot(among, index)

    def schema_of(self, place: str) -> dict[str, Any]:
        """The schema of the question or column at a place; empty for the others."""
        sort, _colon, rest = place.partition(":")
        field, _colon, column = rest.partition(":")
        found = self.properties.get(field, {}) if sort in "qc" else {}
        return dict(found["items"]["properties"].get(column, {}) if sort == "c" and found else found)

    def required(self, place: str) -> bool:
        """Whether the question or column has to be answered."""
        sort, _colon, rest = place.partition(":")
        field, _colon, column = rest.partition(":")
        if sort == "c":
            return column in self.properties[field]["items"].get("required", ())
        return sort == "q" and field in self.schema.get("required", ())

    def seen(self, place: str) -> str:
        """What a piece was when it was opened, to find out whether somebody changed it since."""
        raw = {key: value for key, value in self.spot(place).raw.items() if key not in ("groups", "items", "columns")}
        return digest({"raw": raw, "schema": self.schema_of(place), "required": self.required(place)})[:16]

    # changes
    def add_page(self, title: str, after: str = "") -> str:
        """A new page after another; else before the last, which is where people declare and send."""
        key = free_name(title, {page["key"] for page in self.pages})
        page = {"key": key, "title": {"vi": title}, "groups": [{"items": []}]}
        index = self.spot(after).index + 1 if after.startswith("p:") else max(len(self.pages) - 1, 0)
        self.pages.insert(index, page)
        return f"p:{key}"

    def add_group(self, legend: str, where: str) -> str:
        """A new group of questions after the one at a place, or last on a page."""
        page, number = self._group_at(where)
        page["groups"].insert(number + 1, {"legend": {"vi": legend}, "items": []})
        return f"g:{page['key']}:{number + 1}"

    def add_note(self, words: str, where: str) -> str:
        """Words between questions."""
        page, number = self._group_at(where)
        items = page["groups"][number]["items"]
        position = self.spot(where).index + 1 if where[0] in "qn" else len(items)
        items.insert(position, {"note": {"vi": words}})
        return f"n:{page['key']}:{number}:{position}"

    def add_question(
        self, kind: str, label: str, where: str, *, required: bool = False, options: Iterable[str] = ()
    ) -> str:
        """A question of a kind, after the piece at a place; at `c:FIELD` a column of those rows that repeat."""
        schema: dict[str, Any] = copy.deepcopy(NEW[kind])
        item: dict[str, Any] = {"label": {"vi": label}}
        if kind in ("choice", "checkboxes"):
            labelled: dict[str, Any] = {}
            for words in options:
                labelled[free_name(words, labelled)] = {"vi": words}
            item["options"] = labelled
            (schema["items"] if kind == "checkboxes" else schema)["enum"] = list(labelled)
        if kind == "rows":
            schema["items"]["properties"]["name"] = {"type": "string"}
            item |= {"row": {"vi": label}, "columns": [{"field": "name", "label": {"vi": label}}]}
        if where.startswith("c:") or (
            where.startswith("q:") and self.spot(where).raw.get("columns") and kind != "rows"
        ):
            return self._add_column(where.split(":")[1], label, schema, item, required)
        name = free_name(label, self.properties)
        self.properties[name] = schema
        self._set_required(name, required or kind == "confirm")
        page, number = self._group_at(where)
        items = page["groups"][number]["items"]
        items.insert(self.spot(where).index + 1 if where[0] in "qn" else len(items), {"field": name, **item})
        return f"q:{name}"

    def _add_column(self, field: str, label: str, schema: dict[str, Any], item: dict[str, Any], required: bool) -> str:
        rows = self.properties[field]["items"]
        if kind_of(schema) in ("file", "confirm", "province", "person", "address", "place"):
            raise Refused("no_column", _("This kind of question cannot stand in rows that repeat."), status=422)
        name = free_name(label, rows["properties"])
        rows["properties"][name] = schema
        rows["required"] = [*rows.get("required", ()), *([name] if required else [])]
        self.spot(f"q:{field}").raw["columns"].append({"field": name, **item})
        return f"c:{field}:{name}"

    def _group_at(self, where: str) -> tuple[dict[str, Any], int]:
        """The page of a place, and the number of the group that it is in; the last group for a page."""
        if where.startswith("c:"):
            where = f"q:{where.split(':')[1]}"
        self.spot(where)  # it is there
        page: dict[str, Any] = self.pages[-1]
        number = 0
        for place, raw in self.places():
            if place.startswith("p:"):
                page, number = raw, 0
            elif place.startswith("g:"):
                number = int(place.rpartition(":")[2])
            if place == where:
                break
        if where.startswith("p:"):
            if not page["groups"]:
                page["groups"].append({"items": []})
            number = len(page["groups"]) - 1
        return page, number

    def change(self, place: str, raw: Mapping[str, Any], schema: Mapping[str, Any] | None, required: bool) -> None:
        """Say a piece anew: keys that are None are taken out; what it holds (groups, items, columns) stays."""
        spot = self.spot(place)
        merged = {**spot.raw, **raw}
        spot.among[spot.index] = {key: value for key, value in merged.items() if value is not None}
        if schema is None:
            return
        field, _colon, column = place.partition(":")[2].partition(":")
        if place.startswith("c:"):
            rows = self.properties[field]["items"]
            rows["properties"][column] = dict(schema)
            others = [name for name in rows.get("required", ()) if name != column]
            rows["required"] = [*others, column] if required else others
        else:
            self.properties[field] = dict(schema)
            self._set_required(field, required)

    def set_when(self, place: str, when: Condition | None) -> None:
        """When a piece is asked at all; None: always."""
        self.change(place, {"when": when}, None, False)

    def _set_required(self, name: str, required: bool) -> None:
        others = [one for one in self.schema.get("required", ()) if one != name]
        self.schema["required"] = [*others, name] if required else others

    def remove(self, place: str) -> None:
        """Take a piece out with all it holds."""
        spot = self.spot(place)
        for field in _fields(place, spot.raw):
            self.properties.pop(field, None)
            self._set_required(field, False)
        if place.startswith("c:"):
            field, _colon, column = place.partition(":")[2].partition(":")
            rows = self.properties[field]["items"]
            if len(spot.among) == 1:
                raise Refused("last_column", _("Rows need at least one column."), status=422)
            del rows["properties"][column]
            rows["required"] = [name for name in rows.get("required", ()) if name != column]
        del spot.among[spot.index]

    def move(self, place: str, step: int) -> str:
        """One up (-1) or down (+1), also over the border of its group or page. The new place."""
        spot = self.spot(place)
        raw = spot.raw
        if 0 <= spot.index + step < len(spot.among):
            spot.among.insert(spot.index + step, spot.among.pop(spot.index))
        elif place[0] in "gqn":
            homes = self._homes(place)
            target = next(number for number, one in enumerate(homes) if one is spot.among) + step
            if 0 <= target < len(homes):
                del spot.among[spot.index]
                homes[target].insert(len(homes[target]) if step < 0 else 0, raw)
        return self.place_of(raw)

    def _homes(self, place: str) -> list[list[dict[str, Any]]]:
        """The lists that a piece of this sort may stand in, in the order of asking."""
        groups = [page["groups"] for page in self.pages]
        return groups if place[0] == "g" else [group["items"] for among in groups for group in among]

    def move_to(self, place: str, target: str) -> str:
        """Before the piece at `target`; into it, at the end, where that is a page or a group. The new place."""
        spot, goal = self.spot(place), self.spot(target)
        raw, aim = spot.raw, goal.raw
        if raw is aim:
            return place
        before: dict[str, Any] | None
        if place[0] == "p":
            page, _number = self._group_at(target)
            among, before = self.pages, page
        elif place[0] == "g":
            page, number = self._group_at(target)
            among, before = page["groups"], (page["groups"][number] if target[0] != "p" else None)
        elif place[0] == "c":
            if goal.among is not spot.among:
                raise Refused("no_column", _("A column stays with its rows."), status=422)
            among, before = spot.among, aim
        else:
            page, number = self._group_at(target)
            among, before = page["groups"][number]["items"], (aim if target[0] in "qn" else None)
        if before is raw:
            return place
        del spot.among[spot.index]
        index = next((index for index, one in enumerate(among) if one is before), len(among))
        among.insert(index, raw)
        return self.place_of(raw)

    def place_of(self, raw: Mapping[str, Any]) -> str:
        """The place of a piece that is there."""
        return next(place for place, one in self.places() if one is raw)

    def checked(self) -> dict[str, Any]:
        """The definition, which can be read. Raises `Refused` naming what would be decided by what comes later."""
        for label, looked_at in self._undecided():
            said = {"one": label, "other": looked_at}
            raise Refused(
                "decided_later",
                _("“%(one)s” is asked or not by the answer to “%(other)s”, which then would not come before it. "
                  "Change that condition first.") % said,
                status=422,
            )  # fmt: skip
        try:
            FormDefinition(self.form)
        except DefinitionError as wrong:
            raise Refused("form_invalid", str(wrong), status=422) from wrong
        return self.form

    def _undecided(self) -> Iterator[tuple[str, str]]:
        """Pieces whose condition looks at what is not asked before them: their label, and that of what they look at."""
        asked: set[str] = set()
        names = {item["field"]: localized(item["label"]) for place, item in self.places() if place[0] == "q"}
        for place, raw in self.places():
            for path in conditions.fields(raw.get("when") or {}):
                field = path.split(".")[0]
                if field not in asked:
                    yield called(raw), names.get(field, field)
            if place.startswith("q:"):
                asked.add(raw["field"])


def called(raw: Mapping[str, Any]) -> str:
    """The words by which a person knows a piece."""
    return localized(raw.get("label") or raw.get("title") or raw.get("legend") or raw.get("note")) or _("a group")


def _fields(place: str, raw: Mapping[str, Any]) -> list[str]:
    """Names of the questions inside a piece."""
    if place.startswith("c:"):
        return []
    groups = raw.get("groups") or [raw]
    items = [item for group in groups for item in group.get("items", [group])]
    return [item["field"] for item in items if "field" in item]


def free_name(words: str, taken: Iterable[str]) -> str:
    """A name from words that nothing else has: `Họ và tên` → `ho_va_ten`."""
    plain = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    letters = "".join(c if c.isascii() and c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    name = "_".join(letters.split())[:NAME].strip("_")
    name = name if name[:1].isalpha() else f"muc_{name}".strip("_")
    used = set(taken)
    return next(
        one for number in range(1, len(used) + 2) if (one := name if number == 1 else f"{name}_{number}") not in used
    )


def _gone() -> Refused:
    return Refused("gone", _("This has been taken out meanwhile. Look at the form as it is now."))
