"""Accessibility by axe-core (npm, pinned by frontend/package-lock.json)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.house.places import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Any) -> list[str]:
    """What axe finds on the page as it stands, one line for each element; WCAG 2.2 AA and best practices."""
    if not AXE.exists():
        pytest.skip("axe-core is absent: make frontend")
    page.evaluate(AXE.read_text())  # by the debugger, so the page's own CSP stays as strict as it is
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
