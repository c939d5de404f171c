"""Web Push: a receiver on a real socket decrypts what we send, as a browser would."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from tests.core.notify.builders import CODE, NIGHT, NOW, SUBJECT, deliver_all, lan, told

from tinhso.core.ledger.actions import Refused
from tinhso.core.notify import choices
from tinhso.core.notify.channels import push
from tinhso.core.notify.channels.http import BusyError
from tinhso.core.notify.models import Delivery, Device, State

pytestmark = pytest.mark.usefixtures("db")


class Browser(ThreadingHTTPServer):
    """A browser with its push service: keys of its own, and what it was sent, decrypted."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Service)
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.status = 201
        self.shown: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []

    @property
    def subscription(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {
            "endpoint": f"http://127.0.0.1:{self.server_address[1]}/push/{id(self)}",
            "key": base64.urlsafe_b64encode(point).rstrip(b"=").decode(),
            "secret": base64.urlsafe_b64encode(self.secret).rstrip(b"=").decode(),
        }


class _Service(BaseHTTPRequestHandler):
    server: Browser

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 201:
            clear = http_ece.decrypt(body, private_key=self.server.private, auth_secret=self.server.secret)
            self.server.shown.append(json.loads(clear))
            self.server.headers.append(dict(self.headers))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def browser_device(settings) -> Iterator[Browser]:
    settings.TINHSO = settings.TINHSO.model_copy(update={"push_hosts": ["127.0.0.1"]})
    with Browser() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def add(account, browser: Browser, language: str = "vi") -> Device:
    return choices.add_device(account, **browser.subscription, language=language, label="Firefox · Android", at=NOW)


def part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_browser_decrypts_what_it_is_sent_and_knows_who_sent_it(browser_device: Browser) -> None:
    account = lan()
    add(account, browser_device)
    told(account, "tests.push")
    deliver_all()
    (shown,) = browser_device.shown
    assert shown["title"] == f"Hồ sơ {CODE} đã được tiếp nhận"
    assert shown["url"].endswith(f"/ho-so/{SUBJECT[1]}")
    headers = browser_device.headers[0]
    assert headers["Content-Encoding"] == "aes128gcm"
    assert len(headers["Topic"]) <= 32
    scheme, _, given = headers["Authorization"].partition(" ")
    token, key = (one.split("=", 1)[1] for one in given.split(","))
    assert (scheme, key.strip()) == ("vapid", push.public_key())
    _verify(token, part(key.strip()))
    claims = json.loads(part(token.split(".")[1]))
    assert claims["aud"] == browser_device.subscription["endpoint"].rsplit("/push", 1)[0]
    assert Delivery.objects.get().state == State.SENT


def _verify(token: str, point: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    signed, _, signature = token.rpartition(".")
    raw = part(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point).verify(
        encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256())
    )


def test_a_message_that_goes_twice_carries_one_tag(browser_device: Browser) -> None:
    account = lan()
    add(account, browser_device)
    told(account, "tests.push")
    deliver_all()
    Delivery.objects.update(state=State.WAITING)
    deliver_all()
    first, second = browser_device.shown
    assert first["tag"] == second["tag"] == browser_device.headers[0]["Topic"]


def test_nobody_is_pushed_to_who_did_not_ask_for_it(browser_device: Browser) -> None:
    told(lan(), "tests.push")
    assert Delivery.objects.count() == 0


def test_a_subscription_that_the_browser_gave_up_is_forgotten(browser_device: Browser) -> None:
    account = lan()
    add(account, browser_device)
    told(account, "tests.push")
    browser_device.status = 410
    deliver_all()
    assert Device.objects.count() == 0
    assert Delivery.objects.get().state == State.REFUSED


def test_a_push_service_in_trouble_is_tried_again_and_the_night_is_kept(browser_device: Browser) -> None:
    account = lan()
    add(account, browser_device)
    told(account, "tests.push")
    deliver_all(NIGHT)
    browser_device.status = 503
    with pytest.raises(BusyError, match="503"):
        deliver_all()
    assert Delivery.objects.get().state == State.WAITING
    assert browser_device.shown == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://10.0.0.5/x", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.test/x",
        "https://evil.test/?fcm.googleapis.com", "https://user@localhost/x", "file:///etc/passwd", "",
    ],
)  # fmt: skip
def test_only_push_services_of_browsers_are_ever_called(browser_device: Browser, settings, endpoint: str) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"push_hosts": ["fcm.googleapis.com"]})
    with pytest.raises(Refused):
        choices.add_device(
            lan(), **browser_device.subscription | {"endpoint": endpoint}, language="vi", label="", at=NOW
        )
    assert push.acceptable("https://fcm.googleapis.com/fcm/send/x")


def test_a_browser_is_added_and_removed_on_the_page(client: Client, browser_device: Browser) -> None:
    account = lan()
    client.force_login(account)
    sent = browser_device.subscription
    agent = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"}
    assert client.post("/toi/thong-bao/thiet-bi", sent, headers=agent).status_code == 201
    assert client.post("/toi/thong-bao/thiet-bi", sent | {"key": "abc"}).status_code == 422
    device = Device.objects.get()
    assert device.label == "Chrome · Android"
    other = Client()
    other.force_login(lan())
    other.post(f"/toi/thong-bao/thiet-bi/{device.pk}/bo")
    assert Device.objects.count() == 1  # not theirs
    client.post(f"/toi/thong-bao/thiet-bi/{device.pk}/bo")
    assert Device.objects.count() == 0
