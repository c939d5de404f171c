"""What certificates tell the ledger. A certificate is named by its SHA-256 fingerprint."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger.events import Event


@dataclass(frozen=True)
class CertificateRegistered(Event, name="certificate.registered"):
    kind: str
    fingerprint: str


@dataclass(frozen=True)
class CertificateRevoked(Event, name="certificate.revoked"):
    fingerprint: str
