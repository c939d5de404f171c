"""The desk without a mouse: a receptionist's morning by keys alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house.site import Site
from tests.journeys.people import Someone, applies

pytestmark = pytest.mark.browser


def focused(someone: Someone) -> str:
    return str(someone.page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.id"))


def test_a_receptionist_accepts_one_and_refuses_another_by_keys_alone(town: Site, browser: Any) -> None:
    minh = Someone(browser, town, "hoa")
    first, second = applies(minh), applies(minh)
    minh.leave()
    counter = Someone(browser, town, "motcua")
    keys = counter.page.keyboard
    counter.go("/ban-lam-viec/")

    # Down the queue and up again; Enter opens what has focus.
    keys.press("j")
    top = focused(counter)
    keys.press("j")
    assert focused(counter) != top
    keys.press("k")
    assert focused(counter) == top
    while first not in focused(counter):
        before = focused(counter)
        keys.press("j")
        assert focused(counter) != before, "the dossier is not in the queue"
    keys.press("Enter")
    counter.page.wait_for_url(f"**/{first}/")
    keys.press("a")
    counter.page.get_by_text("Đã tiếp nhận.").wait_for()

    # The keys of this page, and the way out of the list of them.
    keys.press("?")
    assert counter.page.locator("dialog#keys").is_visible()
    keys.press("Escape")

    # From one dossier to the next without going back; a reason is typed where the key leads.
    keys.press("j")
    while second not in focused(counter):
        before = focused(counter)
        keys.press("k" if "task" in before else "j")
        assert focused(counter) != before, "the dossier is not in the queue"
    keys.press("Enter")
    counter.page.wait_for_url(f"**/{second}/")
    keys.press("r")
    assert focused(counter) == "refuse-reason"
    keys.type("Tờ khai nộp trùng với hồ sơ đã tiếp nhận.")
    keys.press("Tab")
    keys.press("Enter")
    counter.page.get_by_text(re.compile("Đã từ chối|Đã trả")).first.wait_for()

    # Search has its key; Tab alone reaches the content past the menus.
    keys.press("/")
    assert focused(counter) == "finder"
    counter.go("/ban-lam-viec/")
    keys.press("Tab")
    keys.press("Enter")
    assert focused(counter) == "main"
    counter.leave()
