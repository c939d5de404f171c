"""The stand-in for Zalo: tokens that work once, and refusals that come with HTTP 200."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.core.notify.builders import serving

from tinhso.simulators.zalo.server import ZaloHandler, ZaloServer

GOOD = {"phone": "84905123456", "template_id": "7895417", "template_data": {"title": "Xin chào"}, "tracking_id": "a"}


def call(server: ZaloServer, path: str, body: bytes, **headers: str) -> dict[str, Any]:
    request = urllib.request.Request(server.url + path, body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return dict(json.load(answer))


def renewed(server: ZaloServer, refresh: str) -> dict[str, Any]:
    form = {"refresh_token": refresh, "app_id": "demo-app", "grant_type": "refresh_token"}
    return call(server, "/v4/oa/access_token", urlencode(form).encode(), secret_key="demo-secret")


def send(server: ZaloServer, token: str, **changes: Any) -> int:
    return int(call(server, "/message/template", json.dumps(GOOD | changes).encode(), access_token=token)["error"])


def test_a_refresh_token_works_once_and_ends_the_access_token_before_it() -> None:
    with serving(ZaloHandler, ZaloServer) as server:
        first = renewed(server, "demo-refresh-token")
        assert renewed(server, "demo-refresh-token")["error"] == -14014
        assert send(server, first["access_token"]) == 0
        second = renewed(server, first["refresh_token"])
        assert send(server, first["access_token"]) == -124
        assert send(server, second["access_token"]) == 0
        assert len(server.memory.taken) == 1  # the same tracking id


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"phone": "0905123456"}, -108), ({"template_id": "1"}, -109), ({"template_data": {}}, -1121),
        ({"phone": "84905123000"}, -118),
    ],
)  # fmt: skip
def test_it_refuses_what_zalo_refuses(changes: dict[str, Any], error: int) -> None:
    with serving(ZaloHandler, ZaloServer) as server:
        assert send(server, renewed(server, "demo-refresh-token")["access_token"], **changes) == error
