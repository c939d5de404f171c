"""Public verification of a result: are the signatures valid, was only the number and date
filled in between them, does the ledger know it, has it been altered?"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.proofs import proof
from tinhso.core.ledger.queries import Happening, timeline
from tinhso.core.signing.report import Report
from tinhso.core.signing.validation import validate

from .models import Result
from .queries import by_token

ISSUED = ("dossiers.result_issued", "dossiers.correction_issued")


@dataclass(frozen=True)
class Verdict:
    """What anyone may know about a document: never more than the document itself says."""

    report: Report
    result: Result | None  # whose genuine bytes these are
    entry: UUID | None  # the ledger's entry of its issue
    sealed: bool  # a signed seal covers the entry

    @property
    def genuine(self) -> bool:
        """Issued by this province, not altered since, and still in force."""
        return self.report.ok and self.entry is not None and not (self.cancelled or self.replaced)

    @property
    def cancelled(self) -> datetime | None:
        """When this province took back what these genuine bytes say."""
        return self.result.cancelled_at if self.result and self.report.ok and self.entry is not None else None

    @property
    def replaced(self) -> datetime | None:
        """When a corrected result took the place of these genuine bytes."""
        return self.result.replaced_at if self.result and self.report.ok and self.entry is not None else None

    @property
    def successor(self) -> Result | None:
        """What stands in its place, once the applicant has it: till then it is nobody else's to know."""
        if self.result is None or self.replaced is None:
            return None
        after = Result.objects.filter(dossier=self.result.dossier_id, version__gt=self.result.version)
        theirs = after.filter(returned_at__isnull=False).select_related("number__book", "dossier__variant")
        return theirs.order_by("version").last()

    @property
    def unknown(self) -> bool:
        """Signed validly, but not something this province has issued."""
        return self.report.ok and self.entry is None


def of_pdf(pdf: bytes, *, at: datetime) -> Verdict:
    """The verdict on bytes that someone brought. Which result they claim to be is read from
    the code the document carries; whether they are it, from the salted digest in the ledger."""
    report = validate(pdf, at=at)
    claimed = _claimed(report.token)
    issued = _issued(claimed, as_sealed(pdf, report)) if claimed else None
    return Verdict(report, claimed, issued.id if issued else None, bool(issued and proof(issued.id)))


def as_sealed(pdf: bytes, report: Report) -> bytes:
    """The bytes that were issued: what follows the seal are time-stamps, or the report is not ok."""
    return pdf[: report.sealed_length] if report.ok and report.sealed_length else pdf


def _claimed(token: str) -> Result | None:
    try:
        return by_token(UUID(token))
    except ValueError:
        return None


def of_result(result: Result, *, at: datetime) -> Verdict:
    """The verdict on the document that the province keeps, for whoever scanned its QR."""
    assert result.issued is not None
    pdf = read_bytes(result.issued)
    report = validate(pdf, at=at)
    issued = _issued(result, as_sealed(pdf, report))
    return Verdict(report, result, issued.id if issued else None, bool(issued and proof(issued.id)))


def _issued(result: Result, pdf: bytes) -> Happening | None:
    """The ledger's entry of the issue of exactly these bytes."""
    digest = result.dossier.digest(pdf)
    for happening in timeline(result.dossier):
        if happening.event in ISSUED and hmac.compare_digest(happening.data["digest"], digest):
            return happening
    return None
