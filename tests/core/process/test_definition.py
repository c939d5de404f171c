"""A step graph is checked before anyone works by it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from tinhso.core.ledger.actions import Refused
from tinhso.core.process.actions import define
from tinhso.core.process.check import checked as parse
from tinhso.core.process.models import Definition

from .builders import GRAPH, changed

WORK = {"kind": "tests.work", "role": "officer", "outcomes": {"done": None}}

FAULTS = [
    (changed("start", "nowhere"), "no first step"),
    (changed("steps", {}), "no first step"),
    (changed("steps", None), "no first step"),
    (changed("steps.take", "text"), "Step take cannot be read."),
    (changed("steps.take.name", {"en": "Take"}), "Step take cannot be read."),
    (changed("steps.take.duration", {"amount": 8, "unit": "moons"}), "Step take cannot be read."),
    (changed("steps.take.duration", {"amount": -1, "unit": "months"}), "Step take cannot be read."),
    (changed("steps.take.outcomes", {"done": 7}), "Step take cannot be read."),
    (changed("steps.take.kind", "tests.none"), "Step take: no system answers the kind “tests.none”."),
    (changed("steps.take.role", "king"), "Step take: there is no role “king”."),
    (changed("steps.take.role", ""), "Step take: there is no role “”."),
    (changed("steps.check.outcomes", {}), "Step check has no outcome."),
    (changed("steps.check.outcomes.sung", None), "Step check cannot end with “sung”."),
    (changed("steps.check.outcomes.done", "gone"), "Step check, outcome done: there is no step “gone”."),
    (changed("steps.alone", WORK), "Nothing leads to step alone."),
    (changed("steps.check.outcomes", {"back": "check"}), "Step check never comes to an end."),
    (
        changed("steps.consult.outcomes.done", "check"),
        "The branches check and consult meet in check, which is no join.",
    ),
    (changed("steps.take.outcomes.done", ["check", "check", "consult"]), "Step take opens the same step twice."),
    (changed("steps.consult.outcomes.back", "take"), "Step take is reached both from within parallel branches and"),
    (changed("steps.wait.outcomes.answered", "check"), "Step check is reached both from within parallel branches and"),
    (changed("steps.wait.outcomes.answered", "meet"), "The join meet is reached without parallel branches before it."),
    (
        changed("joins", {"meet": {"waits_for": 3, "next": None}}),
        "The join meet waits for more branches than reach it (2).",
    ),
    (
        changed("steps.consult.outcomes.done", None),
        "The join meet waits for more branches than reach it (1).",
    ),
    (changed("joins", {"meet": {"next": "gone"}}), "Step meet: there is no step “gone”."),
    (changed("joins", {"meet": {"waits_for": "two", "next": None}}), "Step meet cannot be read."),
    (changed("joins", {"meet": {"next": "again"}, "again": {"next": "meet"}}), "The loop again → meet → again turns"),
    (changed("steps.wait.timeout", {"amount": 1, "unit": "months", "outcome": "done"}), "nobody would answer for it"),
]


@pytest.mark.parametrize(("body", "fault"), FAULTS)
def test_every_fault_is_named_with_its_step(body: dict[str, Any], fault: str) -> None:
    with translation.override("en"), pytest.raises(Refused) as refused:
        parse(body)
    assert fault in str(refused.value)
    assert (refused.value.code, refused.value.status) == ("process_invalid", 422)


def test_several_faults_are_named_together() -> None:
    body = changed("steps.take.role", "king")
    body["steps"]["check"]["kind"] = "tests.none"
    with translation.override("en"), pytest.raises(Refused) as refused:
        parse(body)
    assert "“king”" in str(refused.value)
    assert "“tests.none”" in str(refused.value)


def test_the_same_graph_is_stored_once_under_its_digest(db: Any) -> None:
    first = define(GRAPH)
    assert define(dict(reversed(GRAPH.items()))) == first
    assert define(changed("steps.take.name", "Tiếp nhận")) != first
    assert Definition.objects.count() == 2


def test_a_step_is_called_in_the_readers_language_else_in_vietnamese() -> None:
    graph = parse(GRAPH)
    with translation.override("en"):
        assert graph.step("take").name == "Take"
    with translation.override("vi"):
        assert graph.step("take").name == "Nhận"
    assert parse(changed("steps.take.name", "Nhận")).step("take").name == "Nhận"
