"""An office with people in it, and work for them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ledger.actions import Actor, new_id
from tinhso.core.process import actions
from tinhso.core.process.actions import Case
from tinhso.core.process.graph import step_kind
from tinhso.core.process.models import Task

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=HANOI)

step_kind("tests.work", "Work", "done", "back", "ask")
step_kind("tests.wait", "Wait", "answered")

GRAPH: dict[str, Any] = {
    "start": "take",
    "steps": {
        "take": {
            "kind": "tests.work",
            "name": {"vi": "Nhận", "en": "Take"},
            "role": "receptionist",
            "agency": "receiving",
            "duration": {"amount": 8, "unit": "working_hours"},
            "outcomes": {"done": ["check", "consult"], "ask": "wait"},
        },
        "wait": {"kind": "tests.wait", "waits_for": "applicant", "outcomes": {"answered": "take"}},
        "check": {"kind": "tests.work", "role": "officer", "outcomes": {"done": "meet", "back": "check"}},
        "consult": {"kind": "tests.work", "role": "officer", "agency": "H15.9", "outcomes": {"done": "meet"}},
    },
    "joins": {"meet": {"next": None}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The graph with one value changed: `changed("steps.take.role", "king")`."""
    body = deepcopy(GRAPH)
    *way, last = path.split(".")
    inner = body
    for key in way:
        inner = inner[key]
    inner[last] = value
    return body


@dataclass
class Office:
    """A commune with two receptionists, an officer and a unit head; and a department named in the graph."""

    commune: Agency
    department: Agency
    an: Account
    binh: Account
    officer: Account
    head: Account

    def case(self, **more: Any) -> Case:
        fields = {"code": "H15.1-1", "who": "Trần Thị Bưởi", "what": "Xác nhận", "due_at": None, **more}
        return Case(receiving=self.commune.pk, competent=self.commune.pk, **fields)

    def start(self, body: dict[str, Any] | None = None, at: datetime = MONDAY, **case: Any) -> Task:
        definition = actions.define(body or GRAPH)
        (task,) = actions.start(("tests.thing", new_id()), definition.digest, case=self.case(**case), at=at)
        return task

    def staff(self, account: Account) -> Staff:
        return Staff.objects.get(account=account)


def actor(account: Account) -> Actor:
    return Actor("account", str(account.pk))


def an_agency(code: str, name: str) -> Agency:
    agency = Agency(
        code=code, name=name, short_name=name, kind="commune", valid_from=datetime(2026, 1, 1, tzinfo=HANOI)
    )
    agency.path = [agency.pk]
    agency.save()
    return agency


def a_colleague(name: str, agency: Agency, *roles: str) -> Account:
    account = Account.objects.create(
        username=str(new_id()), kind="official", display_name=name, created_at=datetime(2026, 1, 1, tzinfo=HANOI)
    )
    Staff.objects.create(account=account, agency=agency, roles=list(roles), valid_from=account.created_at)
    return account


def an_office() -> Office:
    commune, department = an_agency("H15.1", "Xã Ea Kao"), an_agency("H15.9", "Sở Tư pháp")
    return Office(
        commune,
        department,
        a_colleague("Nguyễn Văn An", commune, "receptionist"),
        a_colleague("Lê Thị Bình", commune, "receptionist"),
        a_colleague("Y Thương Niê", commune, "officer"),
        a_colleague("Phạm Thị Cúc", commune, "unit_head"),
    )
