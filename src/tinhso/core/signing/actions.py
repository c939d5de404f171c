"""Which certificates officials and agencies sign with."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from ..accounts.models import Account
from ..agencies.models import Agency
from ..ledger.actions import Actor, Refused, action, record
from .events import CertificateExpiring, CertificateRegistered, CertificateRevoked
from .models import Certificate, Kind, Source


@action
def register_certificate(
    pem: bytes,
    *,
    holder: Account | None = None,
    agency: Agency | None = None,
    source: Source | None = None,
    credential: str = "",
    checked_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Certificate:
    """Register the certificate of an official (`holder`, an account) or of an agency's seal (`agency` alone).

    `pem` is the certificate, then its issuers; keys among them are left out. `source` is where the key
    is (default: a seal's on this server, a person's in a file), `credential` what a remote service
    calls it, `checked_at` when the issuer said that it stands. Raises `Refused` for
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
        source=source or (Source.SERVER if holder is None else Source.FILE),
        credential=credential,
        checked_at=checked_at,
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
def revoke_certificate(
    certificate: Certificate, *, reason: str, since: datetime | None = None, by: Actor, at: datetime
) -> Certificate:
    """Signatures made `since` then (default: now) by this certificate are not accepted.

    Raises `Refused` when it is revoked already.
    """
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if certificate.revoked_at:
        raise Refused("already_revoked", _("This certificate has been revoked already."))
    if not reason.strip():
        raise Refused("reason_missing", _("Say why the certificate is revoked."), field="reason")
    certificate.revoked_at = since or at
    certificate.save(update_fields=["revoked_at"])
    record(
        CertificateRevoked(fingerprint=certificate.fingerprint),
        subject=certificate, by=by, at=at, agency=certificate.agency_id, words=reason,
    )  # fmt: skip
    return certificate


@action
def remind(certificate: Certificate, *, stage: int, by: Actor, at: datetime) -> UUID | None:
    """The holder is told to renew, `stage` days ahead; the entry's id, or None when this was said before."""
    unsaid = Certificate.objects.filter(pk=certificate.pk).exclude(reminded__lte=stage)
    if not unsaid.update(reminded=stage):
        return None
    event = CertificateExpiring(fingerprint=certificate.fingerprint, days=certificate.days_left(at))
    return record(event, subject=certificate, by=by, at=at, agency=certificate.agency_id)
