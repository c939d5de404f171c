"""The shipped forms as people meet them: every page accessible, with a script and without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.core.ui.axe import violations
from tests.house.site import Site

from tinhso.core.accounts import demo as accounts
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.forms.models import Draft
from tinhso.systems.procedures import demo as procedures

pytestmark = pytest.mark.browser
COMMUNE = '[name="requester.address.commune"]'
PROVINCE = '[name="requester.address.province"]'

# Page of 1.004873 → what to answer there, after consent to prefilling.
ANSWERS: dict[str, dict[str, str]] = {
    "relation": {"relation": "self"},
    "requester": {},
    "own": {"own.ethnicity": "Ê Đê"},
    "status": {"status": "widowed"},
    "status_details": {"spouse": "Trần Văn An", "death_paper": "Trích lục khai tử 5/2020, UBND phường Tân Lợi"},
    "purpose": {"purpose": "marriage", "earlier_paper": "none"},
    "marriage": {
        "partner_name": "Lê Văn Bình",
        "partner_birth_date": "1/1/1988",
        "partner_paper": "Căn cước 066088000001",
        "wedding_place": "UBND phường Tân Lập",
    },
    "papers": {"evidence": "giay.pdf"},
    "delivery": {"receive": "online", "exemption": "none"},
    "declaration": {"declaration": "yes"},
}


def signed_in(site: Site, browser: Any, username: str, **options: Any) -> Any:
    """A page of a browser in which this demo account is signed in."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(Account.objects.get(username=username), "tinhso.core.accounts.backends.AccountBackend")
    context = browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 800}, **options)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    return context.new_page()


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    for room in (agencies, accounts, procedures):
        room.load(lambda line: None)
    return shared_site


@pytest.fixture(autouse=True)
def nothing_begun(site: Site) -> None:
    Draft.objects.all().delete()


def someone(role: str) -> str:
    from tinhso.core.agencies.models import Staff

    found = Staff.objects.filter(roles__contains=[role]).select_related("account").order_by("valid_from", "pk").first()
    assert found is not None
    return found.account.username


def answer(page: Any, values: dict[str, str], folder: Path) -> None:
    for name, value in values.items():
        field = page.locator(f'[name="{name}"]').first
        kind = field.get_attribute("type")
        if kind == "radio":
            page.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "checkbox":
            field.check()
        elif kind == "file":
            (folder / value).write_bytes(b"%PDF-1.7\ngiay to\n%%EOF\n")
            field.set_input_files(folder / value)
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


@pytest.mark.parametrize("script", [True, False])
def test_an_application_is_filled_in_page_by_page(site: Site, browser: Any, script: bool, tmp_path: Path) -> None:
    page = signed_in(site, browser, accounts.CITIZENS[0][0], java_script_enabled=script)
    page.goto(f"{site.url}/thu-tuc/1.004873/")
    with page.expect_navigation():
        page.locator(".reach a").click()
    page.locator("#consent").check()
    with page.expect_navigation():
        page.locator("main form button").first.click()
    page.locator(".tasklist a").first.wait_for()
    assert page.locator(".tasklist li").count() == 7, "what hangs on answers is not listed before them"
    with page.expect_navigation():
        page.locator(".tasklist a").first.click()
    found = []
    walked = []
    while not page.url.endswith("/kiem-tra/"):
        key = page.url.rstrip("/").rpartition("/")[2]
        assert key not in walked, page.locator("main").inner_text()
        walked.append(key)
        if script:
            for width in (320, 1440):
                page.set_viewport_size({"width": width, "height": 800})
                found += [f"{key} {width}: {line}" for line in violations(page)]
                wide = page.evaluate("document.documentElement.scrollWidth")
                found += [f"{key} {width}: scrolls sideways ({wide} px)"] * (wide > width)
        answer(page, ANSWERS[key], tmp_path)
        with page.expect_navigation():
            page.locator("main form button.primary").click()
    assert walked == list(ANSWERS)
    letter = page.locator("main").inner_text()
    for said in ("Ê Đê", "Trần Văn An", "01/01/1988", "giay.pdf", "15.000"):
        assert said in letter
    assert not found, "\n".join(found)


def test_a_province_brings_its_communes_and_keeps_the_focus_and_what_was_typed(site: Site, browser: Any) -> None:
    page = signed_in(site, browser, accounts.CITIZENS[0][0])
    page.goto(f"{site.url}/nop-ho-so/1.004873/default/")
    with page.expect_navigation():
        page.locator("main form button").first.click()
    with page.expect_navigation(wait_until="load"):  # scripts have run then
        page.locator('.tasklist a[href$="/requester/"]').click()
    page.locator('[name="requester.full_name"]').fill("Nguyễn Thị Hoa")
    page.locator(PROVINCE).focus()
    page.locator(PROVINCE).select_option("01")
    page.locator(f'{COMMUNE} option[value="00004"]').wait_for(state="attached")
    assert page.locator('[name="requester.full_name"]').input_value() == "Nguyễn Thị Hoa"
    assert page.evaluate("document.activeElement.name") == "requester.address.province"
    assert not page.locator('[name="_refresh"]').is_visible()


def test_without_a_script_a_button_brings_the_communes(site: Site, browser: Any) -> None:
    page = signed_in(site, browser, accounts.CITIZENS[0][0], java_script_enabled=False)
    page.goto(f"{site.url}/nop-ho-so/1.004873/default/")
    with page.expect_navigation():
        page.locator("main form button").first.click()
    with page.expect_navigation(wait_until="load"):  # scripts have run then
        page.locator('.tasklist a[href$="/requester/"]').click()
    page.locator('[name="requester.full_name"]').fill("Nguyễn Thị Hoa")
    page.locator(PROVINCE).select_option("01")
    with page.expect_navigation():
        page.locator('[name="_refresh"]').click()
    assert page.locator(f'{COMMUNE} option[value="00004"]').count() == 1
    assert page.locator('[name="requester.full_name"]').input_value() == "Nguyễn Thị Hoa"
    assert page.locator(".error-summary").count() == 0


def test_at_the_counter_a_question_comes_and_goes_with_the_answer_before_it(
    site: Site, browser: Any, tmp_path: Path
) -> None:
    page = signed_in(site, browser, someone("receptionist"))
    page.goto(f"{site.url}/ban-lam-viec/tiep-nhan/2.000815/default/")
    assert page.locator('[name="legalised"]').count() == 2
    page.locator('[name="document"]').fill("Bằng tốt nghiệp")
    answer(page, {"scan": "ban-quet.pdf"}, tmp_path)
    page.locator('[name="origin"][value="vietnam"]').check()
    page.locator('[name="legalised"]').first.wait_for(state="detached")
    page.locator('[name="origin"][value="foreign"]').check()
    page.locator('[name="legalised"]').first.wait_for(state="attached")
    assert page.locator('[name="document"]').input_value() == "Bằng tốt nghiệp"
    assert page.evaluate("document.querySelector('[name=scan]').files.length") == 1, "a chosen file is not lost"
