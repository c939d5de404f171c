"""What the signature of a paper from elsewhere proves, and what it does not.

A trusted chain alone is not enough: public providers sell certificates to anyone, who could then sign a diploma. A
paper counts as a state authority's where the certificate is registered in this province as an agency's or an
official's, or was issued by an authority that serves only the state (`STATE_CAS`). Whose paper it is no signature
says; that reads who decides on the dossier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from tinhso.core.signing.report import Report, Role, SignatureReport
from tinhso.systems.dossiers import verification

from .actions import Said
from .models import Trust
from .validity import last_day


@dataclass(frozen=True)
class Look:
    """The answer about one PDF. `said` is None where no authority of the state has signed it; `cancelled`: this
    province issued it and took it back or replaced it, so it may not be kept."""

    report: Report
    said: Said | None
    cancelled: bool = False


def look(pdf: bytes, name: str, *, at: datetime) -> Look:
    """Read a PDF that somebody brings. Takes up to ten seconds; outside any transaction."""
    verdict = verification.of_pdf(pdf, at=at)
    if verdict.cancelled or verdict.replaced:
        return Look(verdict.report, None, cancelled=True)
    if verdict.genuine and verdict.result:
        result = verdict.result
        issued = timezone.localtime(result.numbered_at or at).date()
        until = last_day(result.dossier.procedure_code, issued)
        said = Said(name, Trust.SIGNED, result.notation, result.dossier.agency.name, issued, until, same_as=result)
        return Look(verdict.report, said)
    signer = _authority(verdict.report)
    if signer is None:
        return Look(verdict.report, None)
    day = timezone.localtime(signer.signed_at).date() if signer.signed_at else None
    trust = Trust.DIGITISED if signer.role is Role.CONVERTER else Trust.SIGNED
    said = Said(name, trust, verdict.report.number, signer.organisation or signer.holder, day)
    return Look(verdict.report, said)


def _authority(report: Report) -> SignatureReport | None:
    """Who of the state signed, the seal before others; None where anything is wrong with the file."""
    if not report.ok:
        return None
    known = [one for one in report.signatures if one.certificate or one.issuer in settings.TINHSO.state_cas]
    seals = [one for one in known if one.role is Role.SEAL]
    return next(iter(seals or known), None)
