"""The code against its own house rules (style.md, design.md §2)."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.template import engines
from django.template.library import SimpleNode
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode

from tests.house.places import ROOT

PACKAGE = ROOT / "src" / "tinhso"
LONGEST = 400  # lines; a file says one thing and fits on a few screens
CLOCKS = {("timezone", "now"), ("timezone", "localdate"), ("datetime", "now"), ("datetime", "today"), ("date", "today"),
          ("datetime", "utcnow"), ("timezone", "localtime")}  # fmt: skip
# Where a request, a job, a command or a wire knows the time; demo and simulation are run by commands.
TOP = {"pages", "panels", "api", "jobs", "loop", "channels", "cli", "demo", "simulation", "simulators", "ui"}


def code() -> Iterator[Path]:
    yield from sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


TEMPLATES = sorted(path for folder in PACKAGE.rglob("templates") for path in folder.rglob("*.html"))


def named_in(template: Any) -> Iterator[str]:
    """Templates that this one names outright: what it extends, includes, or uses as a part."""
    for node in template.nodelist.get_nodes_by_type(ExtendsNode):
        yield node.parent_name.var
    for node in template.nodelist.get_nodes_by_type(IncludeNode):
        yield node.template.var
    for node in template.nodelist.get_nodes_by_type(SimpleNode):
        if node.func.__name__ == "part" and isinstance(node.args[0].var, str):
            yield f"ui/parts/{node.args[0].var}.html"


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_every_template_compiles_and_names_only_templates_that_exist(path):
    compiled = engines["django"].from_string(path.read_text()).template
    for name in named_in(compiled):
        if isinstance(name, str) and "simulators" not in path.parts:
            get_template(name)


def test_no_file_outgrows_a_few_screens():
    lengths = {short(path): len(path.read_text().splitlines()) for path in code()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def clocks(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls that ask what time it is; `timezone.localtime(x)` only turns a time, so it may have an argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = getattr(owner, "attr", getattr(owner, "id", ""))
            turned = node.func.attr in {"localtime", "localdate"} and node.args
            if (name, node.func.attr) in CLOCKS and not turned:
                yield node.lineno, f"{name}.{node.func.attr}()"


def test_below_pages_api_jobs_and_commands_time_is_a_parameter():
    found = [
        f"{short(path)}:{line} {call}"
        for path in code()
        if TOP.isdisjoint({*path.relative_to(PACKAGE).parts[:-1], path.stem})
        for line, call in clocks(ast.parse(path.read_text()))
    ]
    assert not found, "\n".join(found)


def test_the_lint_for_clocks_sees_one():
    tree = ast.parse("at = timezone.now()\nd = dt.date.today()\nx = timezone.localtime(at)")
    assert [line for line, _call in clocks(tree)] == [1, 2]


def test_every_foreign_key_knows_what_deletion_does_and_none_drags_others_along_unsaid():
    """CASCADE is only for parts that mean nothing without their whole: they say so by a related_name."""
    unsaid = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("tinhso.")
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.CASCADE
        and not field.remote_field.related_name
    ]
    assert not unsaid, "\n".join(unsaid)


def test_contracts_between_packages_have_no_exceptions():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert contracts
    assert [c["name"] for c in contracts if c.get("ignore_imports")] == []


def test_no_half_built_things_are_left_behind():
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "ignore_" + "imports")
    found = [f"{short(path)}: {mark}" for path in code() for mark in marks if mark in path.read_text()]
    assert not found, "\n".join(found)
