"""Processes travel as BPMN 2.0: ours come back equal, others are run or named part by part."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

import tinhso
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.process.bpmn import BPMN
from tinhso.core.process.bpmn.reading import Reading, read
from tinhso.core.process.bpmn.safe import MAX_BYTES
from tinhso.core.process.bpmn.writing import write
from tinhso.core.process.branches import Fault
from tinhso.core.process.graph import body_of, step_kind
from tinhso.core.process.graph import read as graph_of_body

from .builders import GRAPH
from .test_parallel import consultation

ROOT = Path(tinhso.__file__).parents[2]
PUBLISHED = ROOT / "frontend/node_modules/bpmn-moddle-0.6/test/fixtures/bpmn"
PROCEDURES = sorted((ROOT / "src/tinhso/systems/procedures/data").glob("[0-9].*.json"))


def no_answer(task: Any, by: Actor, at: Any) -> None:
    raise AssertionError("no task of this kind is made here")


step_kind("tests.reply-in-time", "Reply", "answered", "expired", expire=no_answer)


def everything() -> dict[str, Any]:
    """A choice, forks within forks, a join for two, a wait with its time, English names."""
    body = consultation(2, "how")
    work = {"kind": "tests.work", "role": "officer"}
    body["steps"] |= {
        "Soil.1": {**work, "name": {"vi": "Đất", "en": "Soil"}, "outcomes": {"done": "inner"}},
        "map": {**work, "outcomes": {"done": "inner", "ask": "map"}},
        "wait": {
            "kind": "tests.reply-in-time",
            "waits_for": "applicant",
            "outcomes": {"answered": "ask", "expired": None},
            "timeout": {"amount": 30, "unit": "working_days", "outcome": "expired"},
        },
    }
    body["steps"]["land"]["outcomes"] = {"done": ["Soil.1", "map"]}
    body["steps"]["after"]["outcomes"]["ask"] = "wait"
    body["joins"]["inner"] = {"next": "meet"}
    condition = {
        "any": [{"field": "use", "in": ["home", 'a "b" \\']}, {"not": {"field": "outcome.law", "equals": "done"}}]
    }
    body["choices"] = {
        "how": {
            "name": {"vi": "Có cần xem lại?"},
            "ways": [{"when": condition, "next": "after"}, {"when": {"field": "area", "atLeast": 5}, "next": None}],
            "otherwise": "ask",
        }
    }
    return body


@pytest.mark.parametrize("body", [GRAPH, consultation(), consultation(2), everything()])
def test_a_process_written_as_bpmn_is_read_back_equal(body: dict[str, Any]) -> None:
    graph = graph_of_body(body)
    reading = read(write(graph, "Quy trình thử"))
    assert reading.findings == []
    assert reading.body is not None
    assert graph_of_body(reading.body) == graph
    assert reading.body == body_of(graph)


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.stem)
def test_the_processes_shipped_come_back_to_the_byte(path: Path) -> None:
    for variant in json.loads(path.read_text())["variants"]:
        assert read(write(graph_of_body(variant["process"]))).body == variant["process"]


def said(reading: Reading) -> dict[str, str]:
    assert reading.body is None
    return {fault.at: fault.message for fault in reading.findings}


@pytest.mark.parametrize(
    ("name", "at", "message", "count"),
    [
        ("simple", "SubProcess_1", "“Sub Process 1”: subProcess is not run here.", 1),
        ("documentation", "SubProcess_1", "“Sub Process 1”: subProcess is not run here.", 1),
        ("extension-attributes", "serviceTask", "serviceTask is not run here.", 3),
        ("xsi-type", "Task_1", "multiInstanceLoopCharacteristics is not run here.", 4),
        ("complex", "sid-545B3227-D12A-43A8-B746-55E8C75F3A8A", "eventBasedGateway is not run here.", 43),
    ],
)
def test_published_files_are_named_part_by_part(name: str, at: str, message: str, count: int) -> None:
    path = PUBLISHED / f"{name}.bpmn"
    if not path.exists():
        pytest.skip("npm's bpmn-moddle 0.6, which brings these files, is not installed")
    with translation.override("en"):
        found = read(path.read_bytes()).findings
    assert Fault(at, message) in found
    assert len(found) == count


ENTITIES = (
    b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = b'<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
DEFINITIONS = f'<d:definitions xmlns:d="{BPMN}">%s</d:definitions>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ENTITIES + (DEFINITIONS % "&c;").encode(), "document type or entities"),
        (OUTSIDE + (DEFINITIONS % "&f;").encode(), "document type or entities"),
        ((OUTSIDE.decode() + DEFINITIONS % "&f;").encode("utf-16"), "document type or entities"),
        (b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">' + (DEFINITIONS % "").encode(), "document type or entities"),
        ((DEFINITIONS % ("<d:process/>" * 11_000)).encode(), "more elements"),
        (b"<x>" * 2000, "not readable XML"),
        (b" " * (MAX_BYTES + 1), "larger than"),
        (b"\x00\x01", "not readable XML"),
        (b"", "not readable XML"),
        (b"<definitions/>", "no BPMN 2.0 file"),
    ],
)
def test_xml_that_is_unsafe_or_no_process_is_refused(data: bytes, words: str) -> None:
    with translation.override("en"), pytest.raises(Refused) as refused:
        read(data)
    assert words in str(refused.value)


def drawn(old: str, new: str) -> dict[str, str]:
    """What is said of our own file with one thing changed in it, by element."""
    written = write(graph_of_body(everything())).decode()
    assert old in written
    with translation.override("en"):
        return said(read(written.replace(old, new, 1).encode()))


@pytest.mark.parametrize(
    "code",
    ["${execution.getVariable('x')}", "__import__('os').system('id')", "=amount &gt; 5", "1", "true", "area &gt;= 5.5"],
)
def test_a_gateway_condition_with_code_in_it_is_refused(code: str) -> None:
    found = drawn(">area &gt;= 5<", f">{code}<")
    (message,) = found.values()
    assert next(iter(found)).startswith("Flow_")
    assert "code never is" in message


def test_what_is_not_run_is_named_at_its_element() -> None:
    assert drawn('<bpmn:userTask id="tax"', '<bpmn:x id="y"/><bpmn:userTask id="tax"')["y"] == "x is not run here."
    assert drawn('needed="2"', 'needed="9"') == {"meet": "The join meet waits for more branches than reach it (3)."}
    assert drawn('kind="tests.work"', 'kind="magic"') == {"ask": "No system answers the kind “magic”."}
    assert drawn('tinhso:role="officer"', 'tinhso:role="king"') == {"Lane_1": "Say which role does the steps here."}
    assert drawn(">P30D<", ">R3/P1D<") == {
        "Timer_wait": "A timer has a duration such as P30D; other times are not run."
    }
    assert "make it a terminate end" in str(drawn("terminateEventDefinition id", "documentation id"))


def test_a_lane_called_like_a_role_needs_no_more_words() -> None:
    written = write(graph_of_body(GRAPH)).decode()
    with translation.override("vi"):
        called = f'name=" {Role.RECEPTIONIST.label.upper()}  "'
    bare = re.sub(r'name="[^"]*" tinhso:role="receptionist"', called, written)
    assert bare != written
    with translation.override("vi"):
        reading = read(bare.encode())
    assert reading.body is not None
    assert graph_of_body(reading.body) == graph_of_body(deepcopy(GRAPH))
