"""The roads beside the straight path, as people walk them: completing, more time, the right place, stopping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house.site import Site
from tests.journeys.people import PASSPHRASE, Someone, a_scan, applies, at_work, reads, until

pytestmark = pytest.mark.browser


def opens(who: Someone, verb: str) -> None:
    """Open the form of a verb."""
    who.page.locator("summary", has_text=verb).click()


def fetched(who: Someone, dossier: str, letter: str) -> bytes:
    """A letter of one's dossier, once the worker has made it."""
    link = who.page.get_by_role("link", name=letter)
    until(lambda: bool(who.go(f"/ho-so/{dossier}/") and link.count()), letter)
    return who.fetch(link.first.get_attribute("href"))


def asks(page: Any, words: str) -> None:
    """Ask the applicant to complete it, on a page that may have stood open for long."""
    page.locator("summary", has_text="Yêu cầu bổ sung").click()
    page.locator("#ask_supplement-reason").fill(words)
    with page.expect_navigation():
        page.get_by_role("button", name="Gửi yêu cầu và tạm dừng thời hạn").click()


def asked_again(officer: Someone, forgotten: Any, leader: Someone, hoa: Someone, dossier: str) -> None:
    """A second request is refused, wherever it comes from; a leader allows it, as a breach, on a phone."""
    assert officer.page.locator("#ask_supplement-reason").count() == 0
    asks(forgotten, "Thiếu thêm một bản sao.")
    assert "chỉ cho yêu cầu một lần" in forgotten.inner_text("body")
    forgotten.close()
    at_work(leader, dossier)
    opens(leader, "Cho yêu cầu bổ sung lần nữa")
    leader.page.locator("#allow_supplement-reason").fill("Bản sao đã gửi bị mờ, không đọc được.")
    leader.look()
    leader.press("Cho phép; việc này bị ghi nhận là vi phạm")
    assert "ghi nhận là trái quy định" in leader.page.inner_text("body")
    asks(at_work(officer, dossier).page, "Bản sao bị mờ, xin gửi lại.")
    hoa.go(f"/ho-so/{dossier}/").page.locator("#added-note").fill("Tôi gửi lại bản rõ ạ.")
    hoa.press("Bổ sung vào hồ sơ")


def test_a_dossier_is_completed_and_gets_more_time_before_it_is_late(town: Site, browser: Any, tmp_path: Path) -> None:
    paper = tmp_path / "giay-khai-sinh.pdf"
    paper.write_bytes(a_scan())
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa)
    counter = at_work(Someone(browser, town, "motcua"), dossier)
    counter.press("Tiếp nhận")
    counter.leave()
    head = at_work(Someone(browser, town, "truongphong"), dossier)
    head.press("Phân công")
    head.leave()
    officer = at_work(Someone(browser, town, "tuphap"), dossier)
    forgotten = officer.context.new_page()
    forgotten.goto(officer.page.url)
    opens(officer, "Yêu cầu bổ sung")
    officer.page.locator("#ask_supplement-reason").fill("Thiếu bản sao giấy khai sinh.\nThiếu chữ ký.")
    officer.look()
    officer.press("Gửi yêu cầu và tạm dừng thời hạn")

    hoa.go(f"/ho-so/{dossier}/")
    assert "Thiếu bản sao giấy khai sinh." in hoa.page.inner_text("main")
    hoa.look()
    asked = fetched(hoa, dossier, "Phiếu yêu cầu bổ sung")
    reads(asked, tmp_path, "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", "Thiếu bản sao giấy khai sinh.")
    hoa.page.locator("#added-files").set_input_files(paper)
    hoa.page.locator("#added-note").fill("Tôi gửi đủ rồi ạ.")
    hoa.press("Bổ sung vào hồ sơ")
    assert "thời hạn được tính tiếp" in hoa.page.inner_text("body")
    hoa.look()

    at_work(officer, dossier)
    assert "giay-khai-sinh.pdf" in officer.page.inner_text("main")
    leader = Someone(browser, town, "chutich", width=360)
    asked_again(officer, forgotten, leader, hoa, dossier)
    at_work(officer, dossier)
    opens(officer, "Xin gia hạn")
    officer.page.locator("#ask_extension-reason").fill("Phải xác minh tại nơi cư trú trước đây.")
    officer.press("Trình lãnh đạo")
    at_work(leader, dossier).look()
    leader.press("Đồng ý hẹn lại ngày")
    at_work(officer, dossier).press("Trình ký")
    until(lambda: bool(at_work(leader, dossier).page.get_by_label("Mật khẩu khóa ký").count()), "the draft")
    leader.look()
    leader.page.get_by_label("Mật khẩu khóa ký").fill(PASSPHRASE)
    leader.press("Ký")
    slip = at_work(officer, dossier).page.locator('a[href$="phieu-kiem-soat.pdf"]').get_attribute("href")
    reads(officer.fetch(slip), tmp_path, "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", "Nguyễn Thị Hoa", "Y Thanh Mlô")
    register = leader.go("/ban-lam-viec/so-theo-doi/").page.get_by_role("link", name="PDF có dấu cơ quan")
    reads(leader.fetch(register.get_attribute("href")), tmp_path, "SỔ THEO DÕI HỒ SƠ", "Nguyễn Thị Hoa")
    leader.leave()
    officer.leave()
    reads(fetched(hoa, dossier, "Phiếu xin lỗi"), tmp_path, "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ")
    hoa.look()
    hoa.leave()


def test_what_came_to_the_wrong_commune_goes_on_at_the_right_one(town: Site, browser: Any) -> None:
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa)
    counter = at_work(Someone(browser, town, "motcua"), dossier)
    counter.follow(counter.page.get_by_role("link", name="Chuyển cơ quan khác"))
    counter.look()
    counter.page.get_by_label("Cơ quan có thẩm quyền").select_option(label="Ủy ban nhân dân phường Tuy Hoà")
    counter.page.get_by_label("Vì sao cơ quan kia").fill("Người yêu cầu thường trú ở phường Tuy Hoà.")
    counter.press("Chuyển hồ sơ")
    assert counter.page.url.endswith("/ban-lam-viec/"), "it is out of this counter's reach"
    counter.leave()
    other = at_work(Someone(browser, town, "motcua2"), dossier)
    other.press("Tiếp nhận")
    other.leave()
    officer = at_work(Someone(browser, town, "tuphap2"), dossier)
    officer.look()
    officer.leave()
    hoa.go(f"/ho-so/{dossier}/")
    assert "Chuyển đến Ủy ban nhân dân phường Tuy Hoà" in hoa.page.inner_text("main")
    hoa.leave()
