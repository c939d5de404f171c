"""Takes the README's pictures of a running demo, into docs/images.

    make run                      # in another terminal, with a fresh demo
    .venv/bin/python docs/screenshots.py [ADDRESS]

It walks one dossier through as the people of the demo, so the demo has one dossier more afterwards.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.house.browser import FLAGS  # noqa: E402
from tests.journeys.people import PASSPHRASE, Someone, applies, at_work, until  # noqa: E402

IMAGES = ROOT / "docs" / "images"
LARGEST = 150_000  # bytes of a picture
PHONE, DESK = (360, 740), (1440, 900)


def main(address: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    site: Any = SimpleNamespace(url=address.rstrip("/"))
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        stranger = Someone(browser, site)
        stranger.go("/")
        take(stranger, "home-360", PHONE)
        stranger.go("/thu-tuc/1.004873/")
        take(stranger, "procedure-360", PHONE)
        hoa = Someone(browser, site, "hoa")
        dossier = applies(hoa)
        at_work(Someone(browser, site, "motcua"), dossier).press("Tiếp nhận")
        counter = Someone(browser, site, "motcua")
        counter.go("/ban-lam-viec/").page.locator(".queue a").nth(2).click()
        take(counter, "desk-1440", DESK)
        at_work(Someone(browser, site, "truongphong"), dossier).press("Phân công")
        at_work(Someone(browser, site, "tuphap"), dossier).press("Trình ký")
        leader = at_work(Someone(browser, site, "chutich"), dossier)
        drawn = leader.page.locator("#now .sheet-page img").first
        drawn.wait_for(timeout=60_000)
        until(lambda: drawn.evaluate("e => e.complete && e.naturalWidth > 0"), "the drawn page")
        take(leader, "sign-1440", DESK)
        hoa.go(f"/ho-so/{dossier}/")
        take(hoa, "dossier-360", PHONE)
        leader.page.get_by_label("Mật khẩu khóa ký").fill(PASSPHRASE)
        leader.press("Ký")
        at_work(Someone(browser, site, "vanthu"), dossier).press("Cấp số, đóng dấu")
        until(lambda: "Trả kết quả" in at_work(counter, dossier).page.inner_text("main"), "the seal")
        counter.press("Thu phí tiền mặt")
        counter.press("Trả kết quả")
        public = hoa.go(f"/ho-so/{dossier}/").page.get_by_role("link", name="Kiểm tra thật giả").get_attribute("href")
        stranger.go(public)
        take(stranger, "verify-360", PHONE)
        leader.go("/ioc/")
        take(leader, "wall-1440", DESK)
        browser.close()


def take(someone: Someone, name: str, size: tuple[int, int]) -> None:
    """One screen as it is seen, with as many colours as fit the limit."""
    page = someone.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle") if size is PHONE else page.wait_for_timeout(500)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        shot.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    (IMAGES / f"{name}.png").write_bytes(out.getvalue())
    print(f"{name}.png {out.tell() // 1000} KB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
