"""A passkey from its making to its end, with the browser's own virtual authenticator."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.core.accounts.people import PASSWORD, an_agency, an_official
from tests.core.ui.axe import violations
from tests.house.site import Site

from tinhso.core.ledger.models import Entry

pytestmark = pytest.mark.browser


def a_device(page: Any) -> None:
    """A phone that holds passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_named_used_alone_used_as_second_step_and_removed(site: Site, browser: Any) -> None:
    an_official(an_agency(), "administrator", username="quantri")
    home = f"http://localhost:{site.port}"  # a passkey belongs to a name, never to a bare address
    page = browser.new_context(locale="vi-VN").new_page()
    a_device(page)

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    def by_password() -> None:
        page.get_by_label("Tên đăng nhập").fill("quantri")
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        press("Đăng nhập")

    page.goto(f"{home}/dang-nhap/")
    by_password()
    page.wait_for_url(lambda url: "dang-nhap" not in url)
    page.goto(f"{home}/tai-khoan/khoa/them/")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    press("Tiếp tục")
    page.get_by_label("Tên khóa").fill("Máy cơ quan")
    assert violations(page) == []
    press("Tiếp tục")
    page.wait_for_url(re.compile("ma-du-phong"))
    page.goto(f"{home}/tai-khoan/khoa/")
    assert "Máy cơ quan" in page.inner_text("main")
    assert violations(page) == []

    page.context.clear_cookies()
    page.goto(f"{home}/dang-nhap/?next=/toi/ho-so/")
    press("Đăng nhập bằng khóa trên thiết bị")
    page.wait_for_url(f"{home}/toi/ho-so/")
    entry = Entry.objects.filter(event="account.signed_in").latest("serial")
    assert entry.data == {"method": "passkey", "second_factor": True}

    page.context.clear_cookies()
    page.goto(f"{home}/dang-nhap/?next=/tai-khoan/khoa/")
    by_password()
    page.wait_for_url(re.compile("buoc-hai"))
    press("Dùng khóa")
    page.wait_for_url(f"{home}/tai-khoan/khoa/")
    entry = Entry.objects.filter(event="account.signed_in").latest("serial")
    assert entry.data == {"method": "password", "second_factor": True}

    page.get_by_role("link", name="Gỡ Máy cơ quan").click()
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    press("Tiếp tục")
    press("Gỡ")
    page.wait_for_url(f"{home}/tai-khoan/khoa/")
    states = [e.data["state"] for e in Entry.objects.filter(event="account.second_factor_changed").order_by("serial")]
    assert states.count("added") >= 1
    assert "removed" in states
