"""The other ways a dossier goes: over the counter, refused with a letter, withdrawn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.house.site import Site
from tests.journeys.people import PASSPHRASE, Someone, a_scan, answer, applies, at_work, until

pytestmark = pytest.mark.browser

AT_THE_COUNTER = {
    "requester.full_name": "Trần Văn Minh",
    "requester.national_id": "066085000002",
    "requester.phone": "0900000002",
    "document": "Bằng tốt nghiệp đại học",
    "issuer": "Trường Đại học Tây Nguyên",
    "origin": "vietnam",
    "pages": "3",
    "copies": "2",
    "original_shown": "true",
}


def test_a_certified_copy_over_the_counter_with_a_scan(town: Site, browser: Any, tmp_path: Path) -> None:
    scan = tmp_path / "bang-tot-nghiep.pdf"
    scan.write_bytes(a_scan())
    counter = Someone(browser, town, "motcua")
    counter.go("/ban-lam-viec/tiep-nhan/")
    counter.look()
    counter.follow(counter.page.locator('a[href$="/2.000815/default/"]').first)
    answer(counter.page, AT_THE_COUNTER)
    counter.page.locator('main [name="scan"]').set_input_files(scan)
    counter.look()
    counter.go("/ban-lam-viec/tiep-nhan/")  # someone else comes first; nothing was sent yet
    counter.follow(counter.page.locator('a[href$="/2.000815/default/"]').first)
    answer(counter.page, AT_THE_COUNTER)
    counter.page.locator('main [name="scan"]').set_input_files(scan)
    counter.press("Nộp giúp người dân")
    found = re.search(r"/ho-so/([0-9a-f-]{36})/", counter.page.url)
    assert found, counter.page.inner_text("main")
    dossier = found[1]
    said = " ".join(counter.page.locator("dl.facts").all_inner_texts())
    assert "10.000" in said  # (2.000 + 2.000 + 1.000) đ a copy, two copies
    assert counter.page.locator("details.paper img").count() == 1
    counter.look()
    counter.press("Tiếp nhận")
    officer = at_work(Someone(browser, town, "tuphap"), dossier)
    officer.press("Trình ký")
    officer.leave()
    leader = at_work(Someone(browser, town, "chutich"), dossier)
    leader.page.get_by_label("Mật khẩu khóa ký").fill(PASSPHRASE)
    leader.press("Ký")
    leader.leave()
    clerk = at_work(Someone(browser, town, "vanthu"), dossier)
    clerk.press("Cấp số, đóng dấu")
    clerk.leave()
    until(lambda: "Trả kết quả" in at_work(counter, dossier).page.inner_text("main"), "the seal")
    counter.press("Thu phí tiền mặt")
    counter.press("Trả kết quả")
    counter.page.get_by_text("Đã trả kết quả").first.wait_for()
    counter.leave()


def test_a_form_begun_at_the_counter_is_found_again(town: Site, browser: Any) -> None:
    counter = Someone(browser, town, "motcua")
    counter.go("/ban-lam-viec/tiep-nhan/")
    counter.follow(counter.page.locator('a[href$="/2.000815/default/"]').first)
    answer(counter.page, {"document": "Học bạ"})
    counter.press("Nộp giúp người dân")  # much is missing; what was typed is kept
    counter.noticed.clear()  # the status of an incomplete form, told by the console
    assert counter.page.locator(".error-summary").count() == 1
    counter.go("/ban-lam-viec/tiep-nhan/")
    counter.look()
    begun = counter.page.locator("section", has_text="Đang làm dở").get_by_role("link").first
    assert "hứng thực" in begun.inner_text()
    counter.follow(begun)
    assert counter.page.locator('[name="document"]').input_value() == "Học bạ"
    counter.leave()


def test_a_refusal_brings_a_letter_with_the_reason(town: Site, browser: Any) -> None:
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa)
    counter = at_work(Someone(browser, town, "motcua"), dossier)
    counter.page.locator("summary", has_text="Từ chối").click()
    counter.page.get_by_label("Lý do").fill("Hồ sơ thuộc thẩm quyền của phường khác.")
    counter.press("Từ chối với lý do này")
    counter.leave()
    letter = hoa.page.get_by_role("link", name="Phiếu từ chối")
    until(lambda: bool(hoa.go(f"/ho-so/{dossier}/") and letter.count()), "the letter")
    hoa.look()
    assert "thuộc thẩm quyền của phường khác" in hoa.page.inner_text("main")
    assert hoa.fetch(letter.first.get_attribute("href")).startswith(b"%PDF-")
    hoa.leave()


def test_a_citizen_withdraws_before_it_is_accepted(town: Site, browser: Any) -> None:
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa)
    hoa.go(f"/ho-so/{dossier}/")
    hoa.page.locator("summary", has_text="Rút hồ sơ").click()
    hoa.page.locator("#withdraw-reason").fill("Tôi nộp nhầm.")
    hoa.press("Rút hồ sơ")
    assert "Anh/chị đã rút hồ sơ" in hoa.page.inner_text("main")
    hoa.look()
    hoa.leave()
    counter = Someone(browser, town, "motcua")
    counter.go("/ban-lam-viec/")
    assert counter.page.locator(f'a[href*="{dossier}"]').count() == 0
    counter.leave()
