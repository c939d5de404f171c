"""PAdES in three steps: `prepare` → a signature made anywhere → `embed`.

So a server key, a remote service (CSC) and an official's USB token are only different
ways to do the middle one. Every step appends to the file: the bytes that came in are the
beginning of the bytes that go out, and no signed original is ever rewritten.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ..ledger.actions import Refused
from ..letters.fields import CONVERTER, LEADER, SEAL
from ..letters.render import outside_transaction
from .appearance import draw
from .keys import Identity, Signer

SPARE = 2_048  # bytes of the CMS beside its certificates: the signature itself (RSA-4096: 512), attributes, names
ROOM_FOR_STAMP = 24_576  # more for a time-stamp with its authority's certificates
_DIGEST = "sha256"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Prepared:
    """A document with room for one signature, and what the key must sign. Plain data: a job may keep it."""

    pdf: bytes
    start: int
    end: int
    attributes: bytes
    identity: Identity


def prepare(pdf: bytes, *, field: str, identity: Identity, at: datetime) -> Prepared:
    """First step: make room in signature field `field` (`LEADER`, `SEAL`, `CONVERTER`), compute what is to be signed.

    The leader's signature certifies: afterwards only fields may be filled. The seal, and whoever digitised a
    paper, allow nothing more. Raises `Refused` when there is no such empty field, the leader comes after the seal, or
    the certificate is not valid at `at`; `RuntimeError` inside a transaction.
    """
    outside_transaction()
    certificate = identity.x509
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise Refused("certificate_expired", _("The signing certificate is not valid at this time."))
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    places = list(enumerate_sig_fields(writer))
    empty = {name for name, value, _reference in places if value is None}
    signed = {name for name, value, _reference in places if value is not None}
    if field not in empty or (field == CONVERTER and signed):
        raise Refused("already_signed", _("The document has no empty place for this signature."))
    if field == LEADER and (signed or SEAL not in empty):
        raise Refused("wrong_order", _("The leader signs first, then the agency seals."))

    embedding = PdfCMSEmbedder().write_cms(field, writer, existing_fields_only=True)
    widget = next(embedding).get_object()
    widget[pdf_name("/AP")] = draw(writer, widget, field=field, certificate=certificate, at=at)
    embedding.send(
        SigObjSetup(
            sig_placeholder=SignatureObject(
                timestamp=at,
                subfilter=SigSeedSubFilter.PADES,
                bytes_reserved=_room(identity) + (ROOM_FOR_STAMP if settings.TINHSO.tsa else 0),
            ),
            mdp_setup=SigMDPSetup(
                md_algorithm=_DIGEST,
                certify=not signed,
                docmdp_perms=MDPPerm.FILL_FORMS if field == LEADER else MDPPerm.NO_CHANGES,
                field_lock=FieldMDPSpec(FieldMDPAction.ALL) if field == SEAL else None,
            ),
        )
    )
    digest, out = embedding.send(SigIOSetup(md_algorithm=_DIGEST))
    attributes = attributes_of(digest.document_digest, identity)
    return Prepared(out.getvalue(), digest.reserved_region_start, digest.reserved_region_end, attributes, identity)


def _room(identity: Identity) -> int:
    """Hex digits kept for the CMS. No more than it needs: whoever reads the file takes them one by one (pyHanko half a
    millisecond a thousand)."""
    return 2 * (len(identity.certificate) + sum(map(len, identity.chain)) + SPARE)


def embed(prepared: Prepared, signature: bytes, stamper: TimeStamper | None = None) -> bytes:
    """Last step: put the signature where room was made; with a `stamper` time-stamped (PAdES B-T).

    Raises what the stamper raises, and `Refused("wrong_key")` when it was not made by the prepared certificate's key.
    """
    if not prepared.identity.verify(signature, prepared.attributes):
        raise Refused("wrong_key", _("The signature was made by another key than the certificate's."))
    signer = _signer(prepared.identity, signature)
    outside_transaction()
    content = now(
        signer.async_sign_prescribed_attributes(
            _DIGEST, cms.CMSAttributes.load(prepared.attributes), timestamper=stamper
        )
    )
    out = io.BytesIO(prepared.pdf)
    PreparedByteRangeDigest(b"", prepared.start, prepared.end).fill_with_cms(out, content)
    return out.getvalue()


def sign(pdf: bytes, *, field: str, signer: Signer, at: datetime, stamper: TimeStamper | None = None) -> bytes:
    """All three steps with a key at hand."""
    prepared = prepare(pdf, field=field, identity=signer.identity, at=at)
    return embed(prepared, signer.sign(prepared.attributes), stamper)


def attributes_of(digest: bytes, identity: Identity) -> bytes:
    """What a key signs over a SHA-256 digest, a document's or any: the attributes of PAdES, DER."""
    before, after = _around_digest(identity)
    return before + digest + after


@lru_cache(maxsize=512)
def _around_digest(identity: Identity) -> tuple[bytes, bytes]:
    """The attributes before and after the digest, which alone differs from document to document. Their order does not
    hang on it: DER sorts a set by its elements' bytes, and these differ in their second, the length."""
    place = bytes(range(32))
    made: bytes = now(_signer(identity).signed_attrs(place, _DIGEST, use_pades=True)).dump()
    before, after = made.split(place)
    return before, after


def now(work: Coroutine[Any, Any, _T]) -> _T:
    """Result of a coroutine: pyHanko's are async for remote keys, ours only compute.

    `asyncio.run` would take 20 ms more: to catch Ctrl-C it prints the whole CMS.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def _signer(identity: Identity, signature: bytes | None = None) -> ExternalSigner:
    store = SimpleCertificateStore()
    for above in identity.chain:
        store.register(asn1_x509.Certificate.load(above))
    return ExternalSigner(
        asn1_x509.Certificate.load(identity.certificate), store, signature_value=signature, embed_roots=False
    )
