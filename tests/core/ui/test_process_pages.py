"""Administrators draw processes: in bpmn-js, or with a file where no script runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.core.accounts.people import PASSWORD, an_agency, an_official
from tests.core.ui.axe import violations
from tests.core.ui.test_calendar_page import an_agency as an_office
from tests.core.ui.test_calendar_page import signed_in
from tests.house.site import Site

import tinhso
from tinhso.core.ledger.models import Entry
from tinhso.core.process import actions
from tinhso.core.process.bpmn.reading import read
from tinhso.core.process.bpmn.writing import write
from tinhso.core.process.graph import read as graph_of_body
from tinhso.core.process.models import Definition, Drawing

DATA = Path(tinhso.__file__).parent / "systems/procedures/data/1.004873.json"
BODY = json.loads(DATA.read_text())["variants"][0]["process"]
LIST = "/quan-tri/quy-trinh/"


def an_administrator() -> Client:
    return signed_in(an_office())


@pytest.fixture
def client(db: Any) -> Client:
    return an_administrator()


def bpmn(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("mau.bpmn", data)


def begun(client: Client, **more: Any) -> str:
    definition = actions.define(BODY)
    response = client.post(LIST, {"name": "Xác nhận", "definition": definition.pk, **more})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def test_without_scripts_a_process_is_begun_taken_home_brought_back_and_published(client: Client) -> None:
    address = begun(client)
    page = client.get(address).content.decode()
    assert "Tiếp nhận" in page
    file = client.get(f"{address}quy-trinh.bpmn").getvalue()
    changed = file.replace("Thẩm tra".encode(), "Thẩm tra kỹ".encode())
    response = client.post(f"{address}luu", {"revision": "1", "file": bpmn(changed)}, follow=True)
    assert "Thẩm tra kỹ" in response.content.decode()
    client.post(f"{address}cong-bo")
    drawing = Drawing.objects.get()
    assert drawing.definition is not None
    assert drawing.definition.graph.step("appraise").name == "Thẩm tra kỹ"
    (entry,) = Entry.objects.filter(event="process.published")
    assert entry.data == {"definition": drawing.definition_id}
    client.post(f"{address}bo")
    assert Drawing.objects.exists(), "what is published stays"


def test_what_is_wrong_is_said_at_its_element_and_keeps_it_from_being_published(client: Client) -> None:
    address = begun(client)
    wrong = write(graph_of_body(BODY)).replace(b'tinhso:kind="sign"', b'tinhso:kind="magic"')
    saved = client.post(f"{address}luu", {"revision": "1", "xml": wrong.decode()}).json()
    assert saved["revision"] == 2
    assert [finding["at"] for finding in saved["findings"]] == ["sign"]
    response = client.post(f"{address}cong-bo")
    assert response.status_code == 422
    assert "magic" in response.content.decode()
    assert not Entry.objects.filter(event="process.published").exists()


def test_of_two_who_draw_at_once_the_second_loses_nothing_of_the_first(client: Client) -> None:
    address = begun(client)
    xml = write(graph_of_body(BODY)).decode()
    assert client.post(f"{address}luu", {"revision": "1", "xml": xml}).status_code == 200
    refused = client.post(f"{address}luu", {"revision": "1", "xml": xml})
    assert refused.status_code == 409
    assert "refused" in refused.json()


@pytest.mark.parametrize("data", [b'<!DOCTYPE d [<!ENTITY a "b">]><d/>', b"", b"<x/>" * 400_000])
def test_a_file_that_is_not_safe_to_read_is_refused(client: Client, data: bytes) -> None:
    assert client.post(LIST, {"name": "Xấu", "file": bpmn(data)}).status_code == 422
    assert not Drawing.objects.exists()


def test_another_agency_s_drawing_is_not_there(client: Client) -> None:
    address = begun(client)
    other = an_administrator()
    for path, method in ((address, "get"), (f"{address}luu", "post"), (f"{address}cong-bo", "post")):
        assert getattr(other, method)(path).status_code == 404


@pytest.mark.browser
def test_our_export_opens_in_bpmn_js_is_changed_there_and_comes_back(site: Site, browser: Any) -> None:
    an_official(an_agency(), "administrator", username="quantri")
    actions.define(BODY)
    page = browser.new_context(locale="vi-VN", viewport={"width": 1440, "height": 900}).new_page()
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(f"http://127.0.0.1:{site.port}/dang-nhap/?next={LIST}")
    page.get_by_label("Tên đăng nhập").fill("quantri")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.goto(f"http://127.0.0.1:{site.port}{LIST}")
    page.get_by_label("Tên quy trình").fill("Xác nhận")
    page.get_by_label("Bắt đầu từ").select_option(index=1)
    page.get_by_role("button", name="Bắt đầu vẽ").click()
    page.wait_for_selector("#draw-board[data-ready]")
    assert page.locator(".djs-shape[data-element-id=appraise]").count() == 1
    assert page.locator(".bjs-powered-by").is_visible(), "the mark of bpmn.io stays"

    with page.expect_response(re.compile("/luu$")) as kept:
        page.locator(".djs-element[data-element-id=appraise] .djs-hit").first.click()
        page.get_by_label("Tên", exact=True).fill("Thẩm tra kỹ")
        page.get_by_label("Tên", exact=True).blur()
    said = kept.value.json()
    assert (said["revision"], said["findings"]) == (2, [])
    assert said["ways"], "when each way is taken, in words"
    drawing = Drawing.objects.get()
    reading = read(drawing.xml.encode())
    assert reading.body is not None
    expected = json.loads(json.dumps(BODY))
    expected["steps"]["appraise"]["name"]["vi"] = "Thẩm tra kỹ"
    assert graph_of_body(reading.body) == graph_of_body(expected), "all else came back equal"

    with page.expect_response(re.compile("/luu$")) as kept:
        page.get_by_label("Loại việc").select_option("")
    assert [finding["at"] for finding in kept.value.json()["findings"]] == ["appraise"]
    page.wait_for_selector(".djs-element.wrong[data-element-id=appraise]")
    with page.expect_response(re.compile("/luu$")):
        page.get_by_label("Loại việc").select_option("appraise")
    assert violations(page) == []
    page.get_by_role("button", name="Công bố").click()
    page.wait_for_url(re.compile(r"/quy-trinh/[0-9a-f-]+/$"))
    assert Definition.objects.count() == 2
    assert heard == []
