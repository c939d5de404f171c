"""Coming in: by VNeID, with a second factor; and how much a first page weighs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

import pytest

from tests.house.site import Site
from tests.journeys.people import PASSWORD, Someone

pytestmark = pytest.mark.browser
LIMIT = 100 * 1024  # bytes over the wire, design §8


def test_a_citizen_comes_in_by_vneid_and_is_known_by_name(town: Site, browser: Any) -> None:
    someone = Someone(browser, town, javascript=False, width=360)
    someone.go("/dang-nhap/?next=/ho-so/")
    someone.look()
    someone.press("Đăng nhập bằng VNeID")
    someone.follow(someone.page.get_by_role("button", name="Trần Văn Minh"))
    someone.page.wait_for_url(f"{town.url}/**")
    assert someone.page.url == f"{town.url}/ho-so/"
    someone.look()
    someone.go("/toi/ho-so/")
    assert "Trần Văn Minh" in someone.page.inner_text("body")
    someone.leave()


def test_an_official_sets_up_a_second_factor_and_needs_it_next_time(town: Site, browser: Any) -> None:
    official = Someone(browser, town, "tuphap2")
    official.go("/tai-khoan/buoc-hai/bat/")
    if official.page.get_by_label("Mật khẩu").count():
        official.page.get_by_label("Mật khẩu").fill(PASSWORD)
        official.press("Tiếp tục")
    official.look()
    secret = official.page.locator("main code").inner_text()
    official.page.locator('[name="code"]').fill(totp(secret))
    official.follow(official.page.locator("main form button.primary"))
    official.leave()
    again = Someone(browser, town)
    again.go("/dang-nhap/")
    again.page.get_by_label("Tên đăng nhập").fill("tuphap2")
    again.page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    again.press("Đăng nhập")
    code = again.page.locator('[name="code"]')
    code.wait_for()
    again.look()
    code.fill(totp(secret, ahead=1))  # each code counts once; the next window's is accepted too
    again.page.locator("main form button.primary").click()
    again.page.wait_for_url(lambda url: "dang-nhap" not in url and "buoc-hai" not in url)
    again.go("/ban-lam-viec/")
    again.leave()


def totp(secret: str, *, ahead: int = 0) -> str:
    """RFC 6238, six digits."""
    counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_the_first_load_of_a_citizens_page_fits_a_bad_network(town: Site, browser: Any) -> None:
    hoa = Someone(browser, town, "hoa", width=360)
    hoa.go("/nop-ho-so/1.004873/default/")
    hoa.follow(hoa.page.locator("main form button.primary").first)
    draft = hoa.page.url.removeprefix(town.url)
    cookies = hoa.context.cookies()
    hoa.leave()
    public = ["/", "/thu-tuc/", "/thu-tuc/1.004873/", "/dang-nhap/", "/tra-cuu/", "/xac-minh/"]
    own = ["/ho-so/", draft, f"{draft}relation/", f"{draft}requester/", f"{draft}kiem-tra/"]
    heavy = []
    for path in public + own:
        size = weight(browser, town.url + path, cookies if path in own else [])
        heavy += [f"{path}: {size} bytes"] * (size > LIMIT)
    assert not heavy, "\n".join(heavy)


def weight(browser: Any, url: str, cookies: list[Any]) -> int:
    """Bytes over the wire of a first visit: page, styles, scripts, letters, icons, all of it."""
    context = browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740})
    context.add_cookies(cookies)
    page = context.new_page()
    sizes: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    context.close()
    assert len(sizes) > 4
    return int(sum(sizes))
