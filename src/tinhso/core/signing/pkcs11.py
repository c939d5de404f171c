"""Keys on a PKCS#11 token: an official's USB token or an agency's HSM.

Knows neither Django nor the rest of the house, because `tinhso agent` uses it on an official's PC.
A driver is asked anew for every piece of work and is let go afterwards: so a token that was
pulled out or put in meanwhile is seen, and no session stays open behind anyone's back.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag
from pkcs11 import exceptions as said
from pkcs11.util.ec import encode_ecdsa_signature

_one_at_a_time = threading.Lock()  # drivers keep state for the whole process

# DigestInfo of SHA-256 (RFC 8017, 9.2): what stands before the digest under an RSA signature
_SHA256_RSA = bytes.fromhex("3031300d060960864801650304020105000420")


class TokenError(Exception):
    """Why a token did not do it: `no_driver`, `no_token`, `no_key`, `pin_wrong`, `pin_locked`, `token_gone`,
    `token_failed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Held:
    """A certificate whose key a token holds. `certificate` and `chain` (what else it holds) are DER."""

    token: str
    certificate: bytes
    chain: tuple[bytes, ...]
    key_id: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return hashlib.sha256(self.certificate).hexdigest()


def held(module: str) -> list[Held]:
    """The holders' certificates on all tokens of a driver (path of its library); no PIN is needed to see them."""
    found = []
    with _tokens(module) as tokens:
        for token in tokens:
            with token.open() as session:
                found += _certificates(token, session)
    return found


@dataclass(frozen=True)
class PinState:
    """What a token says about the PIN before it is asked for."""

    few_left: bool = False
    last_try: bool = False
    locked: bool = False


def pin_state(module: str, token: str) -> PinState:
    """How near the token is to locking itself. Raises `TokenError`."""
    with _tokens(module) as tokens:
        flags = _named(tokens, token).flags
        return PinState(
            bool(flags & TokenFlag.USER_PIN_COUNT_LOW),
            bool(flags & TokenFlag.USER_PIN_FINAL_TRY),
            bool(flags & TokenFlag.USER_PIN_LOCKED),
        )


@contextmanager
def opened(module: str, key: Held, pin: str) -> Iterator[TokenKey]:
    """The key, logged in with `pin` until the block ends. Raises `TokenError`."""
    try:
        with _tokens(module) as tokens:
            token = _named(tokens, key.token)
            try:
                with token.open(user_pin=pin) as session:
                    yield TokenKey(_private(session, key.key_id))
            except (said.PinIncorrect, said.PinInvalid, said.PinLenRange):
                raise TokenError("pin_wrong") from None
    except TokenError as error:
        # Not every driver knows that its token is gone; it fails in some way, and is not there when asked again.
        if error.code == "token_failed" and key.token not in {one.token for one in held(module)}:
            raise TokenError("token_gone") from None
        raise


class TokenKey:
    """A private key that never leaves its token."""

    def __init__(self, key: Any) -> None:
        self._key = key

    def sign(self, attributes: bytes) -> bytes:
        """SHA-256 signature over `attributes`: PKCS#1 v1.5 for RSA, DER ECDSA for EC.

        The digest is made here: the simplest tokens cannot hash.
        """
        digest = hashlib.sha256(attributes).digest()
        if self._key.key_type == KeyType.RSA:
            return bytes(self._key.sign(_SHA256_RSA + digest, mechanism=Mechanism.RSA_PKCS))
        return bytes(encode_ecdsa_signature(self._key.sign(digest, mechanism=Mechanism.ECDSA)))


@contextmanager
def _tokens(module: str) -> Iterator[list[Any]]:
    """The tokens that are in now; what the driver says is put into one of our words."""
    with _one_at_a_time:
        try:
            driver = pkcs11.lib(module)
        except (said.PKCS11Error, RuntimeError, OSError):
            raise TokenError("no_driver") from None
        try:
            yield [slot.get_token() for slot in driver.get_slots(token_present=True) if _initialised(slot)]
        except said.PinLocked:
            raise TokenError("pin_locked") from None
        except (said.TokenNotPresent, said.TokenNotRecognised, said.DeviceRemoved, said.SessionHandleInvalid,
                said.SlotIDInvalid, said.NoSuchToken):  # fmt: skip
            raise TokenError("token_gone") from None
        except said.PKCS11Error:
            raise TokenError("token_failed") from None
        finally:
            driver.finalize()


def _initialised(slot: Any) -> bool:
    try:
        return bool(slot.get_token().flags & TokenFlag.TOKEN_INITIALIZED)
    except (said.TokenNotPresent, said.TokenNotRecognised):
        return False


def _named(tokens: list[Any], name: str) -> Any:
    for token in tokens:
        if _name(token) == name:
            return token
    raise TokenError("token_gone")


def _name(token: Any) -> str:
    return f"{token.label.strip()} ({token.serial.decode(errors='replace').strip()})"


def _certificates(token: Any, session: Any) -> list[Held]:
    """End certificates, each with the authorities that the token brings along."""
    holders, above = [], []
    for found in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        der = bytes(found[Attribute.VALUE])
        try:
            parsed = x509.Certificate.load(der)
            is_authority = bool(parsed.ca)
        except (ValueError, TypeError):
            continue  # other applications keep objects of their own on a token
        if is_authority:
            if parsed.self_issued:
                continue
            above.append(der)
        else:
            holders.append((der, bytes(found[Attribute.ID])))
    return [Held(_name(token), der, tuple(above), key_id) for der, key_id in holders]


def _private(session: Any, key_id: bytes) -> Any:
    keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id}))
    if not keys:
        raise TokenError("no_key")
    return keys[0]
