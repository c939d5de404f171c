"""From nothing to a procedure that somebody has applied for: by hand, in a browser, no code typed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house.site import Site
from tests.journeys.people import Someone, until

pytestmark = [pytest.mark.browser, pytest.mark.soak]  # above 15 seconds on a loaded machine
CODE, NAME = "1.999003.000.00.00.H15", "Cấp thẻ bán hàng chợ phiên"
MOST = 60  # interactions of everybody together, signing in left out
FRESH = "#main:not([data-old])"


class Hands(Someone):
    """Somebody whose every click and every entry is counted."""

    count = 0  # of everybody

    def once(self) -> Any:
        Hands.count += 1
        return self.page

    def click(self, what: Any) -> None:
        """Click what brings new content: another page, or this one anew."""
        self.once().evaluate("document.querySelector('#main').dataset.old = '1'")
        what.click()
        self.page.locator(FRESH).wait_for()

    def press_(self, name: str) -> None:
        self.click(self.button(name))

    def link(self, name: str) -> None:
        self.click(self.page.locator("main").get_by_role("link", name=name).first)

    def enter(self, label: str, words: str) -> None:
        self.once().locator("main").get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(words)

    def choose(self, label: str, words: str) -> None:
        self.once().locator("main").get_by_label(re.compile(f"^{re.escape(label)}")).first.select_option(label=words)

    def tick(self, words: str) -> None:
        self.once().locator("main").get_by_label(words).first.check()

    def unfold(self, words: str) -> None:
        self.once().locator("main summary", has_text=words).first.click()


def test_a_new_procedure_is_designed_published_and_applied_for_in_sixty_interactions(town: Site, browser: Any) -> None:
    Hands.count = 0
    official = Hands(browser, town, "quantri.tinh")
    official.go("/ban-lam-viec/danh-muc/")
    begins(official)
    designs_the_form(official)
    official.click(official.page.locator('main nav a[href$="/le-phi/"]'))
    official.once().locator('main [name="kind"]').select_option(label="Một mức cho mỗi hồ sơ")
    official.enter("Số tiền (đồng)", "20000")
    official.press_("Lưu")
    assert "20.000 đ" in official.page.inner_text("h1")
    designs_the_result(official)
    official.look()
    official.link("Toàn bộ thay đổi")
    official.press_("Gửi duyệt")
    change = official.page.url.removeprefix(town.url)
    official.leave()

    leader = Hands(browser, town, "lanhdao.tinh")
    leader.go(change)
    assert "khi “Loại quầy” là Lưu động" in leader.page.inner_text("main")
    leader.press_("Công bố")
    leader.leave()

    applies(Hands(browser, town, "hoa", width=360))
    assert Hands.count <= MOST, f"{Hands.count} interactions"
    print(f"{Hands.count} interactions")


def begins(official: Hands) -> None:
    official.link("Thủ tục mới")
    official.enter("Mã", CODE)
    official.enter("Tên đầy đủ", NAME)
    official.enter("Hoặc lĩnh vực mới", "Chợ")
    official.choose("Cấp thực hiện", "Xã, phường")
    official.press_("Soạn bản nháp")
    official.link("Soạn biểu mẫu")
    official.look()


def designs_the_form(official: Hands) -> None:
    page = official.page
    official.click(page.locator(".outline a", has_text="Nội dung đề nghị"))
    official.choose("Loại", "Chọn một")
    official.tick("bắt buộc trả lời")
    official.enter("Nội dung", "Loại quầy")
    official.enter("Các lựa chọn", "Cố định\nLưu động")
    official.press_("Thêm")
    official.once().locator("#add-label").fill("Bán ở những chợ nào")
    official.press_("Thêm")
    official.unfold("Luôn hỏi")
    official.choose("Thêm điều kiện theo", "Loại quầy")
    official.press_("Thêm điều kiện")
    official.tick("Lưu động")
    official.press_("Lưu điều kiện")
    assert "Chỉ hỏi khi “Loại quầy” là Lưu động" in page.inner_text(".settings")
    official.look()
    official.once().evaluate("document.querySelector('#main').dataset.old = '1'")
    page.locator('[data-place="q:request"]').drag_to(page.locator('[data-place="q:loai_quay"]'))
    page.locator(FRESH).wait_for()
    order = page.locator(".piece").evaluate_all("all => all.map(one => one.dataset.place)")
    assert order.index("q:request") == order.index("q:loai_quay") - 1
    official.click(page.locator('[data-place="q:ban_o_nhung_cho_nao"] > a'))
    official.press_("Điền ví dụ")
    assert page.locator('.tried [name="loai_quay"]').first.is_checked()
    page.locator(".outline a[aria-current]").focus()
    Hands.count += 1
    page.evaluate("document.querySelector('#main').dataset.old = '1'")
    page.keyboard.press("Alt+ArrowUp")  # cannot stand before what decides it: told, and nothing moved
    page.locator(FRESH).wait_for()
    assert page.locator("main [role=alert]").count() == 1
    official.noticed = [one for one in official.noticed if "422" not in one]  # the refused step, told by the console


def designs_the_result(official: Hands) -> None:
    official.link("Nội dung công chức ghi")
    official.click(official.page.locator(".outline a", has_text="Nội dung quyết định"))
    official.once().locator("#add-label").fill("Loại quầy được cấp")
    official.press_("Thêm")
    official.choose("Điền sẵn bằng", "Loại quầy")
    official.press_("Lưu")
    official.link("Mẫu văn bản kết quả")
    official.press_("Tự soạn văn bản")
    official.enter("Tên văn bản", "Thẻ bán hàng")
    official.press_("Lưu tên văn bản")
    picture = official.page.locator(".sheet-page img")
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("e => e.complete && e.naturalWidth > 0"), "the page of the letter")


def applies(citizen: Hands) -> None:
    page = citizen.page
    citizen.go(f"/thu-tuc/{CODE}/")
    citizen.click(page.get_by_role("link", name="Nộp hồ sơ").first)
    page.get_by_label(re.compile("Điền sẵn")).check()
    Hands.count += 1
    citizen.click(page.locator("main form button.primary").first)
    citizen.click(page.locator("main ol.tasklist a").first)
    answers = {"request": "Xin bán hàng tại chợ phiên", "loai_quay": "luu_dong", "ban_o_nhung_cho_nao": "Chợ Buôn Hồ"}
    answers |= {"receive": "online", "declaration": "yes"}
    for _page in range(10):
        if page.url.endswith("/kiem-tra/"):
            break
        for name, value in answers.items():
            field = page.locator(f'main [name="{name}"]')
            if not field.count():
                continue
            kind = field.first.get_attribute("type")
            Hands.count += 1
            if kind == "radio":
                page.locator(f'main [name="{name}"][value="{value}"]').check()
            elif kind == "checkbox":
                field.first.check()
            else:
                field.first.fill(value)
        citizen.click(page.locator("main form .actions button.primary"))
    assert "Chợ Buôn Hồ" in page.inner_text("main")
    citizen.press_("Nộp hồ sơ")
    assert "/da-nop/" in page.url, page.url
    citizen.leave()
