"""People who use the site with a browser, and what they notice on the way."""

from __future__ import annotations

import io
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.core.ui.axe import violations
from tests.house.browser import needs
from tests.house.site import Site

PASSWORD = "tinhso-demo-2026"
PASSPHRASE = "kyso-trinhdien"
NARROW, WIDE = 320, 1440

# What Hoa answers; questions that the state has answered already are only confirmed.
ANSWERS = {
    "relation": "self",
    "own.ethnicity": "Kinh",
    "own.nationality": "Việt Nam",
    "status": "never",
    "purpose": "property",
    "earlier_paper": "none",
    "copies": "1",
    "exemption": "none",
    "receive": "online",
    "declaration": "true",
}


class Someone:
    """A person at a browser. `noticed` collects what axe says, sideways scrolling and errors of the console."""

    def __init__(self, browser: Any, site: Site, username: str = "", *, javascript: bool = True, width: int = WIDE):
        self.site, self.username = site, username
        self.context = browser.new_context(
            locale="vi-VN", viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        # Without JavaScript axe cannot run: a second window with the same session looks at the same pages.
        self.looking = self.context if javascript else browser.new_context(locale="vi-VN")
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.noticed: list[str] = []
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.noticed.append(f"error: {error}"))
        if username:
            self.sign_in()

    def heard(self, said: Any) -> None:
        """What the console says of our own pages."""
        if said.type == "error" and said.location["url"].startswith(self.site.url):
            self.noticed.append(f"console: {said.text} ({said.location['url']})")

    def go(self, path: str) -> Someone:
        answer = self.page.goto(self.site.url + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return self

    def sign_in(self) -> None:
        self.go("/dang-nhap/")
        self.page.get_by_label("Tên đăng nhập").fill(self.username)
        self.page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        self.press("Đăng nhập")
        self.page.wait_for_url(lambda url: "/dang-nhap/" not in url)

    def press(self, name: str) -> None:
        """Press the button that begins with these words, and wait for the page that it brings."""
        self.follow(self.button(name))

    def button(self, name: str) -> Any:
        """The button that begins with these words (a key hint may follow)."""
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}( \\S)?$")).first

    def follow(self, link: Any) -> None:
        """Click what brings another page, and wait for it: after a click alone the old one may still be shown."""
        with self.page.expect_navigation():
            link.click()

    def look(self) -> None:
        """Look at this page on a phone and on a desk: accessible, and inside its frame."""
        page = self.page
        if self.looking is not self.context:
            self.looking.clear_cookies()
            self.looking.add_cookies(self.context.cookies())
            page = self.looking.new_page()
            page.goto(self.page.url)
        before = page.viewport_size
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            where = f"{page.url.removeprefix(self.site.url)} at {width}"
            self.noticed += [f"{where}: {line}" for line in violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            self.noticed += [f"{where}: scrolls sideways ({wide} px)"] * (wide > width)
        if page is self.page:
            page.set_viewport_size(before)
        else:
            page.close()

    def fetch(self, path: str) -> bytes:
        answer = self.context.request.get(path if path.startswith("http") else self.site.url + path)
        assert answer.ok, f"{path}: {answer.status}"
        return bytes(answer.body())

    def leave(self) -> None:
        """Go, and say what was noticed."""
        self.context.close()
        if self.looking is not self.context:
            self.looking.close()
        assert not self.noticed, "\n".join(self.noticed)


def answer(page: Any, answers: dict[str, str]) -> None:
    """Fill in what the page asks and `answers` knows."""
    for name, value in answers.items():
        fields = page.locator(f'main [name="{name}"]')
        if not fields.count():
            continue
        kind = fields.first.evaluate("e => e.type || e.tagName.toLowerCase()")
        if kind == "radio":
            page.locator(f'main [name="{name}"][value="{value}"]').check()
        elif kind == "checkbox":
            fields.first.check()
        elif kind == "file":
            fields.first.set_input_files(value)
        elif kind.startswith("select"):
            option = fields.first.locator("option", has_text=value)
            fields.first.select_option(value=option.first.get_attribute("value") if option.count() else value)
        elif not fields.first.input_value() or name not in ("own.ethnicity", "own.nationality"):
            fields.first.fill(value)


def applies(citizen: Someone, looked: Callable[[], None] = lambda: None) -> str:
    """From the procedure's page to the submitted dossier, page by page; the dossier's id."""
    page = citizen.page
    citizen.go("/thu-tuc/1.004873/")
    looked()
    citizen.follow(page.get_by_role("link", name="Nộp hồ sơ").first)
    looked()
    page.get_by_label(re.compile("Điền sẵn")).check()
    citizen.follow(page.locator("main form button.primary").first)
    looked()
    citizen.follow(page.locator("main ol.tasklist a").first)
    for _page in range(15):
        looked()
        if page.url.endswith("/kiem-tra/"):
            break
        answer(page, ANSWERS)
        citizen.follow(page.locator("main form .actions button.primary"))
    else:
        pytest.fail(f"the form does not end: {page.url}")
    citizen.press("Nộp hồ sơ")
    found = re.search(r"/ho-so/([0-9a-f-]{36})/da-nop/", page.url)
    assert found, page.url
    looked()
    return found[1]


def at_work(who: Someone, dossier: str) -> Someone:
    """Open a dossier on the desk."""
    return who.go(f"/ban-lam-viec/ho-so/{dossier}/")


def until(check: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait for the worker."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain: {what}")
        time.sleep(0.3)


def reads(pdf: bytes, folder: Path, *words: str, signatures: int = 1) -> None:
    """Poppler finds these words, and each signature valid."""
    pdftotext, pdfsig = needs("pdftotext", "poppler-utils"), needs("pdfsig", "poppler-utils")
    file = folder / "van-ban.pdf"
    file.write_bytes(pdf)
    said = subprocess.run([pdftotext, str(file), "-"], check=True, capture_output=True, text=True).stdout
    flat = " ".join(said.split())
    for one in words:
        assert one in flat, flat
    told = subprocess.run([pdfsig, "-nocert", str(file)], check=False, capture_output=True, text=True).stdout
    assert told.count("Signature Validation: Signature is Valid.") == signatures, told


def a_scan() -> bytes:
    """A PDF of one page, as a scanner at the counter makes it."""
    pdf, out = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.save(out)
    return out.getvalue()
