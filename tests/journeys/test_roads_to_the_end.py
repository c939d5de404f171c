"""Where roads end, as people walk them: stopped, refused, late, taken back, corrected, complained of, cancelled.
Each letter is read by programs that are not ours. Long, so in `make soak`; the town is that of all journeys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house.site import Site
from tests.journeys.people import PASSPHRASE, Someone, applies, at_work, reads, until
from tests.journeys.test_roads import fetched, opens

pytestmark = [pytest.mark.browser, pytest.mark.soak]

WHY = "Người nộp không bổ sung giấy tờ đã yêu cầu."
LATE = "Người ký đi công tác đột xuất, xin lỗi anh/chị."
WRONG = "Ngày sinh ghi 03/08/1990, đúng là 08/03/1990."


def one_press(town: Site, browser: Any, username: str, dossier: str, *buttons: str) -> Someone:
    """Somebody opens it and presses; they stay."""
    who = at_work(Someone(browser, town, username), dossier)
    for name in buttons:
        who.press(name)
    return who


def with_words(who: Someone, verb: str, field: str, words: str, press: str) -> None:
    opens(who, verb)
    who.page.locator(f"#{field}-reason").fill(words)
    who.look()
    who.press(press)


def signed_and_numbered(town: Site, browser: Any, dossier: str, counter: Someone) -> None:
    """From the draft to a result that waits at the counter."""
    leader = at_work(Someone(browser, town, "chutich"), dossier)
    until(lambda: bool(at_work(leader, dossier).page.get_by_label("Mật khẩu khóa ký").count()), "the draft")
    leader.page.get_by_label("Mật khẩu khóa ký").fill(PASSPHRASE)
    leader.press("Ký")
    leader.leave()
    one_press(town, browser, "vanthu", dossier, "Cấp số, đóng dấu").leave()
    until(lambda: "Trả kết quả" in at_work(counter, dossier).page.inner_text("main"), "the seal")


def test_stopped_and_refused_with_letters_that_others_can_check(town: Site, browser: Any, tmp_path: Path) -> None:
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa)
    one_press(town, browser, "motcua", dossier, "Tiếp nhận").leave()
    one_press(town, browser, "truongphong", dossier, "Phân công").leave()
    officer = at_work(Someone(browser, town, "tuphap"), dossier)
    with_words(officer, "Dừng giải quyết", "stop", WHY, "Dừng với lý do này")
    officer.leave()
    reads(fetched(hoa, dossier, "Giấy tiếp nhận"), tmp_path, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ")
    reads(fetched(hoa, dossier, "Thông báo dừng"), tmp_path, "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", WHY)
    hoa.look()

    refused = applies(hoa)
    counter = at_work(Someone(browser, town, "motcua"), refused)
    with_words(counter, "Từ chối", "refuse", WHY, "Từ chối với lý do này")
    counter.leave()
    reads(fetched(hoa, refused, "Phiếu từ chối"), tmp_path, "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ", WHY)
    hoa.look()
    hoa.leave()


def test_taken_back_returned_late_corrected_complained_of_and_cancelled(
    town: Site, browser: Any, tmp_path: Path
) -> None:
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa)
    counter = one_press(town, browser, "motcua", dossier, "Tiếp nhận")
    head = one_press(town, browser, "truongphong", dossier, "Phân công")
    at_work(head, dossier).press("Lấy lại bước tôi vừa làm")
    assert "hồ sơ lại ở chỗ anh/chị" in head.page.inner_text("body")
    head.look()
    head.press("Phân công")
    one_press(town, browser, "tuphap", dossier, "Trình ký").leave()
    with town.database.connect() as connection:  # nobody waits for three days here
        connection.execute(
            "UPDATE dossiers_dossier SET due_at = now() - interval '1 day', accepted_at = now() - interval '4 days'"
            " WHERE id = %s",
            [dossier],
        )
    signed_and_numbered(town, browser, dossier, counter)
    counter.press("Thu phí tiền mặt")
    with_words(counter, "Trả kết quả", "return_result", LATE, "Trả kết quả")
    hoa.go(f"/ho-so/{dossier}/")
    assert LATE in hoa.page.inner_text("main")
    first = hoa.page.locator("a[download]").first.get_attribute("href")
    old = hoa.page.get_by_role("link", name="Kiểm tra").first.get_attribute("href")
    reads(hoa.fetch(first), tmp_path, "TÌNH TRẠNG HÔN NHÂN", signatures=2)

    opens(hoa, "Kết quả có sai sót")
    hoa.page.locator("#wrong").fill(WRONG)
    hoa.press("Đề nghị đính chính")
    hoa.look()
    at_work(head, dossier)
    assert WRONG in head.page.inner_text("main")
    head.look()
    head.press("Đúng là sai sót của cơ quan: đính chính")
    head.leave()
    officer = at_work(Someone(browser, town, "tuphap"), dossier)
    officer.look()
    officer.press("Trình ký")
    officer.leave()
    signed_and_numbered(town, browser, dossier, counter)
    counter.look()
    counter.press("Trả kết quả đính chính")
    counter.leave()
    hoa.go(f"/ho-so/{dossier}/")
    hoa.look()
    second = hoa.page.locator("a[download]").first.get_attribute("href")
    assert second != first
    reads(hoa.fetch(second), tmp_path, "Thay thế văn bản số", signatures=2)
    stranger = Someone(browser, town, javascript=False, width=360)
    stranger.go(old)
    stranger.look()
    assert "Đã thay thế" in stranger.page.inner_text("main")
    stranger.follow(stranger.page.get_by_role("link", name="Bản thay thế"))
    assert "Văn bản thật" in stranger.page.inner_text("main")

    hoa.follow(hoa.page.get_by_role("link", name="Khiếu nại, phản ánh về hồ sơ này"))
    hoa.page.locator("#kind-complaint").check()
    hoa.page.locator("#about-decision").check()
    hoa.page.locator("#words").fill("Hồ sơ trả trễ bốn ngày, tôi phải nghỉ làm hai lần.")
    hoa.look()
    hoa.press("Gửi")
    hoa.look()
    deputy = Someone(browser, town, "phochutich")
    deputy.follow(deputy.go("/ban-lam-viec/khieu-nai/").page.locator("main ul.tasklist a").first)
    deputy.look()
    deputy.press("Thụ lý")
    deputy.page.locator("#outcome-right").check()
    deputy.page.locator("#answer").fill("Việc trả kết quả đúng là trễ. Phường xin lỗi và đã chấn chỉnh.")
    deputy.look()
    deputy.press("Ghi trả lời")
    address = deputy.page.url.removeprefix(town.url)
    until(lambda: bool(deputy.go(address).page.get_by_role("link", name="Đọc dự thảo").count()), "the draft answer")
    deputy.look()
    deputy.follow(deputy.page.get_by_role("link", name="Ký", exact=True).last)
    deputy.page.locator("main input[name=document]").first.check()
    deputy.page.locator("main input[name=passphrase]").fill(PASSPHRASE)
    deputy.press("Ký văn bản đã chọn")
    deputy.go("/ban-lam-viec/khieu-nai/").look()
    deputy.leave()
    mine = hoa.page.url.removeprefix(town.url)
    until(lambda: bool(hoa.go(mine).page.locator("a[download]").count()), "the sealed answer")
    hoa.look()
    answer = hoa.fetch(hoa.page.locator("a[download]").first.get_attribute("href"))
    reads(answer, tmp_path, "QUYẾT ĐỊNH GIẢI QUYẾT KHIẾU NẠI LẦN ĐẦU", "Số: 1/TLKN", signatures=2)

    leader = at_work(Someone(browser, town, "chutich"), dossier)
    with_words(leader, "Hủy kết quả", "cancel_result", "Cấp cho người không đủ điều kiện.", "Hủy với lý do này")
    leader.leave()
    assert "Đã hủy" in hoa.go(f"/ho-so/{dossier}/").page.inner_text("main")
    hoa.leave()
    assert "Đã hủy" in stranger.go(stranger.page.url.removeprefix(town.url)).page.inner_text("main")
    stranger.leave()
