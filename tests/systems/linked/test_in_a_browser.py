"""The joint application on an old phone without scripts, and its pages for officials."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.core.ui.axe import violations
from tests.house.databases import Database
from tests.house.site import serving
from tests.systems.dossiers.builders import by
from tests.systems.satisfaction.test_in_a_browser import _page
from tinhso.core.agencies.models import Role
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.linked import demo

from .builders import a_joint

pytestmark = pytest.mark.browser


def test_it_is_followed_and_completed_on_a_phone_without_scripts(
    province: Database, tmp_path: Path, browser: Any
) -> None:
    demo.publish_procedures()
    one = a_joint(timezone.now() - timedelta(hours=9)).submitted().accepted().birth_issued()
    until = timezone.localdate() + timedelta(days=9)
    missing = "Giấy tờ chứng minh chỗ ở hợp pháp."
    dossiers.ask_supplement(one["residence"], reason=missing, until=until, by=by(Role.RECEPTIONIST), at=one.later())
    with serving(province, tmp_path / "data") as site:
        small = {"width": 320, "height": 640}
        plain = _page(browser, site.url, "hoa", java_script_enabled=False, viewport=small)
        plain.goto(f"{site.url}/ho-so/{one.pk}/")
        plain.get_by_role("link", name="Xem tất cả trên một trang").click()
        assert plain.get_by_text(missing).first.is_visible()
        plain.get_by_label("Lời nhắn kèm theo").fill("Tôi ở nhà mẹ đẻ, hộ khẩu cùng địa chỉ.")
        plain.get_by_role("button", name="Gửi bổ sung").click()
        assert plain.get_by_text("Phần này tiếp tục được giải quyết").is_visible()

        found = []
        pages = (
            ("hoa", f"/ho-so/{one.pk}/lien-thong/"),
            ("motcua", f"/ban-lam-viec/lien-thong/{one.pk}/"),
            ("motcua", f"/ban-lam-viec/ho-so/{one['residence'].pk}/ket-qua-noi-khac/"),
        )
        for who, path in pages:
            page = _page(browser, site.url, who, viewport=small)
            assert page.goto(site.url + path).status == 200
            found += [f"{path}: {line}" for line in violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path}: scrolls sideways ({wide} px)"] * (wide > 320)
        assert not found, "\n".join(found)
