"""What certificates tell the ledger. A certificate is named by its SHA-256 fingerprint."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger.events import Event


def whole(serial: str) -> str:
    """A serial number in hex with all twenty octets it may have (RFC 5280): a shorter one can look like a telephone
    number to the ledger."""
    return serial.zfill(40)


@dataclass(frozen=True)
class CertificateRegistered(Event, name="certificate.registered"):
    kind: str
    fingerprint: str


@dataclass(frozen=True)
class CertificateRevoked(Event, name="certificate.revoked"):
    fingerprint: str


@dataclass(frozen=True)
class CertificateExpiring(Event, name="certificate.expiring"):
    """The holder is reminded to renew: so many days are left."""

    fingerprint: str
    days: int


@dataclass(frozen=True)
class SignatureMade(Event, name="signature.made"):
    """A personal signature on a document; recorded with the certificate, so that one knows what it signed."""

    document: str
    way: str
    stamped: bool


@dataclass(frozen=True)
class DocumentStamped(Event, name="document.stamped"):
    """A document time-stamp was appended; `renew_at` is when the next one is due. Recorded with the document."""

    file: str
    renew_at: str
