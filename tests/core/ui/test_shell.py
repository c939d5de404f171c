"""The shells: what a person may choose, where menus lead, what packages hang in."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.db import InternalError
from django.test import Client
from psycopg.errors import TransactionTimeout
from tests.core.ui.people import a_citizen, an_official

from tinhso.core.agencies.models import Role
from tinhso.core.ui import navigation, panels
from tinhso.core.ui.navigation import Errand, errands, nav
from tinhso.core.ui.storage import immutable


@pytest.fixture
def browser_without_scripts(db: Any) -> Client:
    return Client(enforce_csrf_checks=True)


def csrf(client: Client) -> str:
    return str(client.get("/").context["csrf_token"])


def choose(client: Client, where: str, **choice: str) -> None:
    response = client.post(
        where, {**choice, "csrfmiddlewaretoken": csrf(client)}, headers={"Referer": "http://testserver/"}
    )
    assert response.status_code == 302


def test_large_letters_and_dark_colours_are_kept_without_scripts(browser_without_scripts):
    choose(browser_without_scripts, "/giao-dien", size="large")
    choose(browser_without_scripts, "/giao-dien", theme="dark")
    page = browser_without_scripts.get("/").content.decode()
    assert 'data-theme="dark" data-size="large"' in page


def test_a_made_up_look_is_ignored(browser_without_scripts):
    browser_without_scripts.cookies["theme"] = '"><script>'
    assert 'data-theme="auto"' in browser_without_scripts.get("/").content.decode()


def test_the_language_is_vietnamese_until_english_is_chosen(browser_without_scripts):
    english_phone = {"Accept-Language": "en-US"}
    assert 'lang="vi"' in browser_without_scripts.get("/", headers=english_phone).content.decode()
    choose(browser_without_scripts, "/ngon-ngu", language="en", next="/")
    page = browser_without_scripts.get("/", headers=english_phone).content.decode()
    assert 'lang="en"' in page
    assert "What do you need to do?" in page


def test_a_menu_never_leads_to_a_refusal(client, db):
    nav("citizen", "Chỉ của cán bộ", "ui:desk", icon="inbox")
    try:
        client.force_login(a_citizen())
        assert "Chỉ của cán bộ" not in client.get("/").content.decode()
        client.force_login(an_official(Role.OFFICER).account)
        assert "Chỉ của cán bộ" in client.get("/").content.decode()
    finally:
        navigation._ENTRIES.pop()


def test_the_home_page_shows_eight_errands_and_no_more(client, db, monkeypatch):
    monkeypatch.setattr(navigation, "_ERRANDS", [])
    errands()(lambda: [Errand(f"Việc số {n}", "/", "file-text") for n in range(1, 12)])
    page = client.get("/").content.decode()
    assert ("Việc số 8" in page, "Việc số 9" in page) == (True, False)


def test_packages_show_panels_in_their_order_and_may_show_nothing(rf, monkeypatch):
    monkeypatch.setattr(panels, "_PANELS", {})
    panels.panel("here", order=20)(lambda request, subject: f"<p>{subject} sau</p>")
    panels.panel("here", order=10)(lambda request, subject: f"<p>{subject} trước</p>")
    panels.panel("here", order=15)(lambda request, subject: None)
    assert panels.fill("here", rf.get("/"), 7) == "<p>7 trước</p><p>7 sau</p>"
    assert panels.fill("nowhere", rf.get("/")) == ""


def test_the_desk_begins_at_the_first_entry_of_its_menu(client, db, monkeypatch):
    client.force_login(an_official(Role.OFFICER).account)
    monkeypatch.setattr(navigation, "_ENTRIES", [])
    assert client.get("/ban-lam-viec").status_code == 200
    nav("desk", "Tìm", "ui:search", icon="search", order=2)
    nav("desk", "Trang chủ", "ui:home", icon="house", order=1)
    assert client.get("/ban-lam-viec")["Location"] == "/"


class Sample(forms.Form):
    name = forms.CharField(label="Họ và tên", help_text="Như trên thẻ căn cước")
    note = forms.CharField(label="Ghi chú", required=False)


def test_a_form_says_what_is_wrong_on_top_and_beside_the_field_and_keeps_what_was_typed():
    html = str(Sample({"name": "", "note": "không gấp"}))
    assert '<a href="#id_name">Họ và tên' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'value="không gấp"' in html


def test_only_names_that_hold_their_hash_are_cached_for_ever():
    assert immutable("", "/static/tinhso/site.PFYAWKDO.css")
    assert not immutable("", "/static/tinhso/manifest.json")
    assert not immutable("", "/static/ninja/swagger-ui.css")


def test_search_engines_are_kept_from_what_belongs_to_people(client):
    assert "Disallow: /tai-khoan/" in client.get("/robots.txt").content.decode()


def test_the_catalogue_is_for_builders_only(client, db, settings):
    settings.DEBUG = False
    assert client.get("/ui").status_code == 404


def test_a_page_whose_transaction_lasted_too_long_says_come_again(db, monkeypatch):
    def too_slow(*_asked: object, **_more: object) -> None:
        raise InternalError from TransactionTimeout("terminating connection due to transaction timeout")

    monkeypatch.setattr("tinhso.systems.procedures.queries.listing", too_slow)
    answer = Client(raise_request_exception=False).get("/thu-tuc/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Lỗi 503" in answer.content.decode()
