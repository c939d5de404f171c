"""Devices of agencies (kiosks, displays): what each kind may do, and tokens that they sign themselves.

A device makes its key pair and never gives the private half away. Each request carries a JWT
(RFC 7519, profile of RFC 7523): `iss` the device, `aud` this install, `exp` at most five minutes
after `iat`, signed by Ed25519 or P-256. A stolen token is worth minutes, a stolen database nothing.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from ..ledger.actions import Refused
from .models import ApiClient

LONGEST = timedelta(minutes=5)
_ALGORITHMS = ["EdDSA", "ES256"]


@cache
def scopes_of(kind: str) -> tuple[str, ...]:
    """The narrow rights of a kind of device; never any that reads what persons have filed."""
    rows = json.loads((Path(__file__).parent / "data" / "devices.json").read_text(encoding="utf-8"))
    return tuple(rows[kind])


def public_key(pem: str) -> bytes:
    """DER of a public key a device may have. Raises `Refused` for anything else, a private key above all."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise _bad_key() from wrong
    if not isinstance(key, ed25519.Ed25519PublicKey) and not (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        raise _bad_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def device_of(token: str, at: datetime) -> ApiClient | None:
    """The device that signed this token and may use the API at that moment."""
    try:
        issuer = UUID(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None
    valid = Q(valid_to=None) | Q(valid_to__gt=at)
    devices = ApiClient.objects.select_related("account", "agency").filter(valid, pk=issuer, valid_from__lte=at)
    device = devices.filter(public_key__isnull=False, account__disabled_at=None, agency__valid_to=None).first()
    if device is None or device.public_key is None:
        return None
    try:
        claims = jwt.decode(
            token,
            load_der_public_key(bytes(device.public_key)),  # type: ignore[arg-type]  # one of the two kinds above
            algorithms=_ALGORITHMS,
            audience=settings.TINHSO.base_url,
            options={"require": ["exp", "iat", "aud", "iss"], "verify_exp": False, "verify_iat": False},
        )
        begins, ends = float(claims["iat"]), float(claims["exp"])
    except (jwt.InvalidTokenError, ValueError, TypeError):
        return None
    now, drift = at.timestamp(), 60  # seconds a cheap clock may be wrong
    in_time = begins - drift <= now < ends + drift and ends - begins <= LONGEST.total_seconds()
    return device if in_time else None


def _bad_key() -> Refused:
    message = _("Send the public key as PEM, Ed25519 or P-256; keep the private one on the device.")
    return Refused("public_key", message, field="public_key", status=422)
