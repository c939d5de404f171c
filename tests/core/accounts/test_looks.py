"""The pages of accounts and agencies in a real browser: accessible, and inside a phone's frame."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.accounts.people import PASSWORD, a_citizen, an_agency, an_official
from tests.core.ui.axe import violations
from tests.house.site import Site

pytestmark = pytest.mark.browser


def sign_in(page: Any, site: Site, username: str) -> None:
    page.goto(f"{site.url}/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(f"{site.url}/**")


def faults(page: Any, site: Site, paths: list[str]) -> list[str]:
    found = []
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            answer = page.goto(site.url + path)
            assert answer.status == 200, path
            found += [f"{path} {width}: {line}" for line in violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path} {width}: scrolls sideways ({wide} px)"] * (wide > width)
    return found


def test_pages_of_signing_in_and_of_a_citizen(shared_site: Site, browser: Any) -> None:
    a_citizen(phone="0905111222")
    page = browser.new_context(locale="vi-VN").new_page()
    found = faults(
        page,
        shared_site,
        ["/dang-nhap/", "/dang-ky/", "/tai-khoan/quen-mat-khau/", "/tai-khoan/da-khoa/", "/tai-khoan/da-huy/"],
    )
    page.goto(f"{shared_site.url}/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill("hoa")
    page.get_by_label("Mật khẩu", exact=True).fill("sai")
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    found += violations(page)
    sign_in(page, shared_site, "hoa")
    page.goto(f"{shared_site.url}/tai-khoan/xac-nhan-lai/")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    found += faults(
        page,
        shared_site,
        ["/toi/ho-so/", "/toi/du-lieu/", "/tai-khoan/an-toan/", "/tai-khoan/mat-khau/", "/tai-khoan/buoc-hai/bat/"],
    )
    assert not found, "\n".join(found)


def test_pages_of_administrators(shared_site: Site, browser: Any) -> None:
    province = an_agency("H15", name="Ủy ban nhân dân tỉnh Đắk Lắk")
    commune = an_agency("H15.24133", parent=province, name="Ủy ban nhân dân phường Buôn Ma Thuột")
    administrator = an_official(province, "administrator", username="quantri", title="Quản trị hệ thống")
    officer = an_official(commune, "officer", "clerk", title="Công chức Tư pháp - Hộ tịch", capacity="TL")
    page = browser.new_context(locale="vi-VN").new_page()
    sign_in(page, shared_site, administrator.account.username)
    agency = f"/quan-tri/co-quan/{commune.pk}/"
    found = faults(
        page,
        shared_site,
        [
            "/quan-tri/co-quan/",
            agency,
            f"{agency}them",
            f"{agency}sua",
            f"{agency}them-nguoi",
            f"/quan-tri/nguoi/{officer.pk}/",
            "/quan-tri/tai-khoan/",
            f"/quan-tri/tai-khoan/{officer.account_id}/",
            "/quan-tri/thiet-bi/",
            "/quan-tri/nhap/",
            "/quan-tri/nhap/nguoi/",
            "/quan-tri/xoa-du-lieu/",
            "/quan-tri/cay-moi/",
            f"{agency}sap-nhap",
            f"/quan-tri/nguoi/{officer.pk}/thay",
            "/quan-tri/api/",
        ],
    )
    page.get_by_label("Tên ứng dụng").fill("Cổng dữ liệu")
    page.get_by_label("Cho cơ quan nào").select_option(str(commune.pk))
    page.get_by_label("Được làm gì").fill("procedures:read")
    page.get_by_role("button", name="Thêm").click()
    assert page.get_by_label("Mã bí mật").input_value().startswith("tinhso_")
    found += violations(page)
    assert not found, "\n".join(found)
