"""Web Push: messages to browsers that a person turned on, device by device.

RFC 8030 (the push service), 8291 (encrypted for the browser alone), 8292 (VAPID: who we are). The
address comes from the browser, so only push services named in `PUSH_HOSTS` are ever called.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from urllib.parse import urlsplit
from uuid import UUID

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db.models import Q
from py_vapid import Vapid02

from ..models import Device, Notice
from .http import post
from .outgoing import Outgoing, UndeliverableError

DAY = 24 * 3600  # seconds a push service keeps a message for a telephone that is off
LONGEST = 600  # letters of up to three bytes; a push service takes 4,096 bytes in all
GONE = ("push:404", "push:410")  # the browser has given the subscription up


class Push:
    """One delivery goes to every device of the recipient; it is sent where one of them took it."""

    name = "push"
    wakes = True

    def configured(self) -> bool:
        return True  # needs no provider: the key pair is made in DATA_DIR/keys

    def address_of(self, notice: Notice) -> str:
        """The account whose devices are meant, or the person's; empty where no device is on."""
        to, where = (notice.account_id, "account") if notice.account_id else (notice.person_id, "account__person")
        return str(to) if Device.objects.filter(**{where: to}).exists() else ""

    def send(self, message: Outgoing) -> None:
        whose = UUID(message.to)  # of an account or of a person
        devices = Device.objects.filter(Q(account=whose) | Q(account__person=whose))
        taken = 0
        for device in devices:
            try:
                push(device, message)
                taken += 1
            except UndeliverableError as refused:
                if refused.code not in GONE:
                    raise
                device.delete()
        if not taken:
            raise UndeliverableError("push:gone")


def push(device: Device, message: Outgoing) -> None:
    """Encrypt and hand a message to the push service of one browser. Errors as `Channel.send`."""
    url = urlsplit(device.endpoint)
    if not acceptable(device.endpoint):
        raise UndeliverableError("push:host")
    languages = [code for code, _name in settings.LANGUAGES]
    words = message.words[languages.index(device.language)]
    tag = message.message_id.strip("<>").partition("@")[0][-32:].translate({ord("."): "-"})
    shown = {"title": words.title[:200], "body": words.body[:LONGEST], "url": words.url, "tag": tag}
    body = http_ece.encrypt(
        json.dumps(shown, ensure_ascii=False).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=decoded(device.key),
        auth_secret=decoded(device.secret),
        version="aes128gcm",
    )
    claims = {"aud": f"{url.scheme}://{url.netloc}", "sub": f"mailto:{settings.TINHSO.email_from}"}
    headers = _vapid().sign(claims) | {
        "TTL": str(DAY),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "Topic": tag,  # a second one with the same topic replaces the first that was not delivered yet
    }
    post("push", device.endpoint, body=body, headers=headers)


def acceptable(endpoint: str) -> bool:
    """Whether an address is of a push service we call: https, and a host of `PUSH_HOSTS` or below one."""
    url, config = urlsplit(endpoint), settings.TINHSO
    host = url.hostname or ""
    named = any(host == one or host.endswith(f".{one}") for one in config.push_hosts)
    return named and (url.scheme == "https" or (config.demo and host == "127.0.0.1"))


@cache
def _key(folder: str) -> ec.EllipticCurvePrivateKey:
    secret = int.from_bytes(settings.TINHSO.key("web-push"), "big")
    return ec.derive_private_key(secret % (ec.SECP256R1().group_order - 1) + 1, ec.SECP256R1())


def _vapid() -> Vapid02:
    return Vapid02(_key(str(settings.TINHSO.keys_dir)))


def public_key() -> str:
    """What browsers are told as `applicationServerKey`: the uncompressed point, base64url."""
    point = _key(str(settings.TINHSO.keys_dir)).public_key()
    raw = point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Base64url without padding, as browsers write keys. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
