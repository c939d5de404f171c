"""Pages that no other journey opens, as people see them: nothing scrolls sideways, axe finds nothing, and a gateway's
condition is chosen by keys alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.core.ui.axe import violations
from tests.core.ui.test_process_conditions import MARRIAGE, parting
from tests.house.databases import Database
from tests.house.site import serving
from tests.systems.dossiers.builders import a_dossier, by, citizen, staff
from tests.systems.linked.builders import a_joint
from tests.systems.vault.test_vault import at_counter, fill
from tinhso.core.agencies.models import Role
from tinhso.core.process import actions as process
from tinhso.core.process import drawings
from tinhso.core.process.bpmn.ways import ways
from tinhso.core.process.models import Drawing
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers.filters.look import Look
from tinhso.systems.linked import demo as joint_procedures

pytestmark = pytest.mark.browser

NARROW, WIDE = {"width": 320, "height": 720}, {"width": 1440, "height": 900}
WHY = "Thiếu giấy tờ chứng minh chỗ ở hợp pháp."


def test_pages_hold_at_both_widths_and_a_condition_is_chosen_by_keys(
    province: Database, tmp_path: Path, browser: Any
) -> None:
    with ThreadPoolExecutor(1) as other:  # results are signed in a loop of their own, and the browser's runs here
        addresses = other.submit(_town).result()
    drawing, way = _drawing()
    with serving(province, tmp_path / "data") as site:
        found: list[str] = []
        for username, paths in addresses.items():
            page = _page(browser, site.url, username)
            for path in paths:
                found += _look(page, f"{site.url}{path}", path)
        page = _page(browser, site.url, "quantri")
        board = f"{site.url}/quan-tri/quy-trinh/{drawing.pk}/"
        _choose_by_keys(page, f"{board}dieu-kien/?duong={way}")
        found += _look(page, f"{board}dieu-kien/?duong={way}&tim=hon+nhan", "dieu-kien")
        page.goto(f"{board}#{way}")
        page.wait_for_selector("#draw-board[data-ready]")
        assert "không phải là trả lại" in page.locator("#p-words").inner_text()
        found += [f"board: {line}" for line in violations(page)]
        page.locator("#p-choose").click()
        page.wait_for_url(f"**/dieu-kien/?duong={way}")
        assert not found, "\n".join(found)


def _choose_by_keys(page: Any, address: str) -> None:
    """“… and the step before did not end so”: without a mouse, and nothing written."""
    page.goto(address)
    new = page.get_by_label("Thêm điều kiện theo")
    new.focus()
    new.select_option(label="kết quả lần cuối của bước Ký")
    page.get_by_role("button", name="Thêm điều kiện").press("Enter")
    how = page.get_by_label("Cách so sánh “kết quả lần cuối của bước Ký”")
    how.wait_for()
    assert how.evaluate("one => one === document.activeElement"), "focus is where one goes on"
    how.select_option(label="không phải là")
    page.get_by_role("checkbox", name="trả lại, không ký").press("Space")
    page.get_by_role("button", name="Lưu điều kiện").press("Enter")
    said = "Đi đường này khi “Giấy xác nhận dùng để làm gì?” là Kết hôn và “kết quả lần cuối của bước Ký” không phải là"
    page.get_by_text(f"{said} trả lại, không ký.").wait_for()


def _look(page: Any, address: str, name: str) -> list[str]:
    found = []
    page.goto(address)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        found += [f"{name} at {size['width']}: {line}" for line in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{name}: scrolls sideways ({wide} px)"] * (wide > size["width"])
    page.set_viewport_size(WIDE)
    return found


def _town() -> dict[str, list[str]]:
    try:
        return _made()
    finally:
        connection.close()


def _made() -> dict[str, list[str]]:
    """Hoa's joint application, of which a part waits for her, and a dossier that she may complete from her vault."""
    now = timezone.now()
    until = (now + timedelta(days=9)).date()
    joint_procedures.publish_procedures()
    at_counter()
    fill()
    joint = a_joint(now - timedelta(hours=8)).submitted().accepted().birth_issued()
    dossiers.ask_supplement(joint["residence"], reason=WHY, until=until, by=by(Role.RECEPTIONIST), at=joint.later())
    one = a_dossier(now - timedelta(hours=5)).submitted().accepted().assigned()
    dossiers.ask_supplement(one.row, reason=WHY, until=until, by=by(Role.OFFICER), at=one.later())
    mine, late = staff(Role.RECEPTIONIST), Look(words="nguyen thi hoa", due="late", mine=True)
    dossiers.keep_filter(mine, name="Trễ hạn của tôi", look=late, shared=True, by=by(Role.RECEPTIONIST), at=now)
    whole, part, single = f"/ho-so/{joint.pk}/", f"/ho-so/{joint['birth'].pk}/", f"/ho-so/{one.pk}/"
    elsewhere = f"/ban-lam-viec/ho-so/{joint['insurance'].pk}/ket-qua-noi-khac/"
    return {
        "hoa": ["/ho-so/", f"{whole}lien-thong/", whole, part, f"{single}bo-sung/tu-kho/"],
        "motcua": [
            "/ban-lam-viec/lien-thong/",
            f"/ban-lam-viec/lien-thong/{joint.pk}/",
            elsewhere,
            "/ban-lam-viec/bo-loc/",
            f"/ban-lam-viec{single}bo-sung/tu-kho/",
        ],
    }


def _drawing() -> tuple[Drawing, str]:
    """A process in which some applications go another way, by what was answered."""
    now, who = timezone.now(), citizen("quantri")
    definition = process.define(parting(MARRIAGE))
    mine = staff(Role.ADMINISTRATOR)
    one = drawings.begin_from("Xác nhận, có rẽ nhánh", definition, agency=mine.agency_id, by=who, at=now)
    one = drawings.choose_form(one, "1.004873/default", by=who, at=now)
    gates = ways(one.xml.encode()).gateways
    (way,) = [way.id for gate in gates for way in gate.ways if way.text == 'purpose = "marriage"']
    return one, way


def _page(browser: Any, site: str, username: str) -> Any:
    context = browser.new_context(locale="vi-VN", viewport=WIDE)
    client = Client()
    client.force_login(citizen(username))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return context.new_page()
