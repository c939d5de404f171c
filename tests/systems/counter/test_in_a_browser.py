"""At the counter with a keyboard scanner: a card fills the form, pages become a file, a list changes hands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.core.ui.axe import violations
from tests.house.databases import Database
from tests.house.site import serving
from tests.systems.counter.builders import CARD, FORM, a_page, at_counter
from tinhso.core.accounts.models import Account
from tinhso.systems.counter.models import Scan

pytestmark = pytest.mark.browser


def test_a_receptionist_scans_a_card_and_a_paper_and_hands_the_file_over(
    province: Database, tmp_path: Path, browser: Any
) -> None:
    dossier = at_counter()
    with serving(province, tmp_path / "data") as site:
        page = _page(browser, site.url, "motcua", java_script_enabled=False)
        page.goto(f"{site.url}{FORM}")
        field = page.get_by_label("Quét thẻ căn cước, hoặc gõ 12 số hay họ tên")
        field.fill(CARD)
        field.press("Enter")  # as the scanner does
        assert page.locator("[name='requester.full_name']").input_value() == "Nguyễn Thị Hoa"

        page.get_by_role("button", name="Số hóa").first.click()
        files = [{"name": f"quet{n}.jpg", "mimeType": "image/jpeg", "buffer": a_page(str(n))} for n in (1, 2)]
        page.get_by_label("Tệp từ máy quét").set_input_files(files)
        page.get_by_role("button", name="Thêm trang").click()
        page.get_by_role("button", name="Xoay phải 1").click()
        page.get_by_role("button", name="Chuyển xuống 1").click()
        assert [turn for _link, turn in Scan.objects.get().pages] == [0, 90]
        page.get_by_role("button", name="Ghép thành PDF/A").click()
        assert page.locator("[name='requester.full_name']").input_value() == "Nguyễn Thị Hoa"
        assert page.get_by_role("button", name="Gỡ").first.is_visible(), "the file stands at its question"

        scripted = _page(browser, site.url, "motcua")
        scripted.goto(f"{site.url}{FORM}")
        scripted.get_by_role("button", name="Số hóa").first.click()
        scripted.get_by_role("button", name="Dùng máy ảnh của máy tính này").click()
        for _n in range(3):
            scripted.get_by_role("button", name="Chụp", exact=True).click()
        scripted.get_by_role("button", name="Bỏ ảnh 2").click()
        scripted.get_by_text("Đã chụp 2 ảnh").wait_for()
        assert violations(scripted) == []
        scripted.get_by_role("button", name="Thêm trang").click()
        scripted.get_by_role("heading", name="2 trang").wait_for()

        scripted.goto(f"{site.url}/ban-lam-viec/ho-so/{dossier.pk}/")
        scripted.get_by_text("Hồ sơ giấy: ai đang giữ, số hóa, nhãn").click()
        scripted.get_by_role("heading", name="Ai giữ hồ sơ giấy").wait_for()
        assert violations(scripted) == []
        scripted.goto(f"{site.url}/ban-lam-viec/quay/ban-giao/moi/")
        scripted.get_by_label("Giao cho").select_option(label="Lê Quang Huy")
        scripted.get_by_label(dossier.code).check()
        assert violations(scripted) == []
        scripted.get_by_role("button", name="Lập danh sách và bàn giao").click()
        assert violations(scripted) == []

        officer = _page(browser, site.url, "tuphap")
        officer.goto(f"{site.url}/ban-lam-viec/quay/ban-giao/")
        officer.keyboard.type(dossier.code)  # the field has the focus already
        officer.keyboard.press("Enter")
        officer.get_by_text(f"Đã nhận hồ sơ {dossier.code}").wait_for()


def _page(browser: Any, site: str, username: str, **options: Any) -> Any:
    context = browser.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900}, **options)
    client = Client()
    client.force_login(Account.objects.get(username=username))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return context.new_page()
