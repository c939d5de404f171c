"""Numbers of persons: a keyed hash to find them, a cipher to keep them, a mask to show them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12  # bytes, NIST SP 800-38D


@cache
def _kept(folder: Path, name: str) -> bytes:
    return settings.TINHSO.key(name)


def _key(name: str) -> bytes:
    return _kept(settings.TINHSO.data_dir, name)


def keyed_hash(number: str) -> bytes:
    """HMAC-SHA256 of a number: equal numbers meet, and nobody without the key can enumerate them."""
    return hmac.digest(_key("identity-hash"), number.encode(), hashlib.sha256)


def seal(number: str, owner: UUID) -> bytes:
    """AES-256-GCM of a number, bound to the person it belongs to."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key("identity")).encrypt(nonce, number.encode(), owner.bytes)


def unseal(sealed: bytes, owner: UUID) -> str:
    """The number again. Raises cryptography.exceptions.InvalidTag for another person or changed bytes."""
    return AESGCM(_key("identity")).decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.bytes).decode()


def mask(number: str) -> str:
    """`066012345123` → `0660•••••123`: enough to recognise one's own, not to learn another's."""
    hidden = max(len(number) - 7, 0)
    return number[:4] + "•" * hidden + number[4 + hidden :] if hidden else "•" * len(number)


def seal_text(text: str) -> str:
    """AES-256-GCM of a secret that is bound to no one, as text (secrets of second factors)."""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(_key("second-factor")).encrypt(nonce, text.encode(), None)).decode()


def unseal_text(sealed: str) -> str:
    """The counterpart of `seal_text`."""
    raw = base64.b64decode(sealed)
    return AESGCM(_key("second-factor")).decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
