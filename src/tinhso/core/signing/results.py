"""What systems do with a letter: the leader signs, number and date are filled in, the agency seals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from ..agencies.models import Staff
from ..ledger.actions import Refused
from ..letters.fields import LEADER, SEAL
from . import pades, stamps
from .form import fill_number_and_date
from .hsm import HsmSeal
from .keys import Signer, agency_seal, personal_key
from .models import Certificate
from .queries import hsm_certificate, in_force

__all__ = ["Signed", "fill_number_and_date", "seal", "sealed", "sign_result"]


@dataclass(frozen=True)
class Signed:
    """A signed document and the certificate it was signed with; `serial` is what a ledger entry may name."""

    pdf: bytes
    certificate: Certificate

    @property
    def serial(self) -> str:
        return self.certificate.serial


def sign_result(pdf: bytes, *, staff: Staff, passphrase: str, at: datetime) -> Signed:
    """The leader's own signature, with the key file kept for them, opened by `passphrase` for this call only.

    Raises `Refused`: `no_key`, `wrong_passphrase`, `certificate_not_in_force`, and what `pades.prepare` refuses.
    """
    key = personal_key(staff.account_id, passphrase)
    certificate = in_force(at).filter(holder=staff.account_id, fingerprint=key.identity.fingerprint).first()
    if certificate is None:
        raise Refused(
            "certificate_not_in_force", _("This certificate is not registered for you, or it is no longer in force.")
        )
    return Signed(pades.sign(pdf, field=LEADER, signer=key, at=at), certificate)


def seal(pdf: bytes, *, agency: UUID, at: datetime) -> bytes:
    """The agency's seal, by its key on this server or in an HSM.

    Raises `Refused("no_seal")`, what `pades.prepare` refuses, and `hsm.SealAway`, after which one tries again later.
    """
    return sealed(pdf, agency=agency, at=at)[0]


def sealed(pdf: bytes, *, agency: UUID, at: datetime) -> tuple[bytes, bool]:
    """`seal`, and whether a time-stamp stands on it."""
    signer = _seal_of(agency, at)
    prepared = pades.prepare(pdf, field=SEAL, identity=signer.identity, at=at)
    signature = signer.sign(prepared.attributes)
    return stamps.trying(lambda stamper: pades.embed(prepared, signature, stamper))


def _seal_of(agency: UUID, at: datetime) -> Signer:
    certificate = hsm_certificate(agency, at=at)
    return HsmSeal(certificate) if certificate else agency_seal(agency)
