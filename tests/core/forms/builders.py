"""A form that asks every kind of thing, and answers to it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from tinhso.core.forms.definition import FormDefinition

TODAY = date(2026, 11, 22)
HOME = {"province": "66", "commune": "24133", "detail": "12 Lê Duẩn"}

SOURCE: dict[str, Any] = {
    "key": "everything",
    "title": {"vi": "Tờ khai", "en": "Declaration"},
    "schema": {
        "type": "object",
        "required": ["requester", "purpose", "partner", "copies", "sure"],
        "properties": {
            "requester": {
                "type": "object",
                "format": "person",
                "prefill": "person",
                "parts": ["full_name", "birth_date", "sex", "national_id", "identity_paper", "phone", "address"],
                "required": ["full_name", "address"],
                "anyOf": [{"required": ["national_id"]}, {"required": ["identity_paper"]}],
            },
            "purpose": {"type": "string", "enum": ["marriage", "other"]},
            "partner": {"type": "string", "minLength": 2, "maxLength": 40},
            "copies": {"type": "integer", "minimum": 1, "maximum": 20, "default": 1},
            "price": {"type": "integer", "format": "money"},
            "reason": {"type": "string", "format": "paragraph", "maxLength": 200},
            "married": {"type": "boolean"},
            "languages": {"type": "array", "items": {"enum": ["vi", "en", "fr"]}},
            "tax": {"type": "string", "format": "tax-code"},
            "mail": {"type": "string", "format": "email"},
            "plate": {"type": "string", "pattern": "^[0-9]{2}-[A-Z][0-9]$", "patternHelp": {"vi": "Như 47-A1"}},
            "earlier": {"type": "object", "format": "address"},
            "papers": {"type": "array", "format": "file", "maxItems": 2, "accept": ["image/*", ".pdf"]},
            "sure": {"type": "boolean", "const": True},
        },
    },
    "layout": {
        "pages": [
            {
                "key": "who",
                "title": {"vi": "Người yêu cầu", "en": "Who asks"},
                "groups": [
                    {"items": [{"field": "requester", "label": {"vi": "Về anh/chị", "en": "You"}, "own": True}]}
                ],
            },
            {
                "key": "what",
                "title": {"vi": "Yêu cầu", "en": "Request"},
                "groups": [
                    {
                        "items": [
                            {
                                "field": "purpose",
                                "label": {"vi": "Để làm gì", "en": "Purpose"},
                                "options": {
                                    "marriage": {"vi": "Kết hôn", "en": "To marry"},
                                    "other": {"vi": "Việc khác", "en": "Other"},
                                },
                            },
                            {
                                "field": "partner",
                                "label": {"vi": "Kết hôn với ai", "en": "With whom"},
                                "when": {"field": "purpose", "equals": "marriage"},
                                "hint": {"vi": "Chỉ khi để kết hôn.", "en": "Only to marry."},
                            },
                            {"field": "copies", "label": {"vi": "Số bản", "en": "Copies"}, "width": "short"},
                            {"field": "price", "label": {"vi": "Giá", "en": "Price"}},
                            {"field": "reason", "label": {"vi": "Lý do", "en": "Reason"}},
                            {"field": "married", "label": {"vi": "Đã kết hôn", "en": "Married"}},
                            {
                                "field": "languages",
                                "label": {"vi": "Tiếng", "en": "Languages"},
                                "options": {"vi": "Việt", "en": "Anh", "fr": "Pháp"},
                            },
                            {"field": "tax", "label": {"vi": "Mã số thuế", "en": "Tax code"}},
                            {"field": "mail", "label": {"vi": "Thư", "en": "Mail"}},
                            {"field": "plate", "label": {"vi": "Biển số", "en": "Plate"}},
                            {"field": "earlier", "label": {"vi": "Nơi ở trước", "en": "Earlier address"}},
                        ]
                    }
                ],
            },
            {
                "key": "papers",
                "title": {"vi": "Giấy tờ", "en": "Papers"},
                "groups": [
                    {
                        "legend": {"vi": "Giấy tờ kèm theo", "en": "Papers"},
                        "items": [
                            {"note": {"vi": "Chụp rõ bốn góc.", "en": "All four corners."}},
                            {"field": "papers", "label": {"vi": "Ảnh giấy tờ", "en": "Photos"}},
                            {"field": "sure", "label": {"vi": "Tôi cam đoan", "en": "I declare"}},
                        ],
                    }
                ],
            },
        ]
    },
}


def a_source(**changes: Any) -> dict[str, Any]:
    """The JSON, free to be changed; `changes` replace properties of the schema."""
    source = copy.deepcopy(SOURCE)
    source["schema"]["properties"].update(changes)
    return source


def a_form(**changes: Any) -> FormDefinition:
    return FormDefinition(a_source(**changes))


def answers(**changes: Any) -> dict[str, Any]:
    """Answers that the form accepts as they are; None takes one out."""
    given: dict[str, Any] = {
        "requester": {"full_name": "Nguyễn Thị Hoa", "national_id": "066190012345", "address": dict(HOME)},
        "purpose": "other",
        "copies": 2,
        "sure": True,
    } | changes
    return {key: value for key, value in given.items() if value is not None}


def posted(values: Mapping[str, Any]) -> QueryDict:
    """What a browser would send."""
    return QueryDict(urlencode(values, doseq=True), encoding="utf-8")
