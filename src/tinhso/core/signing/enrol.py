"""A person brings a certificate: in a key file, on a token, at a remote service; an agency its seal, in an HSM.

In every way they show that the key is theirs to use, by opening it or by signing a challenge, and
the issuer is asked whether the certificate stands.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from ..accounts.models import Account
from ..agencies.models import Agency, Staff
from ..ledger.actions import Actor, Refused
from . import hsm, pades, revocation
from .actions import register_certificate
from .keys import Identity, PersonalKey, Signer, keys_folder, write_private
from .models import Certificate, Fault, Source
from .revocation import Standing


def by_file(p12: bytes, passphrase: str, *, staff: Staff, by: Actor, at: datetime) -> Certificate:
    """Register a PKCS#12 key file and keep it, still locked by its passphrase, for this person.

    Raises `Refused`: `bad_key_file`, `wrong_passphrase`, and what `_register` refuses.
    """
    key = PersonalKey.open(p12, passphrase)
    if not passphrase:
        raise Refused("no_passphrase", _("A key file without a passphrase is not kept here."), field="passphrase")
    certificate = _register(key.identity, Source.FILE, holder=staff.account, agency=staff.agency, by=by, at=at)
    write_private(keys_folder("personal") / f"{staff.account_id}.p12", p12)
    return certificate


def challenge(identity: Identity, nonce: bytes) -> bytes:
    """What a token signs to show that its holder has it: attributes as of a document, over a digest of `nonce`."""
    return pades.attributes_of(hashlib.sha256(b"tinhso:enrol:" + nonce).digest(), identity)


def by_token(
    identity: Identity, attributes: bytes, signature: bytes, *, staff: Staff, by: Actor, at: datetime
) -> Certificate:
    """Register the certificate on a token, whose key signed the challenge `attributes`.

    Raises `Refused("wrong_key")` and what `_register` refuses.
    """
    if not identity.verify(signature, attributes):
        raise Refused("wrong_key", _("The signature was made by another key than the certificate's."))
    return _register(identity, Source.TOKEN, holder=staff.account, agency=staff.agency, by=by, at=at)


def by_remote(credential: str, signer: Signer, nonce: bytes, *, staff: Staff, by: Actor, at: datetime) -> Certificate:
    """Register a key at the remote service, which signs a challenge with the person's PIN. Raises `Refused`."""
    attributes = challenge(signer.identity, nonce)
    if not signer.identity.verify(signer.sign(attributes), attributes):
        raise Refused("wrong_key", _("The signature was made by another key than the certificate's."))
    return _register(
        signer.identity, Source.REMOTE, credential=credential, holder=staff.account, agency=staff.agency, by=by, at=at
    )


def seal_in_hsm(agency: Agency, identity: Identity, *, by: Actor, at: datetime) -> Certificate:
    """Register a certificate whose key is in the agency's HSM (`SEAL_HSM`) as its seal, after a trial signature.

    Raises `Refused`: `hsm_not_configured`, `wrong_key`, what `_register` refuses; and `hsm.SealAway`.
    """
    place = hsm.place_of(agency)
    if place is None:
        raise Refused("hsm_not_configured", Fault.NOT_CONFIGURED.label)
    attributes = challenge(identity, secrets.token_bytes(16))
    if not identity.verify(hsm.HsmKey(identity, place).sign(attributes), attributes):
        raise Refused("wrong_key", _("The signature was made by another key than the certificate's."))
    return _register(identity, Source.HSM, holder=None, agency=agency, by=by, at=at)


def _register(
    identity: Identity,
    source: Source,
    *,
    credential: str = "",
    holder: Account | None,
    agency: Agency,
    by: Actor,
    at: datetime,
) -> Certificate:
    revocation.must_be_trusted(identity, at=at)
    answer = revocation.ask(identity)
    if answer.standing is Standing.UNTRUSTED:
        raise Refused(
            "certificate_untrusted",
            _("The certificate was not issued by an authority that is trusted here."),
            field="key",
        )
    if answer.standing is Standing.REVOKED:
        raise Refused("certificate_revoked", _("Its issuer has revoked this certificate."), field="key")
    if answer.standing is Standing.UNKNOWN:
        raise Refused(
            "revocation_unknown",
            _("The issuer does not say whether the certificate stands. Try again in a while."),
            field="key",
            status=503,
        )
    pem = _pem(identity)
    return register_certificate(
        pem, holder=holder, agency=agency, source=source, credential=credential, checked_at=at,
        by=by, at=at,
    )  # fmt: skip


def _pem(identity: Identity) -> bytes:
    from cryptography import x509

    return b"".join(
        x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        for der in (identity.certificate, *identity.chain)
    )
