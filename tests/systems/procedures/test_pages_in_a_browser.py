"""Procedure pages on a phone and on a desk screen."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.ui.axe import violations
from tests.house.site import Site

from tinhso.systems.procedures import demo

pytestmark = pytest.mark.browser
PAGES = ["/thu-tuc/", "/thu-tuc/?q=khai+sinh", "/thu-tuc/1.004873/", "/thu-tuc/2.000635/", "/thu-tuc/2.000815/"]


def test_procedure_pages_have_nothing_for_axe_to_say_and_fit_a_phone(shared_site: Site, browser: Any) -> None:
    demo.load(lambda line: None)
    found = []
    context = browser.new_context(locale="vi-VN")
    page = context.new_page()
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for path in PAGES:
            page.goto(shared_site.url + path)
            found += [f"{path} {width}: {line}" for line in violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path} {width}: scrolls sideways ({wide} px)"] * (wide > width)
    context.close()
    assert not found, "\n".join(found)


def test_apply_stays_in_reach_wherever_one_reads(shared_site: Site, browser: Any) -> None:
    demo.load(lambda line: None)
    page = browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = page.new_page()
    page.goto(f"{shared_site.url}/thu-tuc/1.004873/")
    for share in (0, 0.5, 1):
        page.mouse.wheel(0, 100_000 * share)
        box = page.locator(".reach a").bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= 740 - box["height"]
