"""Has the issuer taken a certificate back? By OCSP or CRL, as the certificate itself says.

Only certificates under a root trusted here are asked about, so the addresses are an authority's own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from asn1crypto import x509 as asn1_x509
from asn1crypto.algos import SignedDigestAlgorithm
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from ..ledger.actions import Actor, Refused
from ..letters.render import outside_transaction
from . import pades
from .keys import Identity
from .models import Certificate
from .timestamps import context_at
from .trust import trust_roots

log = logging.getLogger(__name__)

PATIENCE = 4  # seconds for one answer
FRESH = timedelta(minutes=10)  # an answer is good for so long; signing many asks once
HOUSE = Actor.system("signing")
_SIGNS = {"rsa": "sha256_rsa", "ec": "sha256_ecdsa"}  # what a key of this kind signs with here


class Standing(StrEnum):
    """What the issuer says."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"  # it cannot be reached
    UNTRUSTED = "untrusted"  # its root is not trusted here


@dataclass(frozen=True)
class Answer:
    """The standing, and since when it is revoked."""

    standing: Standing
    since: datetime | None = None


def publishes(identity: Identity) -> bool:
    """Whether the certificate says where its issuer tells about revocation."""
    certificate = asn1_x509.Certificate.load(identity.certificate)
    return bool(certificate.ocsp_urls or certificate.crl_distribution_points)


def ask(identity: Identity) -> Answer:
    """Ask the issuer now, over the network: never within a transaction."""
    outside_transaction()
    context = ValidationContext(
        trust_roots=list(trust_roots()),
        other_certs=[asn1_x509.Certificate.load(above) for above in identity.chain],
        allow_fetching=True,
        revocation_mode="hard-fail",  # whoever publishes an address must answer there
        fetcher_backend=RequestsFetcherBackend(per_request_timeout=PATIENCE),
    )
    validator = CertificateValidator(asn1_x509.Certificate.load(identity.certificate), validation_context=context)
    try:
        pades.now(validator.async_validate_path())
    except RevokedError as error:
        return Answer(Standing.REVOKED, error.revocation_dt)
    except InsufficientRevinfoError as error:
        log.warning("revocation cannot be checked: %s", error)
        return Answer(Standing.UNKNOWN)
    except ExpiredError:
        return Answer(Standing.GOOD)  # expired is told in its own words
    except (PathBuildingError, ValidationError):
        return Answer(Standing.UNTRUSTED)
    return Answer(Standing.GOOD)


def must_be_trusted(identity: Identity, *, at: datetime) -> None:
    """Raises `Refused("certificate_untrusted")` unless it may sign documents, its key is long enough, and its root is
    trusted here.

    Nothing is asked over the network; the rule is that of `validation`.
    """
    certificate, context = asn1_x509.Certificate.load(identity.certificate), context_at(at)
    chain = [asn1_x509.Certificate.load(above) for above in identity.chain]
    validator = CertificateValidator(certificate, chain, validation_context=context)
    try:
        pades.now(validator.async_validate_usage(set(PdfSignatureStatus.key_usage)))
        fit: object = context.algorithm_policy.signature_algorithm_allowed(
            SignedDigestAlgorithm({"algorithm": _SIGNS[certificate.public_key.algorithm]}), at, certificate.public_key
        )
    except (PathBuildingError, ValidationError, KeyError):
        fit = False
    if not fit:
        raise Refused(
            "certificate_untrusted",
            _(
                "This certificate cannot sign documents here: its issuer is not trusted, its key is too short, "
                "or it was issued for something else."
            ),
        )


def must_stand(certificate: Certificate, *, at: datetime) -> None:
    """Raises `Refused` when the issuer has revoked it, or could not be asked for longer than `TSA_GRACE_HOURS`.

    What is learned is kept: a revoked certificate is out of force here too from then on.
    """
    identity = certificate.identity
    if not publishes(identity) or (certificate.checked_at and at - certificate.checked_at < FRESH):
        return
    answer = ask(identity)
    keep(certificate, answer, at=at)
    if answer.standing is Standing.REVOKED:
        raise Refused("certificate_revoked", _("Its issuer has revoked your certificate. Ask for a new one."))
    if answer.standing is Standing.UNTRUSTED:
        raise Refused(
            "certificate_untrusted", _("Your certificate was not issued by an authority that is trusted here.")
        )
    last = certificate.checked_at
    if answer.standing is Standing.UNKNOWN and (
        last is None or at - last > timedelta(hours=settings.TINHSO.tsa_grace_hours)
    ):
        raise Refused(
            "revocation_unknown",
            _(
                "Whether your certificate is still good cannot be checked: its issuer does not answer. "
                "Nothing was signed; try again in a while."
            ),
            status=503,
        )


def keep(certificate: Certificate, answer: Answer, *, at: datetime) -> None:
    """Keep what the issuer said."""
    from .actions import revoke_certificate

    if answer.standing is Standing.GOOD:
        Certificate.objects.filter(pk=certificate.pk).update(checked_at=at)
        certificate.checked_at = at
    elif answer.standing is Standing.REVOKED and certificate.revoked_at is None:
        since = min(answer.since or at, at).astimezone(UTC)
        revoke_certificate(certificate, reason=_("Revoked by its issuer"), since=since, by=HOUSE, at=at)
