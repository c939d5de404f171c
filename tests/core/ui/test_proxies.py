"""Behind a reverse proxy each client counts for itself, and nobody chooses whom they count as."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client, RequestFactory
from tests.house.databases import Database

from tinhso.config.config import Config
from tinhso.core.api.limits import sender
from tinhso.core.ui.proxies import ClientAddress


@pytest.mark.parametrize(
    ("comes_from", "forwarded", "counts_as"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # nobody outside is believed
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # what the client claimed stands on the left
        ("127.0.0.1", "203.0.113.9, 10.0.0.7", "203.0.113.9"),  # two proxies of ours
        ("127.0.0.1", "2001:db8::5", "2001:db8::5"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "'; DROP TABLE, 10.0.0.7", "10.0.0.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_address_is_what_our_proxies_heard(settings: Any, comes_from: str, forwarded: str, counts_as: str) -> None:
    proxies = [ip_network("127.0.0.0/8"), ip_network("10.0.0.0/24")]
    settings.TINHSO = settings.TINHSO.model_copy(update={"trusted_proxies": proxies})
    seen: list[str] = []
    ClientAddress(lambda request: seen.append(sender(request)))(  # type: ignore[arg-type,func-returns-value]
        RequestFactory().get("/", REMOTE_ADDR=comes_from, headers={"X-Forwarded-For": forwarded})
    )
    assert seen == [counts_as]


def test_one_who_guesses_passwords_behind_the_proxy_locks_out_nobody_else(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinhso.core.accounts.actions.sign_in.FAILURES_PER_ADDRESS", 2)
    client = Client(headers={"X-Forwarded-For": "203.0.113.9"})
    wrong = {"login": "khong-co", "password": "sai"}
    for _try in range(2):
        client.post("/dang-nhap/", wrong)
    blocked = client.post("/dang-nhap/", wrong).content.decode()
    other = Client(headers={"X-Forwarded-For": "203.0.113.10"}).post("/dang-nhap/", wrong).content.decode()
    assert "quá nhiều lần" in blocked
    assert "quá nhiều lần" not in other


def test_proxies_are_configured_by_address_or_network(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [str(one) for one in Config().trusted_proxies] == ["127.0.0.0/8", "::1/128"]
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.7, 2001:db8::/64")
    assert [str(one) for one in Config().trusted_proxies] == ["10.0.0.7/32", "2001:db8::/64"]
    monkeypatch.setenv("TRUSTED_PROXIES", "proxy.example")
    with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
        Config()
