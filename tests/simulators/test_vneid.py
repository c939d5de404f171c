"""Signing in by VNeID: our pages, and the simulator as a process of its own on a real socket."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client
from tests.core.accounts.people import AT, BY, a_citizen, a_person
from tests.house.places import ROOT, SESSION

from tinhso.core.accounts.actions import disable_account, identify
from tinhso.core.accounts.models import Account, Person
from tinhso.core.ledger.models import Entry

HOA = "066190000001"
SITE = "http://testserver"


@pytest.fixture(scope="session")
def simulator() -> Iterator[str]:
    """The address of a running simulator; it shares the client's secret by the data folder's keys."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "DATA_DIR": str(SESSION / "data"),
        "PUBLIC_URL": SITE,
    }
    command = [sys.executable, "-m", "tinhso.simulators.vneid", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address, process)
            yield address
        finally:
            process.terminate()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{address}/.well-known/openid-configuration", timeout=5).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the simulator did not start")


@pytest.fixture
def vneid(db: Any, settings: Any, simulator: str) -> str:
    return configure(settings, simulator)


def configure(settings: Any, address: str) -> str:
    providers = deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = address
    settings.SOCIALACCOUNT_PROVIDERS = providers
    return address


def begin(browser: Client) -> str:
    """Press the button of the sign-in page: where it leads."""
    page = browser.get("/dang-nhap/?next=/toi/ho-so/").content.decode()
    action = re.search(r'action="(/tai-khoan/oidc/vneid/[^"]+)"', page)[1].replace("&amp;", "&")
    answer = browser.post(action)
    assert answer.status_code == 302
    return answer["Location"]


def choose(address: str, citizen: str) -> str:
    """At VNeID, in a browser's own cookies: pick a citizen; the callback it sends one back to."""
    with requests.Session() as cookies:
        page = cookies.get(address, timeout=30)
        assert "MÔ PHỎNG" in page.text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        data = {"csrfmiddlewaretoken": token, "citizen": citizen}
        answer = cookies.post(page.url, data, headers={"Referer": page.url}, timeout=30, allow_redirects=False)
        while not answer.headers["Location"].startswith(SITE):
            answer = cookies.get(urljoin(page.url, answer.headers["Location"]), timeout=30, allow_redirects=False)
        return answer.headers["Location"].removeprefix(SITE)


def come(citizen: str = HOA) -> tuple[Client, HttpResponse]:
    browser = Client()
    return browser, browser.get(choose(begin(browser), citizen))


def test_a_citizen_comes_in_by_vneid_and_is_the_same_person_next_time(vneid):
    browser, answer = come()
    assert (answer.status_code, answer["Location"]) == (302, "/toi/ho-so/")
    page = browser.get("/toi/ho-so/").content.decode()
    assert "Nguyễn Thị Hoa" in page
    assert "0661•••••001" in page
    come()
    account = Account.objects.get()
    assert account.person == Person.objects.get()
    assert (account.kind, account.person.national_id) == ("citizen", HOA)
    assert [e.data["method"] for e in Entry.objects.filter(event="account.signed_in")] == ["vneid", "vneid"]


def test_vneid_leads_to_the_person_and_account_already_known_and_corrects_the_name(vneid):
    account = a_citizen(HOA)
    identify(HOA, full_name="NGUYỄN THỊ HOA", by=BY, at=AT)
    browser, _answer = come()
    assert Account.objects.get().pk == account.pk
    assert Person.objects.get().full_name == "Nguyễn Thị Hoa"
    assert browser.get("/toi/du-lieu/").status_code == 200


def test_the_number_stays_out_of_the_librarys_tables_and_of_sessions(db, vneid):
    come()
    with db.connect() as raw:
        tables = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        holding = [t for (t,) in tables if HOA in str(raw.execute(f'SELECT t::text FROM "{t}" t').fetchall())]
        sessions = raw.execute("SELECT session_key FROM django_session").fetchall()
    assert holding == []
    assert sessions
    assert all(HOA not in str(dict(SessionStore(key).items())) for (key,) in sessions)


def test_a_disabled_account_stays_outside(vneid):
    disable_account(a_citizen(HOA), by=BY, at=AT)
    browser, answer = come()
    assert answer["Location"] == "/tai-khoan/da-khoa/"
    assert browser.get("/toi/ho-so/").status_code == 302


def test_an_identity_never_changes_hands(vneid):
    come()
    stranger = a_person("066085000002")
    Account.objects.update(person=stranger)
    _browser, answer = come()
    assert answer.status_code == 403
    assert Account.objects.filter(person=stranger).count() == 1


def test_a_signed_in_person_cannot_tie_another_identity_to_the_account(vneid):
    account = a_citizen(HOA)
    browser = Client()
    browser.force_login(account)
    answer = browser.post("/tai-khoan/oidc/vneid/login/?process=connect")
    browser.get(choose(answer["Location"], "066085000002"))
    account.refresh_from_db()
    assert account.person.national_id == HOA
    assert account.socialaccount_set.count() == 0


def test_the_callback_takes_no_state_it_did_not_give(vneid):
    answer = Client().get("/tai-khoan/oidc/vneid/login/callback/?code=x&state=y")
    assert answer.status_code in (401, 403)
    assert not Account.objects.exists()


def test_a_callback_works_once(vneid):
    browser = Client()
    callback = choose(begin(browser), HOA)
    assert browser.get(callback)["Location"] == "/toi/ho-so/"
    again = Client().get(callback)
    assert again.status_code in (401, 403)


def test_when_vneid_is_away_the_page_says_so(db, settings):
    configure(settings, "http://127.0.0.1:9")
    page = Client().post("/tai-khoan/oidc/vneid/login/?process=login")
    assert page.status_code == 502
    assert "VNeID" in page.content.decode().split("<main")[1]


def test_without_vneid_the_button_is_absent(db, settings):
    providers = deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"] = []
    settings.SOCIALACCOUNT_PROVIDERS = providers
    assert "/oidc/" not in Client().get("/dang-nhap/").content.decode()
    assert Client().post("/tai-khoan/oidc/vneid/login/").status_code == 404


def test_the_simulator_says_what_it_is_and_asks_each_time(simulator):
    page = requests.get(simulator, timeout=30)
    assert "MÔ PHỎNG" in page.text
    metadata = requests.get(f"{simulator}/.well-known/openid-configuration", timeout=30).json()
    assert metadata["issuer"] == simulator
    assert urlsplit(metadata["jwks_uri"]).netloc == urlsplit(simulator).netloc
