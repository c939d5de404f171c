"""From the JSON of a definition to pages, blocks and questions; a wrong definition is refused here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import conditions
from .kinds import KINDS
from .layout import Block, DefinitionError, Note, Page, Question
from .rows import MAX_ROWS

_FORMATS = {"date", "email", "phone", "national-id", "tax-code", "paragraph", "province", "commune"}
_KEYWORDS = {
    "string": {"type", "format", "minLength", "maxLength", "pattern", "patternHelp", "enum", "formatMinimum"}
    | {"formatMaximum", "prefill", "default"},
    "integer": {"type", "format", "minimum", "maximum", "prefill", "default"},
    "boolean": {"type", "const", "prefill"},
    "array": {"type", "format", "items", "minItems", "maxItems", "accept", "uniqueItems", "prefill"},
    "object": {"type", "format", "parts", "required", "anyOf", "prefill"},
}
_ITEM = {"field", "label", "help", "options", "widget", "width", "autocomplete", "when", "hint", "labels", "own"}
_ITEM |= {"columns", "row"}
_IN_ROWS = {"text", "paragraph", "date", "integer", "money", "choice", "yes-no", "checkboxes"}
_IN_ROWS |= {"national-id", "tax-code", "phone", "email"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

# What a person block can ask, in the order it asks: schema, words, width, autocomplete (WCAG 1.3.5).
PERSON: dict[str, tuple[dict[str, Any], dict[str, str], str, str]] = {
    "full_name": (
        {"type": "string", "minLength": 2, "maxLength": 120},
        {"vi": "Họ, chữ đệm, tên", "en": "Full name"},
        "full",
        "name",
    ),
    "birth_date": (
        {"type": "string", "format": "date", "formatMaximum": "today"},
        {"vi": "Ngày sinh", "en": "Date of birth"},
        "short",
        "bday",
    ),
    "sex": (
        {"type": "string", "enum": ["male", "female"]},
        {"vi": "Giới tính", "en": "Sex"},
        "short",
        "sex",
    ),
    "ethnicity": ({"type": "string", "maxLength": 60}, {"vi": "Dân tộc", "en": "Ethnic group"}, "short", ""),
    "nationality": (
        {"type": "string", "maxLength": 60, "default": "Việt Nam"},
        {"vi": "Quốc tịch", "en": "Nationality"},
        "short",
        "",
    ),
    "national_id": (
        {"type": "string", "format": "national-id"},
        {"vi": "Số định danh cá nhân", "en": "National ID"},
        "short",
        "",
    ),
    "identity_paper": (
        {"type": "string", "maxLength": 200},
        {"vi": "Giấy tờ tùy thân khác", "en": "Other identity paper"},
        "full",
        "",
    ),
    "phone": ({"type": "string", "format": "phone"}, {"vi": "Số điện thoại", "en": "Telephone"}, "short", "tel"),
    "email": ({"type": "string", "format": "email"}, {"vi": "Thư điện tử", "en": "E-mail"}, "full", "email"),
    "address": ({"type": "object", "format": "address"}, {"vi": "Nơi cư trú", "en": "Residence"}, "full", ""),
}
_HELP = {
    "birth_date": {"vi": "Ví dụ: 22/11/1990", "en": "For example: 22/11/1990"},
    "national_id": {"vi": "12 chữ số, in trên thẻ căn cước", "en": "12 digits, printed on the identity card"},
    "identity_paper": {
        "vi": "Chỉ ghi nếu không có số định danh: loại giấy tờ, số, cơ quan cấp, ngày cấp",
        "en": "If there is no national ID: kind of paper, number, issued by, on",
    },
}
_SEXES = {"male": {"vi": "Nam", "en": "Male"}, "female": {"vi": "Nữ", "en": "Female"}}
_ADDRESS: list[tuple[str, dict[str, Any], dict[str, str], str]] = [
    ("province", {"type": "string", "format": "province"}, {"vi": "Tỉnh, thành phố", "en": "Province"}, ""),
    ("commune", {"type": "string", "format": "commune"}, {"vi": "Xã, phường, đặc khu", "en": "Commune"}, ""),
    (
        "detail",
        {"type": "string", "maxLength": 200},
        {"vi": "Số nhà, đường, thôn, buôn", "en": "House, street, hamlet"},
        "street-address",
    ),
]


def kind_name(schema: Mapping[str, Any]) -> str:
    """Which kind of answer a property's schema describes; empty for none that is known."""
    kind, format_ = schema.get("type"), schema.get("format")
    if kind == "string":
        return "choice" if "enum" in schema else format_ if format_ in _FORMATS else "" if format_ else "text"
    if kind == "integer":
        return {"money": "money", None: "integer"}.get(format_, "")
    if kind == "boolean":
        return "confirm" if schema.get("const") is True else "yes-no"
    if kind == "array":
        items = schema.get("items", {})
        if items.get("type") == "object":
            return "rows"
        return "file" if format_ == "file" else "checkboxes" if "enum" in items else ""
    return ""


class Parser:
    """Reads one definition; `questions` fills in the order in which they are asked."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.schema = source.get("schema", {})
        self.properties: Mapping[str, Any] = self.schema.get("properties", {})
        self.required = set(self.schema.get("required", ()))
        self.questions: dict[str, Question] = {}
        self.pages: list[Page] = []
        self.one_of: list[tuple[str, ...]] = []
        if self.schema.get("type") != "object" or not self.properties:
            raise DefinitionError("the schema is an object with properties")
        for raw in source.get("layout", {}).get("pages", ()):
            self._page(raw)
        left = self.properties.keys() - {path.split(".")[0] for path in self.questions}
        if left or self.required - self.properties.keys():
            raise DefinitionError(f"no page asks {sorted(left or self.required - self.properties.keys())}")
        if len({page.key for page in self.pages}) != len(self.pages):
            raise DefinitionError("two pages have one key")

    def _page(self, raw: Mapping[str, Any]) -> None:
        _known(raw, {"key", "title", "intro", "when", "groups"}, "page")
        if not _NAME.fullmatch(raw.get("key", "")):
            raise DefinitionError(f"page key {raw.get('key')!r}")
        when = self._when(raw, ())
        blocks = tuple(self._group(group, when) for group in raw["groups"])
        self.pages.append(Page(raw["key"], _words(raw, "title"), raw.get("intro", ""), when, blocks))

    def _group(self, raw: Mapping[str, Any], when: tuple[Any, ...]) -> Block:
        _known(raw, {"legend", "help", "when", "hint", "items"}, "group")
        when = self._when(raw, when)
        items = tuple(item for one in raw["items"] for item in self._item(one, when))
        return Block(raw.get("legend", ""), raw.get("help", ""), items)

    def _item(self, raw: Mapping[str, Any], when: tuple[Any, ...]) -> list[Any]:
        if "note" in raw:
            _known(raw, {"note", "when"}, "note")
            return [Note(raw["note"], self._when(raw, when))]
        _known(raw, _ITEM, "item")
        name = raw.get("field", "")
        schema = self.properties.get(name)
        if schema is None or not _NAME.fullmatch(name):
            raise DefinitionError(f"the layout asks {name!r}, which is no property")
        _known(schema, _KEYWORDS.get(schema.get("type", ""), set()), name)
        _words(raw, "label")
        when = self._when(raw, when)
        needed = name in self.required
        if schema["type"] == "object":
            return [self._block(name, schema, raw, needed, when, "" if needed else name)]
        if kind_name(schema) == "rows":
            return [self._rows(name, schema, raw, needed, when)]
        return [self._question(name, schema, raw, needed, when)]

    def _rows(self, name: str, schema: Mapping[str, Any], raw: Mapping[str, Any], needed: bool, when: Any) -> Question:
        items = schema["items"]
        _known(items, {"type", "properties", "required"}, f"{name}: items")
        properties, required = items.get("properties", {}), set(items.get("required", ()))
        columns = []
        for one in raw.get("columns", ()):
            _known(one, _ITEM - {"when", "hint", "columns", "row"}, f"column of {name}")
            key = one.get("field", "")
            inner = properties.get(key)
            if inner is None or not _NAME.fullmatch(key) or kind_name(inner) not in _IN_ROWS:
                raise DefinitionError(f"{name}: {key!r} cannot be a column")
            _known(inner, _KEYWORDS[inner["type"]] - {"prefill", "default"}, f"{name}.{key}")
            columns.append(self._made(key, inner, one, key in required, ()))
        asked = [column.path for column in columns]
        if not asked or sorted(asked) != sorted(properties) or required - set(asked):
            raise DefinitionError(f"{name}: every property of a row is one column, once")
        low, high = schema.get("minItems", 0), schema.get("maxItems", MAX_ROWS)
        if not 0 <= low <= high <= MAX_ROWS:
            raise DefinitionError(f"{name}: from 0 to {MAX_ROWS} rows")
        if name in self.questions:
            raise DefinitionError(f"{name}: asked twice")
        plain = self._made(name, schema, {k: v for k, v in raw.items() if k != "options"}, needed, when)
        self.questions[name] = replace(plain, columns=tuple(columns), row=_words(raw, "row"))
        return self.questions[name]

    def _block(
        self, path: str, schema: Mapping[str, Any], raw: Mapping[str, Any], needed: bool, when: Any, optional: str
    ) -> Block:
        own = bool(raw.get("own"))
        if schema.get("format") in ("address", "place"):  # a place is an address without the house
            parts = [
                (key, sub, {"label": words, "width": "full", "autocomplete": auto if own else ""}, key != "detail")
                for key, sub, words, auto in _ADDRESS[: 3 if schema["format"] == "address" else 2]
            ]
        elif schema.get("format") == "person":
            must = set(schema.get("required", ()))
            unknown = [part for part in schema.get("parts", ["?"]) if part not in PERSON]
            if unknown or must - set(schema["parts"]):
                raise DefinitionError(f"{path}: a person has no {unknown or sorted(must)}")
            parts = [(part, *self._person_part(part, raw, own), part in must) for part in schema["parts"]]
            any_of = [one["required"][0] for one in schema.get("anyOf", ())]
            if set(any_of) - set(schema["parts"]):
                raise DefinitionError(f"{path}: anyOf needs parts that are asked")
            if any_of:
                self.one_of.append(tuple(f"{path}.{part}" for part in any_of))
        else:
            raise DefinitionError(f"{path}: an object is a person, an address or a place")
        items: list[Any] = []
        for key, sub, words, must_answer in parts:
            inner = f"{path}.{key}"
            prefill = schema.get("prefill")
            if prefill:
                sub = {**sub, "prefill": f"{prefill}.{key}"}
            if sub["type"] == "object":
                skip = optional or ("" if must_answer else inner)
                items.append(self._block(inner, sub, words, must_answer, when, skip))
            else:
                items.append(self._question(inner, sub, words, must_answer, when, optional))
        return Block(raw["label"], raw.get("help", ""), tuple(items), path)

    @staticmethod
    def _person_part(part: str, raw: Mapping[str, Any], own: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        schema, words, width, autocomplete = PERSON[part]
        item: dict[str, Any] = {"label": raw.get("labels", {}).get(part, words), "width": width, "own": own}
        item |= {"autocomplete": autocomplete if own else "", "help": _HELP.get(part, "")}
        if part == "sex":
            item["options"] = _SEXES
        return schema, item

    def _question(
        self,
        path: str,
        schema: Mapping[str, Any],
        raw: Mapping[str, Any],
        needed: bool,
        when: tuple[Any, ...],
        optional: str = "",
    ) -> Question:
        if path in self.questions:
            raise DefinitionError(f"{path}: asked twice")
        question = self.questions[path] = self._made(path, schema, raw, needed, when, optional)
        return question

    def _made(
        self,
        path: str,
        schema: Mapping[str, Any],
        raw: Mapping[str, Any],
        needed: bool,
        when: tuple[Any, ...],
        optional: str = "",
    ) -> Question:
        name = kind_name(schema)
        if name not in KINDS:
            raise DefinitionError(f"{path}: unknown type or format")
        values = schema.get("enum") or schema.get("items", {}).get("enum", ())
        labels = raw.get("options", {})
        if any(value not in labels for value in values):
            raise DefinitionError(f"{path}: every value of the enum needs a label")
        depends_on = path.rsplit(".", 1)[0] + ".province" if name == "commune" else ""
        if depends_on and depends_on not in self.questions:
            raise DefinitionError(f"{path}: a commune follows its province")
        try:
            re.compile(schema.get("pattern", ""))
        except re.error as wrong:
            raise DefinitionError(f"{path}: the pattern is none: {wrong}") from wrong
        return Question(
            path=path,
            kind=KINDS[name],
            schema=schema,
            label=_words(raw, "label"),
            help=raw.get("help", ""),
            hint=raw.get("hint", ""),
            required=needed,
            optional_block=optional,
            when=when,
            options=tuple((value, labels[value]) for value in values),
            widget=raw.get("widget", ""),
            width=raw.get("width", "full"),
            autocomplete=raw.get("autocomplete", ""),
            depends_on=depends_on,
        )

    def _when(self, raw: Mapping[str, Any], outer: tuple[Any, ...]) -> tuple[Any, ...]:
        if "when" not in raw:
            return outer
        wrong = conditions.problem(raw["when"], self.questions)
        if wrong:
            raise DefinitionError(f"condition of {raw.get('field') or raw.get('key') or 'a group'}: {wrong}")
        return (*outer, raw["when"])


def _known(raw: Mapping[str, Any], allowed: set[str], what: str) -> None:
    unknown = raw.keys() - allowed
    if unknown:
        raise DefinitionError(f"{what}: unknown {sorted(unknown)}")


def _words(raw: Mapping[str, Any], key: str) -> Any:
    words = raw.get(key)
    if not words or (isinstance(words, Mapping) and not words.get("vi")):
        raise DefinitionError(f"{raw.get('field') or raw.get('key') or 'an item'} needs a {key} in Vietnamese")
    return words
