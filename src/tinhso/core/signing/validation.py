"""Does this PDF still say what was signed? The rule of acceptance:

- after the leader's signature at most fields were filled, and only number, date and the seal;
- after the seal at most what keeps a signature alive (LTA) was added;
- every signer's chain ends at a root trusted here, and the certificate was valid at the time
  that the signature claims. A basic signature (PAdES B-B) proves no time by itself: the ledger
  does, so a report alone never says "issued by us".

`pdfsig` and viewers prove hashes and chain only: a page replaced by an appended update reads
"valid" there. Whatever the file is, the answer is a report, never an exception.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
)
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from ..letters.fields import CONVERTER, DATE, LEADER, NUMBER, SEAL
from .deadline import TookTooLong, deadline
from .form import fields_of, text_fields
from .models import Certificate, Kind
from .report import Code, Finding, Report, Role, SignatureReport
from .timestamps import context_at, end_of, read, stamps_of

MAX_BYTES = 50 * 1024 * 1024
MAX_SECONDS = 10.0
MAX_SIGNATURES = 12
MAX_REVISIONS = 40
logger = logging.getLogger(__name__)
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # it prints a traceback for each bad file it is shown
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

_ROLES = {LEADER: Role.LEADER, SEAL: Role.SEAL, CONVERTER: Role.CONVERTER}
_KEYWORDS = re.compile(
    rb"""pdf:Keywords(?:>|\s*=\s*["'])([^<"']{1,200})"""
)  # XMP writes it as an element or an attribute
# pyHanko's own policy, but an appearance may not be rewritten in place: nobody here does that, and looking for
# it makes pyHanko call every time-stamp after a seal that locks its fields a change of those fields.
_CHANGES = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule(
        [
            SigFieldCreationRule(),
            SigFieldModificationRule(allow_in_place_appearance_stream_changes=False),
            GenericFieldModificationRule(allow_in_place_appearance_stream_changes=False),
        ]
    ),
)
_KINDS = {Role.LEADER: Kind.PERSONAL, Role.SEAL: Kind.SEAL, Role.CONVERTER: Kind.PERSONAL}
_LAST = (Role.SEAL, Role.CONVERTER)  # after these nothing is added but time-stamps


def validate(pdf: bytes, *, at: datetime) -> Report:
    """Check every signature of `pdf`, as seen at the moment `at`. Never raises because of what is in the file."""
    digest = hashlib.sha256(pdf).hexdigest()
    if len(pdf) > MAX_BYTES:
        return Report(digest, findings=(Finding(Code.TOO_LARGE),))
    if b"%PDF-" not in pdf[:1024]:
        return Report(digest, findings=(Finding(Code.NOT_A_PDF),))
    try:
        with deadline(MAX_SECONDS):
            return _validate(pdf, digest, at)
    except (TookTooLong, RecursionError, MemoryError):
        return Report(digest, findings=(Finding(Code.TOO_COMPLEX),))
    except PdfError:
        return Report(digest, findings=(Finding(Code.NOT_A_PDF),))
    except Exception:  # whatever a stranger's file makes the parsers do, the answer is a report
        logger.warning("a PDF could not be checked: %s", digest, exc_info=True)
        return Report(digest, findings=(Finding(Code.UNREADABLE),))


def _validate(pdf: bytes, digest: str, at: datetime) -> Report:
    reader = PdfFileReader(io.BytesIO(pdf))
    if reader.encrypted:
        return Report(digest, findings=(Finding(Code.ENCRYPTED),))
    if reader.xrefs.total_revisions > MAX_REVISIONS:
        return Report(digest, findings=(Finding(Code.TOO_COMPLEX),))
    signatures = reader.embedded_regular_signatures
    if len(signatures) > MAX_SIGNATURES:
        return Report(digest, findings=(Finding(Code.TOO_COMPLEX),))
    if not signatures:
        return Report(digest, findings=(Finding(Code.NO_SIGNATURE),), pages=sum(1 for _page in _leaves(reader)))
    stamps, fault = stamps_of(reader, at)
    reports, findings = [], [Finding(fault)] if fault else []
    for index, signature in enumerate(signatures):
        report, codes = _signature(reader, signature, at, stamps)
        reports.append(report)
        findings += [Finding(code, index) for code in codes]
    values = {name: str(widget.get("/V", "")) for name, (_reference, widget) in text_fields(reader).items()}
    return Report(
        digest,
        tuple(reports),
        tuple(findings) + _roles(reader, [report.role for report in reports]),
        number=values.get(NUMBER, ""),
        date=values.get(DATE, ""),
        token=_token(reader),
        pages=sum(1 for _page in _leaves(reader)),
        sealed_length=next((end_of(s) for s in signatures if str(s.field_name) == SEAL), 0),
        stamps=tuple(time for _until, time in stamps),
    )


def _signature(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, at: datetime, stamps: list[tuple[int, datetime]]
) -> tuple[SignatureReport, list[Code]]:
    certificate = signature.signer_cert
    role = _ROLES.get(str(signature.field_name), Role.OTHER)
    known = Certificate.objects.filter(fingerprint=certificate.sha256.hex()).first()
    claimed = signature.self_reported_timestamp
    subject, issuer = certificate.subject.native, certificate.issuer.native
    codes: list[Code] = []
    status: PdfSignatureStatus | None = None
    proven = next((time for until, time in stamps if until >= end_of(signature)), None)
    try:
        context = context_at(min(claimed, at) if claimed else at)
        status = validate_pdf_signature(signature, context, context_at(proven or at), diff_policy=_CHANGES)
    except (ValueError, LookupError, TypeError) as error:  # what pyHanko and asn1crypto raise over broken signatures
        logger.info("a signature could not be read", extra={"error": type(error).__name__})
        codes.append(Code.UNREADABLE)
    changed: tuple[str, ...] = ()
    if status is not None:
        if not (status.intact and status.valid):
            codes.append(Code.ALTERED_BYTES)
        if not status.trusted:
            codes.append(Code.UNTRUSTED)
        if isinstance(status.diff_result, DiffResult):
            changed = tuple(sorted(status.diff_result.changed_form_fields))
        codes += _changes(reader, signature, status, role, changed)
    if status is not None and status.timestamp_validity is not None:
        since, fault = read(status.timestamp_validity)
        proven = since or proven
        codes += [fault] if fault else []
    if claimed and claimed > at:
        codes.append(Code.FROM_THE_FUTURE)
    codes += _standing(known, role, claimed or at, trusted=bool(status and status.trusted))
    report = SignatureReport(
        role=role,
        field=str(signature.field_name),
        holder=_text(subject.get("common_name")),
        organisation=_text(subject.get("organization_name")),
        issuer=_text(issuer.get("common_name")),
        serial=f"{certificate.serial_number:x}",
        fingerprint=certificate.sha256.hex(),
        signed_at=claimed,
        algorithm=f"{status.pkcs7_signature_mechanism} {status.md_algorithm}" if status else "",
        intact=bool(status and status.intact and status.valid),
        trusted=bool(status and status.trusted),
        covers_all=bool(status and (status.coverage or 0) == SignatureCoverageLevel.ENTIRE_FILE),
        changed_fields=changed,
        certificate=known.pk if known else None,
        stamped_at=proven,
    )
    return report, codes


def _standing(known: Certificate | None, role: Role, signed_at: datetime, *, trusted: bool) -> list[Code]:
    """What the register says of the certificate."""
    if known is None:
        return [Code.UNREGISTERED] if trusted else []
    codes = []
    if known.revoked_at and known.revoked_at <= signed_at:
        codes.append(Code.REVOKED)
    if role in _KINDS and known.kind != _KINDS[role]:
        codes.append(Code.WRONG_ROLE)
    return codes


def _changes(
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    role: Role,
    changed: tuple[str, ...],
) -> list[Code]:
    """What was done to the document after this signature, beyond what the rule allows."""
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return [Code.NOT_COVERED]
    level = status.modification_level or ModificationLevel.NONE
    allowed = ModificationLevel.LTA_UPDATES if role in _LAST else ModificationLevel.FORM_FILLING
    if level <= allowed and status.docmdp_ok:
        signatures = {name for name, _ref in _signature_fields(reader)}
        return [] if set(changed) <= {NUMBER, DATE, *signatures} else [Code.FIELD_CHANGED]
    signed = reader.get_historical_resolver(signature.signed_revision)
    codes = []
    if _pages(signed) != _pages(reader):
        codes.append(Code.PAGE_REPLACED)
    if role is Role.SEAL and _filled(signed) != _filled(reader):
        codes.append(Code.NUMBER_CHANGED_AFTER_SEAL)
    return codes or [Code.CHANGED_AFTER_SIGNATURE]


def _roles(reader: PdfFileReader, roles: list[Role]) -> tuple[Finding, ...]:
    """Whether the signatures that a letter keeps places for are there, once each, and no others."""
    places = {name for name, _reference in _signature_fields(reader)}
    found: list[Finding] = []
    if not places & {LEADER, SEAL}:
        return ()  # not one of our letters: any signature may stand on it
    if Role.OTHER in roles or len(set(roles)) != len(roles):
        found.append(Finding(Code.UNEXPECTED_SIGNATURE))
    if LEADER in places and Role.LEADER not in roles:
        found.append(Finding(Code.LEADER_MISSING))
    if SEAL in places and Role.SEAL not in roles:
        found.append(Finding(Code.NOT_SEALED))
    return tuple(found)


def _signature_fields(pdf: PdfHandler) -> list[tuple[str, generic.DictionaryObject]]:
    fields = [raw.get_object() for raw in fields_of(pdf)]
    return [(str(field.get("/T", "")), field) for field in fields if field.get("/FT") == "/Sig"]


def _token(reader: PdfFileReader) -> str:
    """What the template put into the file's keywords, as the first signature covers it: its own bytes, read anew."""
    *_start, last, length = reader.embedded_regular_signatures[0].byte_range
    reader.stream.seek(0)
    try:
        first = PdfFileReader(io.BytesIO(reader.stream.read(last + length)))
        metadata = first.root["/Metadata"]
    except (PdfError, KeyError):  # the file was written anew around the signature, which is said elsewhere
        return ""
    found = _KEYWORDS.search(metadata.data[:100_000]) if isinstance(metadata, generic.StreamObject) else None
    return found.group(1).decode("utf-8", "replace") if found else ""


def _filled(pdf: PdfHandler) -> dict[str, bytes]:
    """Value and appearance of number and date, as bytes to compare."""
    fields = text_fields(pdf)
    return {
        name: _mark(widget.get("/V", None)) + _mark(widget.get("/AP", None))
        for name, (_reference, widget) in fields.items()
        if name in (NUMBER, DATE)
    }


def _pages(pdf: PdfHandler | HistoricalResolver) -> list[bytes]:
    """One digest a page of everything that is drawn on it but its annotations."""
    drawn = ("/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate")
    return [
        _mark(generic.DictionaryObject({key: leaf.raw_get(key) for key in drawn if key in leaf}))
        for leaf in _leaves(pdf)
    ]


def _leaves(pdf: PdfHandler | HistoricalResolver) -> Iterator[generic.DictionaryObject]:
    """The pages in their order."""
    waiting = [pdf.root["/Pages"]]
    seen = 0
    while waiting:
        node = waiting.pop(0)
        seen += 1
        if seen > 5000:
            raise RecursionError("too many pages")
        if "/Kids" in node:
            waiting[:0] = [raw.get_object() for raw in node["/Kids"]]
        else:
            yield node


def _mark(value: Any) -> bytes:
    """A digest of an object and all it refers to."""
    digest, met = hashlib.sha256(), set()

    def walk(item: Any) -> None:
        if isinstance(item, generic.IndirectObject):
            if item.reference in met:
                return
            met.add(item.reference)
            item = item.get_object()
        digest.update(type(item).__name__.encode())
        if isinstance(item, generic.DictionaryObject):
            for key in sorted(item.keys()):
                digest.update(key.encode())
                walk(item.raw_get(key))
            if isinstance(item, generic.StreamObject):
                digest.update(item.encoded_data)
        elif isinstance(item, generic.ArrayObject):
            for position in range(len(item)):
                walk(item.raw_get(position))
        else:
            digest.update(repr(item).encode())

    walk(value)
    return digest.digest()


def _text(value: Any) -> str:
    """A name's part as text; a name may have it several times."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
