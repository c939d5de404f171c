"""§3 of the design as people walk it: a citizen without JavaScript, six desks, and whoever holds the result."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.browser import needs
from tests.house.places import ROOT, SESSION
from tests.house.site import Site
from tests.journeys.people import PASSPHRASE, WIDE, Someone, applies, at_work, until

pytestmark = pytest.mark.browser


def test_from_the_application_to_a_verified_result(town: Site, browser: Any, tmp_path: Path) -> None:
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa, hoa.look)
    hoa.go(f"/ho-so/{dossier}/")
    hoa.look()
    assert "Đang chờ bộ phận Một cửa" in hoa.page.inner_text("main")

    counter = Someone(browser, town, "motcua")
    counter.follow(counter.go("/ban-lam-viec/").page.locator(f'a[href$="/ho-so/{dossier}/"]'))
    counter.look()
    counter.press("Tiếp nhận")
    head = at_work(Someone(browser, town, "truongphong"), dossier)
    head.look()
    head.press("Phân công")
    head.leave()
    officer = at_work(Someone(browser, town, "tuphap"), dossier)
    officer.look()
    officer.press("Trình ký")
    officer.leave()

    leader = at_work(Someone(browser, town, "chutich"), dossier)
    # The draft appears by itself, as a picture that has loaded.
    drawn = leader.page.locator("#now .sheet-page img").first
    drawn.scroll_into_view_if_needed(timeout=60_000)
    until(lambda: drawn.evaluate("e => e.complete && e.naturalWidth > 0"), "the drawn page")
    leader.look()
    leader.page.get_by_label("Mật khẩu khóa ký").fill("không phải")
    leader.press("Ký")
    assert leader.page.locator("[role=alert]").count() == 1
    leader.noticed.clear()  # the refused signature's status, told by the console
    leader.page.get_by_label("Mật khẩu khóa ký").fill(PASSPHRASE)
    leader.press("Ký")
    leader.leave()

    clerk = at_work(Someone(browser, town, "vanthu"), dossier)
    clerk.look()
    clerk.press("Cấp số, đóng dấu")
    clerk.leave()
    at_work(counter, dossier)
    until(lambda: "Trả kết quả" in at_work(counter, dossier).page.inner_text("main"), "the seal")
    counter.press("Thu phí tiền mặt")
    counter.look()
    counter.press("Trả kết quả")
    counter.look()
    counter.leave()

    hoa.go(f"/ho-so/{dossier}/")
    hoa.look()
    result = tmp_path / "ket-qua.pdf"
    result.write_bytes(hoa.fetch(hoa.page.locator("a[download]").get_attribute("href")))
    proves_its_submission(hoa, dossier, tmp_path)
    public = hoa.page.get_by_role("link", name="Kiểm tra").first.get_attribute("href")
    hoa.leave()
    an_independent_reader_agrees(result, tmp_path)
    anyone_verifies(browser, town, public, result, tmp_path)


def proves_its_submission(citizen: Someone, dossier: str, folder: Path) -> None:
    """The receipt holds for a stand-alone program that knows nothing of ours."""
    address = f"{citizen.site.url}/ho-so/{dossier}/bien-nhan/"
    until(lambda: citizen.context.request.get(address).ok, "the seal of the ledger", 90)
    receipt = folder / "bien-nhan.json"
    receipt.write_bytes(citizen.fetch(address))
    program = ROOT / "src" / "tinhso" / "core" / "ledger" / "verify_proof.py"
    proven = subprocess.run([sys.executable, "-I", program, receipt], capture_output=True, text=True, check=False)
    assert proven.returncode == 0, proven.stdout + proven.stderr
    wrong = json.loads(receipt.read_text())
    text = json.dumps(wrong)
    receipt.write_text(re.sub(r"H15\.24133-(\d)", lambda m: f"H15.24133-{(int(m[1]) + 1) % 10}", text, count=1))
    assert subprocess.run([sys.executable, "-I", program, receipt], capture_output=True, check=False).returncode == 1


def an_independent_reader_agrees(result: Path, folder: Path) -> None:
    pdfsig, certutil = needs("pdfsig", "poppler-utils"), needs("certutil", "libnss3-tools")
    nss = folder / "nss"
    nss.mkdir()
    root = SESSION / "data" / "keys" / "trust" / "demo.pem"
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,C,C", "-i", str(root)]):
        subprocess.run([certutil, "-d", str(nss), *arguments], check=True, capture_output=True)
    said = subprocess.run(
        [pdfsig, "-nssdir", str(nss), str(result)], capture_output=True, text=True, check=False
    ).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 2, said
    assert said.count("Certificate Validation: Certificate is Trusted.") == 2, said


def anyone_verifies(browser: Any, town: Site, public: str, result: Path, folder: Path) -> None:
    """By the address of the QR, by dropping the file, and what a changed copy is called."""
    stranger = Someone(browser, town, javascript=False, width=360)
    stranger.go(public)
    stranger.look()
    assert "Văn bản thật" in stranger.page.inner_text("main")
    brought(stranger, result)
    said = stranger.page.inner_text("main")
    assert "Văn bản thật" in said
    assert "Trần Đức Long" in said
    assert "sau đó chỉ điền số và ngày" in said
    copy = folder / "ban-sua.pdf"
    changed = bytearray(result.read_bytes())
    changed[len(changed) // 3] ^= 1
    copy.write_bytes(changed)
    brought(stranger, copy)
    said = stranger.page.inner_text("main")
    assert "Văn bản không hợp lệ" in said
    assert "Có gì sai" in said
    stranger.leave()
    looker = Someone(browser, town, width=WIDE)
    looker.go("/xac-minh/")
    brought(looker, copy)
    looker.look()
    looker.leave()


def brought(stranger: Someone, file: Path) -> None:
    stranger.go("/xac-minh/").page.locator("#verify-file").set_input_files(file)
    stranger.follow(stranger.page.locator("main form:has(#verify-file) button"))
