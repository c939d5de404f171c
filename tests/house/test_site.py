"""The served site and the browser, on which journeys stand."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.house.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def health(site: Site) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request("GET", "/health")
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def until_well(site: Site, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            status, body = health(site)
            if status == 200:
                return
        except (OSError, http.client.HTTPException) as error:
            body = {"error": str(error)}
        assert time.monotonic() < deadline, (body, site.log("worker"))
        time.sleep(0.1)


def test_the_site_is_well_once_a_worker_runs_and_says_so_when_it_is_killed(site: Site) -> None:
    status, body = health(site)
    assert (status, body["worker"]["status"]) == (503, "down")
    site.start("worker")
    until_well(site)


@pytest.mark.browser
def test_the_home_page_opens_in_a_browser_and_says_nothing_is_wrong(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="vi-VN")
    try:
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        answer = page.goto(site.url)
        assert answer is not None
        assert answer.status == 200
        assert page.locator("html").get_attribute("lang") == "vi"
        assert page.locator("h1").count() == 1
        assert not faults
    finally:
        context.close()
