"""The steps that every document takes; what follows from a leader's direction is assignments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tinhso.core.agencies.models import Role
from tinhso.core.process.actions import Case, define

from .models import Assignment, Document

HOURS = "working_hours"
# The head's check is due within a working day, so is the signature; numbering within half a day, and so is
# registering what arrives: the same day (NĐ 30/2020, điều 22).
OUTGOING: dict[str, Any] = {
    "start": "check",
    "steps": {
        "check": {
            "name": {"vi": "Kiểm tra văn bản", "en": "Check the document"},
            "kind": "check_document",
            "role": Role.UNIT_HEAD.value,
            "duration": {"amount": 8, "unit": HOURS},
            "outcomes": {"submitted": "sign", "sent_back": None},
        },
        "sign": {
            "name": {"vi": "Ký văn bản", "en": "Sign the document"},
            "kind": "sign_document",
            "role": Role.LEADER.value,
            "duration": {"amount": 8, "unit": HOURS},
            "outcomes": {"signed": "number", "sent_back": None},
        },
        "number": {
            "name": {"vi": "Vào sổ, phát hành", "en": "Number and issue"},
            "kind": "number_document",
            "role": Role.CLERK.value,
            "duration": {"amount": 4, "unit": HOURS},
            "outcomes": {"numbered": None},
        },
    },
}
INCOMING: dict[str, Any] = {
    "start": "register",
    "steps": {
        "register": {
            "name": {"vi": "Vào sổ văn bản đến", "en": "Register what arrived"},
            "kind": "register_document",
            "role": Role.CLERK.value,
            "duration": {"amount": 4, "unit": HOURS},
            "outcomes": {"registered": "direct", "refused": None},
        },
        "direct": {
            "name": {"vi": "Cho ý kiến chỉ đạo", "en": "Direct who deals with it"},
            "kind": "direct_document",
            "role": Role.LEADER.value,
            "duration": {"amount": 8, "unit": HOURS},
            "outcomes": {"directed": None, "filed": None},
        },
    },
}


def outgoing() -> str:
    """Digest of the definition, which is stored by the first who needs it."""
    return define(OUTGOING).digest


def incoming() -> str:
    return define(INCOMING).digest


def handling(role: str) -> str:
    """Of one assignment: a single step, due as directed."""
    step = {
        "name": {"vi": "Xử lý văn bản", "en": "Deal with the document"},
        "kind": "deal_with_document",
        "role": role,
        "outcomes": {"finished": None},
    }
    return define({"start": "handle", "steps": {"handle": step}}).digest


def case_of(document: Document) -> Case:
    """How tasks show a document."""
    return Case(
        code=document.printed or document.type,
        who=document.sender_name,
        what=document.abstract,
        receiving=document.agency_id,
        competent=document.agency_id,
    )


def case_of_assignment(one: Assignment) -> Case:
    """The same for an order from it: at the agency that has it, due as directed."""
    return replace(case_of(one.document), receiving=one.agency_id, competent=one.agency_id, due_at=one.due_at)
