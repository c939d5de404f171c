"""A person signs a document: here and now with a key at hand, or in two requests with a key elsewhere.

Both end in `_keep`: file, task and entries in one transaction, exactly once. Nothing of a PIN,
a passphrase or a private key is ever stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from ..agencies.models import Staff
from ..files import actions as files
from ..files.queries import read_bytes
from ..ledger.actions import Actor, Refused, one_change, record
from ..ledger.rows import exists
from . import documents, pades, readback, revocation, stamps, upkeep
from .documents import Document
from .events import SignatureMade
from .keys import Signer
from .models import Certificate, Kind, Preparation, Source

GOOD_FOR = timedelta(minutes=15)  # a prepared signature: long enough to find the token and the PIN


def certificate_for(fingerprint: str, staff: Staff, *, at: datetime) -> Certificate:
    """The registered certificate that may sign for this person now.

    Raises `Refused`: `certificate_not_registered`, `certificate_revoked`, `certificate_expired`,
    `certificate_untrusted`, `revocation_unknown`, `stamps_behind`.
    """
    stamps.not_too_far_behind(at)
    certificate = Certificate.objects.filter(
        kind=Kind.PERSONAL, holder=staff.account_id, fingerprint=fingerprint
    ).first()
    if certificate is None:
        raise Refused(
            "certificate_not_registered",
            _("This certificate is not registered for you. Register it under “My digital signatures” first."),
        )
    if certificate.revoked_at and certificate.revoked_at <= at:
        raise Refused("certificate_revoked", _("Its issuer has revoked your certificate. Ask for a new one."))
    if not certificate.not_before <= at < certificate.not_after:
        raise Refused(
            "certificate_expired",
            _("Your certificate expired on %(day)s. Renew it with its issuer, then register the new one.")
            % {"day": f"{certificate.not_after:%d/%m/%Y}"},
        )
    revocation.must_stand(certificate, at=at)
    revocation.must_be_trusted(certificate.identity, at=at)
    return certificate


@dataclass(frozen=True)
class Outcome:
    """What became of one document of several."""

    document: Document | None
    key: str
    refusal: Refused | None = None


def sign(document: Document, signer: Signer, *, staff: Staff, by: Actor, at: datetime) -> None:
    """Sign one document with a key at hand. Raises `Refused`; then nothing is kept."""
    for outcome in sign_all([document.key], signer, staff=staff, by=by, at=at):
        if outcome.refusal:
            raise outcome.refusal


def sign_all(keys: Sequence[str], signer: Signer, *, staff: Staff, by: Actor, at: datetime) -> Iterator[Outcome]:
    """Sign many documents (by `Document.key`) with one key, one after another; each is kept before the next.

    Refused documents are told and passed over. What concerns the certificate or the key ends it
    all: raises `Refused`, and the documents before stay signed.
    """
    certificate = certificate_for(signer.identity.fingerprint, staff, at=at)
    identity = certificate.identity
    ready: list[tuple[Document, pades.Prepared]] = []
    for key in dict.fromkeys(keys):
        try:
            document = documents.find(key, staff)
            pdf = read_bytes(document.file)
            ready.append((document, pades.prepare(pdf, field=document.field, identity=identity, at=at)))
        except Refused as refusal:
            yield Outcome(None, key, refusal)
    signatures = signer.sign_all([prepared.attributes for _document, prepared in ready])
    for (document, prepared), signature in zip(ready, signatures, strict=True):
        try:
            _keep(document, prepared, signature, certificate, staff=staff, by=by, at=at)
        except Refused as refusal:
            yield Outcome(document, document.key, refusal)
        else:
            yield Outcome(document, document.key)


def prepare(document: Document, certificate: Certificate, *, staff: Staff, at: datetime) -> Preparation:
    """Make a document ready for a signature made elsewhere; good for a quarter of an hour, for this person alone."""
    pdf = read_bytes(document.file)
    prepared = pades.prepare(pdf, field=document.field, identity=certificate.identity, at=at)
    return Preparation.objects.create(
        account_id=staff.account_id,
        certificate=certificate,
        kind=document.kind,
        document=document.id,
        version=document.file.pk,
        tail=prepared.pdf[len(pdf) :],
        start=prepared.start,
        end=prepared.end,
        attributes=prepared.attributes,
        at=at,
        expires_at=at + GOOD_FOR,
    )


def complete(row: Preparation, signature: bytes, *, staff: Staff, by: Actor, at: datetime) -> None:
    """Put a signature made elsewhere into its document and keep it. Doing it again changes nothing.

    Raises `Refused`: `preparation_expired`, `wrong_key`, what forbids the certificate meanwhile,
    and what the document's system refuses.
    """
    if row.used_at is not None:
        return
    if at >= row.expires_at:
        raise Refused("preparation_expired", _("It took too long, so nothing was signed. Sign once more."))
    certificate = certificate_for(row.certificate.fingerprint, staff, at=at)
    document = documents.find(f"{row.kind}:{row.document}:{row.version}", staff)
    pdf = read_bytes(document.file) + bytes(row.tail)
    prepared = pades.Prepared(pdf, row.start, row.end, bytes(row.attributes), certificate.identity)
    _keep(document, prepared, signature, certificate, staff=staff, by=by, at=at, row=row)


def _keep(
    document: Document,
    prepared: pades.Prepared,
    signature: bytes,
    certificate: Certificate,
    *,
    staff: Staff,
    by: Actor,
    at: datetime,
    row: Preparation | None = None,
) -> None:
    """Embed, read back what came of it, and keep it."""
    pdf, stamped = stamps.trying(lambda stamper: pades.embed(prepared, signature, stamper))
    if fault := readback.fault(pdf, prepared, at=at):
        raise Refused("signature_invalid", str(fault.message))
    link = files.store_bytes(pdf, name=f"{document.name}-da-ky.pdf", by=by, at=at)
    try:
        with one_change():  # a signature that is not kept leaves no file with the document
            # It may have become known while the documents before this one were signed.
            if exists(Certificate, "id = %s AND revoked_at IS NOT NULL", [certificate.pk]):
                raise Refused("certificate_revoked", _("Its issuer has revoked your certificate. Ask for a new one."))
            if row is not None and not Preparation.objects.filter(pk=row.pk, used_at=None).update(used_at=at):
                raise Refused("already_signed_now", _("This signature was kept already."))
            documents.of(document.kind).keep(
                document, file=link, certificate=certificate.serial, pdf=pdf, staff=staff, by=by, at=at
            )
            record(
                SignatureMade(
                    document=f"{document.kind}:{document.id}", way=Source(certificate.source), stamped=stamped
                ),
                subject=certificate, by=by, at=at,
            )  # fmt: skip
            upkeep.watch(document.kind, document.id, stamped=stamped, at=at)
    except Refused:
        files.release(link, by=by, at=at)
        raise
