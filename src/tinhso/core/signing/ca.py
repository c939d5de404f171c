"""A small certification authority for demonstration and tests: a root, an issuer, holders.

A production install has none: its certificates come from the Government's CA (VGCA) and public
providers, whose roots an administrator puts into `DATA_DIR/keys/trust`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from .keys import Identity, LoadedKey

DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Issued:
    """A holder's new key and certificate, with the certificates above it (issuer first, root last)."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]

    @property
    def chain_pem(self) -> bytes:
        """Certificate and issuer, without the root."""
        return b"".join(c.public_bytes(Encoding.PEM) for c in (self.certificate, *self.above[:-1]))

    @property
    def signer(self) -> LoadedKey:
        der = [c.public_bytes(Encoding.DER) for c in (self.certificate, *self.above[:-1])]
        return LoadedKey(self.key, Identity(der[0], tuple(der[1:])))

    def pkcs12(self, passphrase: str) -> bytes:
        """The holder's PKCS#12 file, encrypted with the passphrase."""
        return pkcs12.serialize_key_and_certificates(
            None, self.key, self.certificate, self.above[:-1], BestAvailableEncryption(passphrase.encode())
        )

    def pem(self) -> bytes:
        """Key in clear, then the chain: for the server's own folder only."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + self.chain_pem


class Authority:
    """A root that signs one issuer, which signs holders. RSA 2048 and SHA-256, as Vietnamese providers issue."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate, root: x509.Certificate) -> None:
        self._key, self.certificate, self.root = key, certificate, root

    @classmethod
    def make(cls, organisation: str, *, at: datetime) -> Authority:
        """A new authority, valid for ten years from `at`."""
        root_key, key = _new_key(), _new_key()
        root_name = _name(organisation, f"{organisation} - CA gốc")
        root = _certificate(root_name, root_key, root_name, root_key, at, 10 * _YEAR, authority=1)
        own_name = _name(organisation, f"{organisation} - CA phát hành")
        return cls(key, _certificate(own_name, key, root_name, root_key, at, 10 * _YEAR, authority=0), root)

    @classmethod
    def load(cls, pem: bytes) -> Authority:
        """From `dump`."""
        key = load_pem_private_key(pem, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        own, root = x509.load_pem_x509_certificates(pem)
        return cls(key, own, root)

    def dump(self) -> bytes:
        """Key in clear, issuer, root: for `DATA_DIR/keys/ca`, readable by the owner only."""
        key = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + b"".join(c.public_bytes(Encoding.PEM) for c in (self.certificate, self.root))

    def issue(
        self, name: str, *, organisation: str = "", at: datetime, days: int = 3 * 365, told_at: str = ""
    ) -> Issued:
        """A certificate for a person or an agency, valid `days` days from `at`.

        `told_at` is the address of a server that tells about revocation, by OCSP and CRL.
        """
        key = _new_key()
        certificate = _certificate(
            _name(organisation, name), key, self.certificate.subject, self._key, at, timedelta(days=days),
            told_at=told_at,
        )  # fmt: skip
        return Issued(key, certificate, (self.certificate, self.root))


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(organisation: str, common: str) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(oid, value[:64]) for oid, value in parts if value])


def _certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    at: datetime,
    life: timedelta,
    *,
    authority: int | None = None,
    told_at: str = "",
) -> x509.Certificate:
    """`authority` is the path length below a CA; None for a holder."""
    holder = authority is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(at + life)
        .add_extension(x509.BasicConstraints(ca=not holder, path_length=authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=holder, content_commitment=holder, key_cert_sign=not holder, crl_sign=not holder,
                key_encipherment=False, data_encipherment=False, key_agreement=False,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if holder:
        usages = [ExtendedKeyUsageOID.EMAIL_PROTECTION, DOCUMENT_SIGNING]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if told_at:
        ocsp = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _address(f"{told_at}/ocsp"))
        crl = x509.DistributionPoint([_address(f"{told_at}/crl")], None, None, None)
        builder = builder.add_extension(x509.AuthorityInformationAccess([ocsp]), critical=False)
        builder = builder.add_extension(x509.CRLDistributionPoints([crl]), critical=False)
    return builder.sign(issuer_key, SHA256())


def _address(url: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(url)
