"""On an old phone without scripts, and on a head's screen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.core.ui.axe import violations
from tests.house.databases import Database
from tests.house.site import serving
from tests.systems.satisfaction.test_satisfaction import ended, last_month, six_answers, url
from tinhso.core.accounts.models import Account
from tinhso.simulation.check import settle
from tinhso.systems.satisfaction.models import Answer

pytestmark = pytest.mark.browser


def test_it_is_answered_on_a_phone_without_scripts_and_read_by_the_head(
    province: Database, tmp_path: Path, browser: Any
) -> None:
    six_answers(last_month())
    settle(timezone.now())
    done = ended(timezone.now() - timedelta(hours=2))
    with serving(province, tmp_path / "data") as site:
        plain = _page(browser, site.url, "hoa", java_script_enabled=False, viewport={"width": 320, "height": 640})
        plain.goto(f"{site.url}/ho-so/{done.pk}/")
        plain.get_by_role("link", name="Đánh giá").click()
        plain.get_by_role("group", name="Nhìn chung").get_by_label("Tốt", exact=True).check()
        plain.get_by_role("button", name="Gửi đánh giá").click()
        assert plain.get_by_text("Cảm ơn anh/chị. Cơ quan đọc").is_visible()
        assert Answer.objects.order_by("month").last().marks == {"overall": 3}  # type: ignore[union-attr]

        found = []
        for who, path in (("hoa", url(done)), ("kiemtra.tinh", "/ban-lam-viec/hai-long/")):
            page = _page(browser, site.url, who, viewport={"width": 320, "height": 640})
            page.goto(site.url + path)
            found += [f"{path}: {line}" for line in violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path}: scrolls sideways ({wide} px)"] * (wide > 320)
        assert not found, "\n".join(found)


def _page(browser: Any, site: str, username: str, **options: Any) -> Any:
    client = Client()
    client.force_login(Account.objects.get(username=username))
    context = browser.new_context(locale="vi-VN", **options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return context.new_page()
