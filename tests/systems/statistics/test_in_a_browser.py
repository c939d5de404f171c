"""The pages of statistics on a phone and on a desk: accessible, and no wider than the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.ui.axe import violations
from tests.house.databases import Database
from tests.house.site import serving
from tests.systems.dossiers.builders import a_dossier
from tests.systems.satisfaction.test_in_a_browser import _page
from tests.systems.statistics.test_figures import THEN
from tests.systems.statistics.test_reports import sent
from tinhso.simulation.check import settle

pytestmark = pytest.mark.browser
QUARTER = "kind=quarter&day=2026-12-01"


def test_figures_lists_and_reports_are_readable_on_a_phone_and_on_a_desk(
    province: Database, tmp_path: Path, browser: Any
) -> None:
    for _n in range(3):
        a_dossier().submitted().accepted()
    a_dossier().submitted().refused()
    settle(THEN)
    report = sent()
    pages = {
        "figures": f"/thong-ke/?{QUARTER}&cut=procedure",
        "quality": f"/thong-ke/?{QUARTER}&view=quality",
        "cases": f"/thong-ke/ho-so/?{QUARTER}&what=received",
        "table": "/thong-ke/bieu-06/?kind=half&day=2026-12-01",
        "report": f"/thong-ke/bao-cao/{report.pk}/",
    }
    found: list[str] = []
    with serving(province, tmp_path / "data") as site:
        for width in (360, 1440):
            page = _page(browser, site.url, "chutich", viewport={"width": width, "height": 800})
            for name, path in pages.items():
                page.goto(site.url + path)
                found += [f"{name} {width}: {line}" for line in violations(page)]
                wide = page.evaluate("document.documentElement.scrollWidth")
                found += [f"{name}: scrolls sideways at {width} ({wide} px)"] * (wide > width)
    assert not found, "\n".join(found)
