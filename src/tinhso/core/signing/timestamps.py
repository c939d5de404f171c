"""Reading the time-stamps of a document: what they prove, and what is wrong with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from .pades import now
from .report import Code
from .trust import trust_roots


def context_at(moment: datetime, *further: Any) -> ValidationContext:
    """Whom this install trusts, as of a moment, with `further` certificates at hand; nothing is fetched."""
    return ValidationContext(
        trust_roots=list(trust_roots()), other_certs=list(further), allow_fetching=False, moment=moment
    )


def read(stamp: Any) -> tuple[datetime | None, Code | None]:
    """What one time-stamp (pyHanko's status) proves, or what is wrong with it."""
    if not (stamp.intact and stamp.valid):
        return None, Code.STAMP_BROKEN
    return (stamp.timestamp, None) if stamp.trusted else (None, Code.STAMP_UNTRUSTED)


def end_of(signature: EmbeddedPdfSignature) -> int:
    """Where the bytes that a signature covers end."""
    *_start, last, length = signature.byte_range
    return int(last + length)


def stamps_of(reader: PdfFileReader, at: datetime) -> tuple[list[tuple[int, datetime]], Code | None]:
    """Document time-stamps that prove something, oldest first: up to which byte, since when; and what is
    wrong with the others.

    The newest must hold at `at`; each older one at the time that the next one proves for it, which
    is what re-stamping before an authority's certificate expires is for.
    """
    found: list[tuple[int, datetime]] = []
    moment = at
    for stamp in reversed(reader.embedded_timestamp_signatures):
        context = context_at(moment, *reader.embedded_regular_signatures[0].other_embedded_certs)
        try:
            status = now(async_validate_pdf_timestamp(stamp, context, skip_diff=True))
        except (ValueError, LookupError, TypeError, SignatureValidationError):
            return found, Code.STAMP_BROKEN
        since, fault = read(status)
        if since is None or since > at:
            return found, fault or Code.STAMP_BROKEN
        moment = since
        found.insert(0, (end_of(stamp), moment))
    return found, None
