"""The stand-in for an SMS provider behaves as the provider does, and keeps numbers out of its output."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from tests.core.notify.builders import serving

from tinhso.simulators.exchange import Server
from tinhso.simulators.sms.server import PATH, SmsHandler

GOOD = {
    "ApiKey": "demo-key", "SecretKey": "demo-secret", "Brandname": "TINHSO", "SmsType": "2", "IsUnicode": "0",
    "Phone": "0905123456", "Content": "Ho so da duoc tiep nhan", "RequestId": "a",
}  # fmt: skip


def send(server: Server, path: str = PATH, **changes: str) -> str:
    request = urllib.request.Request(server.url + path, json.dumps(GOOD | changes).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(json.load(answer)["CodeResult"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "100"), ({"ApiKey": "x"}, "101"), ({"Brandname": "x"}, "104"), ({"Content": "Hồ sơ"}, "131"),
        ({"Content": "a" * 423}, "131"), ({"Phone": "123"}, "99999"),
    ],
)  # fmt: skip
def test_it_answers_with_the_providers_codes(changes: dict[str, str], code: str) -> None:
    with serving(SmsHandler) as server:
        assert send(server, **changes) == code


def test_one_request_id_is_taken_once_and_shown_on_its_page() -> None:
    with serving(SmsHandler) as server:
        assert [send(server), send(server), send(server, RequestId="b")] == ["100", "124", "100"]
        page = urllib.request.urlopen(server.url, timeout=5).read().decode()
    assert page.count("Ho so da duoc") == 2
    assert "mô phỏng" in page


def test_other_addresses_are_no_calls() -> None:
    with serving(SmsHandler) as server, pytest.raises(urllib.error.HTTPError, match="400"):
        send(server, path="/x")
