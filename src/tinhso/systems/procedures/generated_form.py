"""The form of a procedure that nobody has designed yet: who applies, for what, and one file a paper."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from tinhso.core.forms.design import free_name

from .national.papers import Paper
from .national.row import Row
from .papers import ACCEPT, forget

_PERSONS = re.compile(r"công dân|người|cán bộ|cá nhân", re.IGNORECASE)
_SOMETIMES = re.compile(r"\b(nếu|trường hợp|hoặc|khi|đối với|lưu ý|xuất trình|một trong|trừ|nộp kèm)\b", re.IGNORECASE)
LABEL = 300
_PLACE = {"type": "object", "format": "place", "prefill": "person.address"}
_DECIDES = ("Xã, phường giải quyết", "Commune that decides")


def form_of(row: Row, level: str, *, per_copy: bool) -> dict[str, Any]:
    """`form` and `components` of a variant."""
    persons = not row.applicants or any(_PERSONS.search(who) for who in row.applicants)
    bodies = any(not _PERSONS.search(who) for who in row.applicants)
    properties: dict[str, Any] = {
        "requester": {
            "type": "object",
            "format": "person",
            "prefill": "person",
            "parts": ["full_name", "birth_date", "national_id", "identity_paper", "phone", "email", "address"],
            "required": ["full_name", "phone"],
            "anyOf": [{"required": ["national_id"]}, {"required": ["identity_paper"]}],
        }
    }
    required = ["requester"]
    pages = [
        _page(
            "requester",
            "Người nộp hồ sơ",
            "Who applies",
            [_item("requester", "Người nộp hồ sơ", "Who applies", own=True)],
        )
    ]
    if bodies:
        properties["organisation"] = {"type": "string", "maxLength": 250, "prefill": "business.name"}
        properties["tax_code"] = {"type": "string", "format": "tax-code", "prefill": "business.tax_code"}
        required += [] if persons else ["organisation"]
        items = [
            _item("organisation", "Tên tổ chức, doanh nghiệp", "Name of the organisation"),
            _item("tax_code", "Mã số thuế", "Tax code", width="short"),
        ]
        if persons:
            items[0]["hint"] = {"vi": "Chỉ khi nộp cho tổ chức, doanh nghiệp.", "en": "Only when you apply for one."}
        pages.append(_page("organisation", "Tổ chức, doanh nghiệp", "Organisation", items))
    asked = [_item("request", "Nội dung anh/chị đề nghị", "What you ask for")]
    properties["request"] = {"type": "string", "format": "paragraph", "minLength": 5, "maxLength": 3000}
    required.append("request")
    if level != "province":
        properties["place"] = dict(_PLACE)
        required.append("place")
        asked.append(_item("place", *_DECIDES))
    if per_copy:
        properties["copies"] = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1}
        required.append("copies")
        asked.append(_item("copies", "Số trang hoặc số bản", "Pages or copies", width="short"))
    pages.append(_page("request", "Nội dung đề nghị", "Your request", asked))
    components = _components(row)
    items = [_item(one["field"], one["name"], one["name"]) for one in components]
    for one in components:
        properties[one["field"]] = {"type": "array", "format": "file", "maxItems": 10, "accept": ACCEPT}
        required += [one["field"]] if one["required"] else []
    if items:
        pages.append(_page("papers", "Giấy tờ kèm theo", "Papers", items))
    properties["receive"] = {"type": "string", "enum": ["online", "counter", "post"]}
    properties["declaration"] = {"type": "boolean", "const": True}
    required += ["receive", "declaration"]
    last = [_item("receive", *_RECEIVE, options=_WAYS), _item("declaration", *_DECLARATION)]
    pages.append(_page("delivery", "Nhận kết quả", "Receiving the result", last))
    form = {
        "key": row.code,
        "title": {"vi": row.name[:LABEL], "en": row.name[:LABEL]},
        "schema": {"type": "object", "required": required, "properties": properties},
        "layout": {"pages": pages},
    }
    return {"form": form, "components": components}


def place_in(form: Mapping[str, Any]) -> str:
    """The question by which a generated form asks for the commune that decides; empty: it does not ask that."""
    return next((name for name, schema in form["schema"]["properties"].items() if schema == _PLACE), "")


def with_place(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form asking which commune decides: with what is asked for, where a generated one stands; else on a page of
    its own before the last, which is where people declare and send."""
    changed = copy.deepcopy(dict(form))
    if place_in(changed):
        return changed
    schema, pages = changed["schema"], changed["layout"]["pages"]
    name, required = free_name("place", schema["properties"]), schema.setdefault("required", [])
    schema["properties"][name] = dict(_PLACE)
    item = _item(name, *_DECIDES)
    for items in (group["items"] for page in pages for group in page["groups"]):
        for index, one in enumerate(items):
            if one.get("field") == "request":
                items.insert(index + 1, item)
                required.insert(required.index("request") + 1 if "request" in required else len(required), name)
                return changed
    required.append(name)
    pages.insert(len(pages) - 1, _page(free_name("place", {page["key"] for page in pages}), *_DECIDES, [item]))
    return changed


def without_place(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form without that question."""
    changed = copy.deepcopy(dict(form))
    forget(changed, place_in(changed))
    return changed


_RECEIVE = ("Anh/chị muốn nhận kết quả bằng cách nào?", "How would you like to receive the result?")
_WAYS = {
    "online": {"vi": "Bản điện tử, tải về trên trang này", "en": "Electronic, downloaded here"},
    "counter": {
        "vi": "Bản điện tử và bản giấy, nhận tại nơi trả kết quả",
        "en": "Electronic, and on paper at the counter",
    },
    "post": {"vi": "Bản điện tử và bản giấy, gửi qua bưu chính", "en": "Electronic, and on paper by post"},
}
_DECLARATION = (
    "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm trước pháp luật về lời khai.",
    "I declare that what I have stated is true, and answer for it before the law.",
)


def _item(name: str, vietnamese: str, english: str, **more: Any) -> dict[str, Any]:
    return {"field": name, "label": {"vi": vietnamese, "en": english}, **more}


def _page(key: str, vietnamese: str, english: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"key": key, "title": {"vi": vietnamese, "en": english}, "groups": [{"items": items}]}


def _components(row: Row) -> list[dict[str, Any]]:
    """One a paper; those that stand in several cases are asked once. What is counted 0 is a remark, no paper.

    A paper is required where the row asks it of everybody without a condition.
    """
    found: dict[str, dict[str, Any]] = {}
    for case in row.cases:
        for paper in case.papers:
            name = _name(paper)
            if not name or not (paper.originals or paper.copies):
                continue
            always = len(row.cases) == 1 and not case.title and not _SOMETIMES.search(paper.name)
            if name in found:
                continue
            found[name] = {
                "key": f"paper-{len(found) + 1}",
                "field": f"paper_{len(found) + 1}",
                "name": name,
                "note": "; ".join(filter(None, [case.title[:200], _note(paper)])),
                "copies": paper.originals or paper.copies,
                "kind": "original" if paper.originals else "copy",
                "required": always,
                "accept": ACCEPT,
            }
    return list(found.values())


def _name(paper: Paper) -> str:
    name = re.sub(r"^[\s\-+*•.;,]+|[\s;,.]+$", "", paper.name)
    return name if len(name) <= LABEL else f"{name[: LABEL - 1].rsplit(' ', 1)[0]}…"


def _note(paper: Paper) -> str:
    both = f"và {paper.copies} bản sao" if paper.originals and paper.copies else ""
    return "; ".join(filter(None, [both, f"Mẫu: {paper.form}" if paper.form else ""]))


def result_of(row: Row, notation: str) -> dict[str, Any]:
    """What the officer states, how it begins, and the letter made of it."""
    name = row.results[0][0] if row.results else "Kết quả giải quyết thủ tục hành chính"
    properties = {
        "full_name": {"type": "string", "maxLength": 120},
        "organisation": {"type": "string", "maxLength": 200},
        "id_paper": {"type": "string", "maxLength": 200},
        "result": {"type": "string", "maxLength": 1000},
        "decision": {"type": "string", "format": "paragraph", "minLength": 5, "maxLength": 5000},
        "valid_until": {"type": "string", "format": "date"},
    }
    items = [
        _item("full_name", "Người đề nghị", "Applicant"),
        _item("organisation", "Tổ chức, doanh nghiệp", "Organisation"),
        _item("id_paper", "Giấy tờ tùy thân", "Identity paper"),
        _item("result", "Kết quả", "Result"),
        _item("decision", "Nội dung quyết định", "Decision"),
        _item("valid_until", "Có giá trị đến", "Valid until", width="short"),
    ]
    bodies = any(not _PERSONS.search(who) for who in row.applicants)
    start: dict[str, Any] = {
        "full_name": "requester.full_name",
        "id_paper": {
            "first": [{"text": "Số định danh cá nhân {}", "of": "requester.national_id"}, "requester.identity_paper"]
        },
        "result": {"value": name[:1000]},
        "decision": {"text": "Chấp thuận đề nghị: {}", "of": "request"},
    }
    if bodies:
        start["organisation"] = "organisation"
    return {
        "form": {
            "key": f"{row.code}-result",
            "title": {"vi": "Kết quả", "en": "The result"},
            "schema": {"type": "object", "required": ["full_name", "result", "decision"], "properties": properties},
            "layout": {"pages": [_page("result", "Kết quả", "The result", items)]},
        },
        "start": start,
        "letter": "generic_result",
        "data": {
            "procedure": {"value": row.name},
            "code": {"value": row.code},
            **{key: key for key in properties},
        },
        "notation": notation,
    }
