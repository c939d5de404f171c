"""In a real browser: the pages of choices read well, and the service worker shows what is pushed, within the CSP."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from django.test import Client
from tests.core.notify.builders import lan
from tests.core.ui.axe import violations
from tests.core.ui.people import an_official
from tests.house.site import Site

from tinhso.core.agencies.models import Role

pytestmark = pytest.mark.browser
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  for (let i = 0; i < 100; i++) {
    const found = await registration.getNotifications();
    if (found.length) return found.map((one) => [one.title, one.body, one.tag]);
    await new Promise((done) => setTimeout(done, 50));
  }
  return [];
}"""


def a_page(site: Site, browser: Any, account: Any, width: int) -> Any:
    client = Client()
    client.force_login(account)
    context = browser.new_context(locale="vi-VN", viewport={"width": width, "height": 900})
    context.grant_permissions(["notifications"], origin=site.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
    return context.new_page()


def looked_at(page: Any, name: str) -> None:
    """Kept where someone asks for it: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_choices_are_made_and_a_push_is_shown_once(site: Site, browser: Any) -> None:
    page = a_page(site, browser, lan(), 360)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{site.url}/toi/thong-bao/")
    assert page.get_by_role("button", name="Báo qua trình duyệt này").is_visible()
    assert violations(page) == []
    looked_at(page, "choices-360")

    page.evaluate("navigator.serviceWorker.register('/bao-tin.js').then(() => navigator.serviceWorker.ready)")
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: found.extend(one["registrationId"] for one in said["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    message = {"title": "Hồ sơ đã có kết quả", "body": "Mở hồ sơ để xem.", "url": "/thong-bao/", "tag": "a1"}
    for _ in range(2):
        sent = {"origin": site.url, "registrationId": found[0], "data": json.dumps(message, ensure_ascii=False)}
        devtools.send("ServiceWorker.deliverPushMessage", sent)
    assert page.evaluate(SHOWN) == [["Hồ sơ đã có kết quả", "Mở hồ sơ để xem.", "a1"]]
    assert complaints == []

    admin = a_page(site, browser, an_official(Role.ADMINISTRATOR).account, 1440)
    admin.goto(f"{site.url}/quan-tri/kenh-thong-bao/")
    assert violations(admin) == []
    looked_at(admin, "ways-1440")
    admin.goto(f"{site.url}/toi/thong-bao/")
    looked_at(admin, "choices-1440")
    admin.goto(f"{site.url}/quan-tri/kenh-thong-bao/loai/dossiers.accepted")
    assert violations(admin) == []
    looked_at(admin, "kind-1440")
