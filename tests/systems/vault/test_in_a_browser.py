"""On an old phone without scripts: a paper is used again, and shown to somebody by a link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.core.ui.axe import violations
from tests.house.databases import Database
from tests.house.site import serving
from tests.systems.dossiers.builders import citizen
from tests.systems.vault.test_vault import a_draft, at_counter, fill
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor
from tinhso.systems.vault import actions
from tinhso.systems.vault.models import Paper

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 640}


def test_a_paper_is_used_again_and_shown_on_a_phone_without_scripts(
    province: Database, tmp_path: Path, browser: Any
) -> None:
    at_counter()  # what an official digitised stands for an original
    fill()
    draft, paper = a_draft(), Paper.objects.get()
    _share, secret = actions.share(paper, days=7, by=Actor.system("tests"), at=timezone.now())
    with serving(province, tmp_path / "data") as site:
        plain = _page(browser, site.url, "hoa", java_script_enabled=False)
        plain.goto(f"{site.url}/nop-ho-so/ban-nhap/{draft.pk}/papers/")
        plain.get_by_role("button", name="Dùng giấy tờ này").click()
        assert plain.get_by_role("button", name=f"Gỡ {paper.name}.pdf").is_visible()
        assert FileLink.objects.get(origin="vault").owner_id == draft.pk

        stranger = _page(browser, site.url, "", java_script_enabled=False)
        stranger.goto(f"{site.url}/chia-se/{secret}/")
        stranger.get_by_role("button", name="Xem giấy tờ").click()
        assert stranger.get_by_role("heading", name=paper.name).is_visible()
        plain.goto(f"{site.url}/toi/kho-giay-to/{paper.pk}/")
        assert plain.get_by_text("Đã mở 1 lần").is_visible()
        plain.get_by_role("button", name="Dừng liên kết này ngay").click()
        stranger.goto(f"{site.url}/chia-se/{secret}/")
        assert stranger.get_by_role("heading", name="Liên kết đã hết hiệu lực").is_visible()

        found = []
        for path in ("", f"{paper.pk}/"):
            page = _page(browser, site.url, "hoa")
            page.goto(f"{site.url}/toi/kho-giay-to/{path}")
            found += [f"{path}: {line}" for line in violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path}: scrolls sideways ({wide} px)"] * (wide > PHONE["width"])
        assert not found, "\n".join(found)


def _page(browser: Any, site: str, username: str, **options: Any) -> Any:
    context = browser.new_context(locale="vi-VN", viewport=PHONE, **options)
    if username:
        client = Client()
        client.force_login(citizen(username))
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return context.new_page()
