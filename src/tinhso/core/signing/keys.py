"""Who signs: three implementations share one interface, and no private key enters the database.

A person's key comes as PKCS#12 with its passphrase and lives as long as one `PersonalKey`
object, in the memory of one request. An agency's seal is a key file in `DATA_DIR/keys/seals`,
loaded once a process (loading takes 100 ms, signing 1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ..ledger.actions import Refused

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def common_name(name: x509.Name) -> str:
    """The common name (CN) in a subject or issuer; empty where there is none."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


@dataclass(frozen=True)
class Identity:
    """The public half of a signer: certificate and the issuers above it, DER, without the root."""

    certificate: bytes
    chain: tuple[bytes, ...] = ()

    @classmethod
    def from_pem(cls, pem: bytes) -> Identity:
        """From PEM blocks: the certificate first, then its issuers. Keys among them are passed over."""
        first, *above = (c.public_bytes(Encoding.DER) for c in x509.load_pem_x509_certificates(pem))
        return cls(first, tuple(above))

    @property
    def x509(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.certificate)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return hashlib.sha256(self.certificate).hexdigest()

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` over `message` was made by this certificate's key."""
        key = self.x509.public_key()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, message, padding.PKCS1v15(), SHA256())
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, message, ec.ECDSA(SHA256()))
            else:
                return False
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """The middle of the three steps: a key somewhere signs the attributes of a prepared document."""

    @property
    def identity(self) -> Identity: ...

    def sign(self, attributes: bytes) -> bytes:
        """SHA-256 signature over `attributes`: PKCS#1 v1.5 for RSA, DER ECDSA for EC."""
        ...

    def sign_all(self, attributes: Sequence[bytes]) -> Iterator[bytes]:
        """Signatures over many, in order, each handed out as it is made: one PIN or one approval for all."""
        ...


class LoadedKey:
    """A private key in memory."""

    def __init__(self, key: Key, identity: Identity) -> None:
        self._key, self.identity = key, identity

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # never the key, also not in a traceback

    def sign(self, attributes: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(attributes, padding.PKCS1v15(), SHA256())
        return self._key.sign(attributes, ec.ECDSA(SHA256()))

    def sign_all(self, attributes: Sequence[bytes]) -> Iterator[bytes]:
        return map(self.sign, attributes)


class PersonalKey(LoadedKey):
    """An official's own key, opened with the passphrase for one request."""

    @classmethod
    def open(cls, p12: bytes, passphrase: str) -> PersonalKey:
        """Open a PKCS#12 file. Raises `Refused("wrong_passphrase")` or `Refused("bad_key_file")`."""
        try:
            bundle = pkcs12.load_pkcs12(p12, passphrase.encode())
        except ValueError as error:
            # cryptography tells a wrong passphrase from a broken file only by these words
            if "password" in str(error).lower():
                raise Refused(
                    "wrong_passphrase", _("The passphrase does not open your signing key."), field="passphrase"
                ) from None
            raise Refused("bad_key_file", _("This is not a PKCS#12 key file (.p12, .pfx)."), field="key") from None
        if bundle.cert is None or not isinstance(bundle.key, Key):
            raise Refused("bad_key_file", _("The key file lacks a certificate or a key."), field="key")
        chain = tuple(c.certificate.public_bytes(Encoding.DER) for c in bundle.additional_certs)
        return cls(bundle.key, Identity(bundle.cert.certificate.public_bytes(Encoding.DER), chain))


def personal_key(account: UUID, passphrase: str) -> PersonalKey:
    """The key file that `DATA_DIR/keys/personal` keeps for an official, opened with the passphrase.

    Raises `Refused`: `no_key`, `wrong_passphrase`.
    """
    path = keys_folder("personal") / f"{account}.p12"
    if not path.exists():
        raise Refused("no_key", _("You have no signing key here. Choose your key file (.p12)."), field="key")
    return PersonalKey.open(path.read_bytes(), passphrase)


class ServerKey(LoadedKey):
    """An agency's seal, kept by the server."""


def keys_folder(kind: str) -> Path:
    """`DATA_DIR/keys/KIND`, where kind is seals, personal, trust or ca; readable by the owner only."""
    folder: Path = settings.TINHSO.keys_dir / kind
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def write_private(path: Path, data: bytes) -> None:
    """Write a key file that only the owner can read, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(data)
    fresh.replace(path)


def agency_seal(agency: UUID) -> ServerKey:
    """The loaded seal of an agency. Raises `Refused("no_seal")` when the agency has none."""
    path = keys_folder("seals") / f"{agency}.pem"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise Refused("no_seal", _("This agency has no seal key. Ask the administrator to install one.")) from None
    return _seal(path, changed)


@lru_cache(maxsize=512)
def _seal(path: Path, changed: int) -> ServerKey:
    data = path.read_bytes()
    key = load_pem_private_key(data, None)
    if not isinstance(key, Key):
        raise TypeError(f"{path.name} holds neither an RSA nor an EC key")
    return ServerKey(key, Identity.from_pem(data))
