"""Which certificates officials and agencies sign with."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from ..accounts.models import Account
from ..agencies.models import Agency
from ..ledger.actions import Actor, Refused, action, record
from .events import CertificateRegistered, CertificateRevoked
from .models import Certificate, Kind


@action
def register_certificate(
    pem: bytes, *, holder: Account | None = None, agency: Agency | None = None, by: Actor, at: datetime
) -> Certificate:
    """Register the certificate of an official (`holder`, an account) or of an agency's seal (`agency` alone).

    `pem` is the certificate, then its issuers; keys among them are left out. Raises `Refused` for
    what is no certificate, has expired, or is registered already.
    """
    try:
        first, *above = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise Refused("not_a_certificate", _("This is not a certificate in PEM form."), field="pem") from None
    if not first.not_valid_before_utc <= at <= first.not_valid_after_utc:
        raise Refused("certificate_expired", _("The certificate is not valid at this time."), field="pem")
    fingerprint = first.fingerprint(SHA256()).hex()
    if Certificate.objects.filter(fingerprint=fingerprint).exists():
        raise Refused("certificate_known", _("This certificate is registered already."), field="pem")
    certificate = Certificate(
        kind=Kind.SEAL if holder is None else Kind.PERSONAL,
        holder=holder,
        agency=agency,
        subject=first.subject.rfc4514_string()[:300],
        issuer=first.issuer.rfc4514_string()[:300],
        serial=f"{first.serial_number:x}",
        fingerprint=fingerprint,
        not_before=first.not_valid_before_utc,
        not_after=first.not_valid_after_utc,
        pem="".join(c.public_bytes(Encoding.PEM).decode() for c in (first, *above)),
    )
    certificate.save(force_insert=True)
    record(
        CertificateRegistered(kind=certificate.kind, fingerprint=fingerprint),
        subject=certificate, by=by, at=at, agency=agency.pk if agency else None,
    )  # fmt: skip
    return certificate


@action
def revoke_certificate(certificate: Certificate, *, reason: str, by: Actor, at: datetime) -> Certificate:
    """From `at` on, signatures by this certificate are not accepted. Raises `Refused` when it is revoked already."""
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if certificate.revoked_at:
        raise Refused("already_revoked", _("This certificate has been revoked already."))
    if not reason.strip():
        raise Refused("reason_missing", _("Say why the certificate is revoked."), field="reason")
    certificate.revoked_at = at
    certificate.save(update_fields=["revoked_at"])
    record(
        CertificateRevoked(fingerprint=certificate.fingerprint),
        subject=certificate, by=by, at=at, agency=certificate.agency_id, words=reason,
    )  # fmt: skip
    return certificate
