"""Keeping signed documents provable: time-stamps that were missed, then a chain of them (PAdES B-LTA).

A sealed document gets what validation needs (certificates, CRLs, OCSP answers: DSS) and a document
time-stamp, which covers everything before it; the next one is put on before the authority's
certificate expires. All of it is appended: the sealed document stays the beginning of the file.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from uuid import UUID

from asn1crypto import x509 as asn1_x509
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import async_add_validation_info
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from ..files import actions as files
from ..files.queries import read_bytes
from ..ledger.actions import Actor, action, one_change, record
from ..letters.render import outside_transaction
from . import documents, pades, stamps
from .events import DocumentStamped
from .models import Upkeep
from .revocation import PATIENCE
from .trust import trust_roots

HOUSE = Actor.system("signing")
MARGIN = timedelta(days=90)  # so long before the authority's certificate expires the next stamp is put on


@action
def watch(kind: str, document: UUID, *, stamped: bool, at: datetime) -> None:
    """Remember a signature that has no time-stamp, where an authority is configured; a job catches up."""
    from .jobs import stamp

    if settings.TINHSO.tsa and not stamped:
        Upkeep.objects.bulk_create([Upkeep(kind=kind, document=document)], ignore_conflicts=True)
        Upkeep.objects.filter(kind=kind, document=document, unstamped_since=None).update(unstamped_since=at)
        stamp.defer(kind=kind, document=str(document))


@action
def preserve(kind: str, document: UUID, *, stamped: bool, at: datetime) -> None:
    """The document has its seal, `stamped` or not: from here on it is kept provable."""
    from .jobs import stamp

    if settings.TINHSO.tsa:
        row, _created = Upkeep.objects.get_or_create(kind=kind, document=document)
        row.sealed, row.renew_at = True, at
        row.unstamped_since = row.unstamped_since or (None if stamped else at)
        row.save()
        stamp.defer(kind=kind, document=str(document))


def renew(row: Upkeep, *, at: datetime) -> bool:
    """Put the time-stamp on that is due. False when the document is gone or changed meanwhile.

    Raises pyHanko's `TimestampRequestError` when the authority is away, `RuntimeError` in a transaction.
    """
    stamper = stamps.authority()
    if stamper is None or not (row.unstamped_since or (row.renew_at and row.renew_at <= at)):
        return False
    kind = documents.kept(row.kind)
    old = kind.current(row.document)
    if old is None:  # erased with its dossier
        row.delete()
        return False
    pdf, renew_at = extended(read_bytes(old), stamper, long_term=row.sealed, at=at)
    new = files.store_bytes(pdf, name=old.name, by=HOUSE, at=at)
    with one_change():
        kept = kind.replace(row.document, old=old, new=new, by=HOUSE, at=at)
        if kept:
            row.unstamped_since, row.renew_at = None, renew_at if row.sealed else None
            row.save(update_fields=["unstamped_since", "renew_at"])
            event = DocumentStamped(file=str(new.pk), renew_at=f"{renew_at:%Y-%m-%d}")
            record(event, subject=(row.kind, row.document), by=HOUSE, at=at)
    if not kept:
        files.release(new, by=HOUSE, at=at)
    return kept


def extended(pdf: bytes, stamper: TimeStamper, *, long_term: bool, at: datetime) -> tuple[bytes, datetime]:
    """`pdf` with a document time-stamp appended, and when the next one is due.

    With `long_term` what validation will need is appended before, so that the stamp covers it too.
    """
    outside_transaction()
    out = io.BytesIO(pdf)
    if long_term:
        reader = PdfFileReader(out)
        count = len(reader.embedded_signatures)
        for place in range(count):
            reader = PdfFileReader(out)  # the former turn wrote to it
            signature = reader.embedded_signatures[place]
            pades.now(async_add_validation_info(signature, _context(), in_place=True))
    writer = IncrementalPdfFileWriter(out)
    pades.now(PdfTimeStamper(stamper).async_timestamp_pdf(writer, "sha256", in_place=True))
    token = PdfFileReader(out).embedded_timestamp_signatures[-1].signer_cert
    return out.getvalue(), _due(token, at)


def _due(authority: asn1_x509.Certificate, at: datetime) -> datetime:
    """A quarter before the authority's certificate expires; half-way where less than that is left."""
    left: timedelta = authority.not_valid_after - at
    return at + max(left - MARGIN, left / 2)


def _context() -> ValidationContext:
    return ValidationContext(
        trust_roots=list(trust_roots()),
        allow_fetching=True,
        revocation_mode="soft-fail",
        fetcher_backend=RequestsFetcherBackend(per_request_timeout=PATIENCE),
    )
