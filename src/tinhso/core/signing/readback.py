"""Is the document that was signed a moment ago what it should be? Asked of its finished bytes, before it is kept.

A stranger's file is validated whole (`validation`, half of what a signature cost). This one grew here out of a draft
without signatures (`pades.prepare` sees to that), under a certificate that `work.certificate_for` has just found
registered, in force and trusted. What can still be wrong came from elsewhere or was put in last, and that is read
back from the file: the range of bytes, their digest, the attributes, the certificate, the signature, the time-stamp.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from asn1crypto import cms
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from .pades import Prepared, now
from .report import Code
from .timestamps import context_at, read
from .validation import MAX_BYTES

_RANGE = re.compile(rb"/ByteRange \[ *(\d+) +(\d+) +(\d+) +(\d+) *\]")
_BAD = (ValueError, LookupError, TypeError)  # what asn1crypto raises over what it cannot read
_KINDS = {"rsassa_pkcs1v15", "sha256_rsa", "sha256_ecdsa"}  # as `Identity.verify` takes them


def fault(pdf: bytes, prepared: Prepared, *, at: datetime) -> Code | None:
    """What is wrong with `pdf`, which `pades.embed` made of `prepared`; None when it is right."""
    if len(pdf) > MAX_BYTES:
        return Code.TOO_LARGE  # nobody could verify it
    start, end = prepared.start, prepared.end
    ranges = _RANGE.findall(pdf, end)
    if pdf[start : start + 1] != b"<" or pdf[end - 1 : end] != b">" or len(ranges) != 1:
        return Code.UNREADABLE
    if [int(number) for number in ranges[0]] != [0, start, end, len(pdf) - end]:
        return Code.NOT_COVERED
    digest = hashlib.sha256(memoryview(pdf)[:start])
    digest.update(memoryview(pdf)[end:])
    try:
        signed = cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii")))
        return _signature(signed, digest.digest(), prepared, at)
    except (*_BAD, SignatureValidationError):
        return Code.UNREADABLE


def _signature(signed: Any, digest: bytes, prepared: Prepared, at: datetime) -> Code | None:
    content = signed["content"]
    (signer,) = content["signer_infos"]
    attributes = signer["signed_attrs"].untag().dump()
    said = {one["type"].native: one["values"] for one in cms.CMSAttributes.load(attributes)}
    (own,) = said["message_digest"]
    (names,) = said["signing_certificate_v2"]
    identity = prepared.identity
    if own.native != digest:
        return Code.ALTERED_BYTES
    if (
        signed["content_type"].native != "signed_data"
        or signer["digest_algorithm"]["algorithm"].native != "sha256"
        or signer["signature_algorithm"]["algorithm"].native not in _KINDS
        or identity.certificate not in [one.dump() for one in content["certificates"]]
        or signer["sid"].chosen["serial_number"].native != identity.x509.serial_number
        or names["certs"][0]["cert_hash"].native != hashlib.sha256(identity.certificate).digest()
        or not identity.verify(signer["signature"].native, attributes)
    ):
        return Code.ALTERED_BYTES
    for attribute in signer["unsigned_attrs"] or ():
        for token in attribute["values"]:
            if stamp := _stamp(token["content"], signer["signature"].native, at):
                return stamp
    return None


def _stamp(token: Any, signature: bytes, at: datetime) -> Code | None:
    """A stamp that is broken; whether its authority is trusted only says what it proves later."""
    checked = validate_tst_signed_data(token, context_at(at), lambda name: hashlib.new(name, signature).digest())
    _since, wrong = read(TimestampSignatureStatus(**now(checked)))
    return Code.STAMP_BROKEN if wrong is Code.STAMP_BROKEN else None
