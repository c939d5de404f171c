"""Every component in a real browser: accessible, inside its frame, light enough for a cheap phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.core.ui.axe import violations
from tests.house.databases import Database
from tests.house.site import Site, serving

pytestmark = pytest.mark.browser
BUDGET = 100_000  # bytes over the wire on a citizen's first load (design.md §8)
PAGES = ["/ui", "/ui?shell=desk", "/", "/tim-kiem?q=khai+sinh", "/dang-nhap/"]


@pytest.fixture(scope="module")
def served(shared: tuple[Database, Path]) -> Iterator[Site]:
    with serving(*shared, DEBUG="1") as site:
        yield site


def test_no_page_of_the_shells_has_anything_for_axe_to_say(served: Site, browser: Any) -> None:
    found = []
    for colours in ("light", "dark"):
        context = browser.new_context(locale="vi-VN", color_scheme=colours)
        page = context.new_page()
        for width in (320, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            for path in PAGES:
                page.goto(served.url + path)
                found += [f"{path} {width} {colours}: {line}" for line in violations(page)]
                wide = page.evaluate("document.documentElement.scrollWidth")
                found += [f"{path} {width}: scrolls sideways ({wide} px)"] * (wide > width)
        context.close()
    assert not found, "\n".join(found)


def test_a_citizens_first_load_is_light_and_says_nothing_to_the_console(served: Site, browser: Any) -> None:
    context = browser.new_context(locale="vi-VN", color_scheme="dark")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    loaded: dict[str, int] = {}
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    names: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: names.update({event["requestId"]: event["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: loaded.update({names.get(event["requestId"], "?"): event["encodedDataLength"]}),
    )
    page.goto(served.url + "/", wait_until="networkidle")
    assert sum(loaded.values()) <= BUDGET, loaded
    assert any(name.endswith(".woff2") for name in loaded), "letters are ours, and counted"
    assert said == []


def test_the_desk_goes_by_keyboard(served: Site, browser: Any) -> None:
    page = browser.new_context(locale="vi-VN").new_page()
    page.goto(f"{served.url}/ui?shell=desk")
    page.evaluate("document.activeElement.blur()")
    focused = "document.activeElement.getAttribute('href')"
    page.keyboard.press("j")
    first = page.evaluate(focused)
    page.keyboard.press("j")
    assert page.evaluate(focused) != first
    page.keyboard.press("k")
    assert page.evaluate(focused) == first
    page.keyboard.press("Enter")
    assert page.url.endswith(first)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "finder"
    page.keyboard.type("j?")
    assert page.input_value("#finder") == "j?", "letters typed into a field are letters"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    assert "Tiếp nhận" in page.locator("dialog#keys").inner_text(), "the page's own keys are listed"
    page.keyboard.press("Escape")
    assert page.locator("dialog#keys").is_hidden()


def test_without_styles_a_phone_still_reads_it(served: Site, browser: Any) -> None:
    page = browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740}).new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(served.url + "/")
    assert page.evaluate("getComputedStyle(document.body).marginTop") == "8px", "as browsers draw it by themselves"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sizes = page.eval_on_selector_all("svg", "all => all.map(one => one.getBoundingClientRect().width)")
    assert sizes
    assert max(sizes) <= 40
