from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.conf import settings
from django.test import Client
from django.utils import timezone
from tests.core.accounts.people import BY, an_agency, an_official, signed_in

from tinhso.core.accounts import actions, queries
from tinhso.core.accounts.devices import device_of
from tinhso.core.api.auth import forget_clients
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry


def pem(key) -> str:
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def signed(key, device, algorithm="EdDSA", *, seconds=120, **claims) -> str:
    now = int(timezone.now().timestamp())
    given = {"iss": str(device.pk), "aud": settings.TINHSO.base_url, "iat": now, "exp": now + seconds} | claims
    return jwt.encode(given, key, algorithm=algorithm)


@pytest.fixture
def kiosk(db):
    forget_clients()
    agency, key = an_agency(), ed25519.Ed25519PrivateKey.generate()
    device, code = actions.add_device("Kiosk ở sảnh", kind="kiosk", agency=agency, by=BY, at=timezone.now())
    assert queries.client_of(code, timezone.now()) is None  # the code is no token
    answer = Client().post("/api/v1/devices", {"code": code, "public_key": pem(key)}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["device"] == str(device.pk)
    return device, key, code


def test_a_kiosk_enrols_once_with_its_own_key_and_signs_for_itself(kiosk):
    device, key, code = kiosk
    assert device_of(signed(key, device), timezone.now()).pk == device.pk
    with pytest.raises(Refused):
        actions.enrol_device(code, pem(key), at=timezone.now())
    names = list(Entry.objects.filter(subject_id=device.pk).order_by("serial").values_list("event", flat=True))
    assert names == ["device.added", "device.enrolled"]


def test_its_rights_are_those_of_its_kind(kiosk):
    device, key, _code = kiosk
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {signed(key, device)}"}
    allowed = Client().get("/api/v1/dossiers", **bearer)
    assert (allowed.status_code, allowed.json()["code"]) == (403, "scope_missing")
    assert "dossiers:read" not in device.scopes


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://elsewhere.invalid"},
        {"iss": str(uuid4())},
        {"iss": "x"},
        {"seconds": 3600},
        {"iat": 0, "exp": 60},
    ],
)
def test_a_token_for_elsewhere_of_another_too_long_or_old_is_worth_nothing(kiosk, wrong):
    device, key, _code = kiosk
    assert device_of(signed(key, device, **wrong), timezone.now()) is None


def test_another_key_a_shared_secret_or_no_signature_is_worth_nothing(kiosk):
    device, _key, _code = kiosk
    assert device_of(signed(ed25519.Ed25519PrivateKey.generate(), device), timezone.now()) is None
    assert device_of(signed(None, device, "none"), timezone.now()) is None
    assert device_of(signed("x" * 32, device, "HS256"), timezone.now()) is None
    p256 = ec.generate_private_key(ec.SECP256R1())
    assert device_of(signed(p256, device, "ES256"), timezone.now()) is None
    assert device_of("a.b.c", timezone.now()) is None


def test_a_revoked_device_is_out_and_only_small_modern_keys_come_in(kiosk):
    device, key, _code = kiosk
    actions.revoke_api_client(device, by=BY, at=timezone.now())
    assert device_of(signed(key, device), timezone.now() + timedelta(seconds=1)) is None
    _other, code = actions.add_device("Khác", kind="display", agency=device.agency, by=BY, at=timezone.now())
    for bad in ("không", pem(rsa.generate_private_key(65537, 2048))):
        with pytest.raises(Refused) as refused:
            actions.enrol_device(code, bad, at=timezone.now())
        assert refused.value.field == "public_key"
    late = timezone.now() + timedelta(minutes=31)
    with pytest.raises(Refused):
        actions.enrol_device(code, pem(ec.generate_private_key(ec.SECP256R1())), at=late)
    assert actions.enrol_device(code, pem(ec.generate_private_key(ec.SECP256R1())), at=timezone.now()).public_key


def test_an_administrator_adds_and_revokes_devices_within_reach(db):
    agency = an_agency()
    browser = signed_in(an_official(agency, "administrator").account)
    form = {"name": "Màn hình chờ", "kind": "display", "agency": str(agency.pk)}
    page = browser.post("/quan-tri/thiet-bi/", form)
    code = re.search(r'id="code" readonly value="([0-9a-f]{20})"', page.content.decode())[1]
    assert code not in browser.get("/quan-tri/thiet-bi/").content.decode()
    assert "Màn hình chờ" not in browser.get("/quan-tri/api/").content.decode()
    device = actions.enrol_device(code, pem(ed25519.Ed25519PrivateKey.generate()), at=timezone.now())
    assert browser.post(f"/quan-tri/api/{device.pk}/thu-hoi")["Location"] == "/quan-tri/thiet-bi/"
