"""How seals are shown to witnesses, and how we attest those of others: `POST /api/v1/witness/seals`."""

from __future__ import annotations

import json
from email.utils import make_msgid

import urllib3
from asn1crypto import cms, tsp
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from tinhso.core.ledger import witnesses
from tinhso.core.ledger.models import Witness
from tinhso.core.ledger.seals import public_key
from tinhso.core.ledger.witnesses import Kind, Shown
from tinhso.core.notify.channels import EMAIL
from tinhso.core.notify.channels.outgoing import UndeliverableError
from tinhso.core.signing import stamps, timestamps
from tinhso.core.signing.pades import now

from .auth import open_to_all

router = Router(tags=["core"])
_POOL = urllib3.PoolManager(timeout=20, retries=False)


class SealIn(Schema):
    key: str = Field(pattern="^[0-9a-fA-F]{64}$", description="Public key of the ledger that made it")
    body: str = Field(max_length=2_000, description="The signed bytes of the seal")
    signature: str = Field(pattern="^[0-9a-fA-F]{128}$")


class ReceiptOut(Schema):
    receipt: str = Field(description="Canonical JSON: what was attested, and when")
    signature: str = Field(description="Ed25519 over the receipt")
    public_key: str


@router.post("/witness/seals", auth=open_to_all(), response=ReceiptOut, operation_id="attest_seal")
def attest(request: HttpRequest, seal: SealIn) -> ReceiptOut:
    """Attest a seal of an install we know by its key; the seal's own signature says who asks."""
    return ReceiptOut(**witnesses.attest(seal.key, seal.body, bytes.fromhex(seal.signature), timezone.now()))


def _ask_agency(witness: Witness, shown: Shown) -> bytes:
    key = public_key().public_bytes_raw().hex()
    body = json.dumps({"key": key, "body": shown.body, "signature": shown.signature.hex()}).encode()
    url = f"{witness.address.rstrip('/')}/api/v1/witness/seals"
    try:
        answer = _POOL.request("POST", url, body=body, headers={"Content-Type": "application/json"}, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise OSError(str(error)) from error
    if answer.status != 200:
        raise ValueError(f"it answered {answer.status}: {answer.data[:200].decode(errors='replace')}")
    return bytes(answer.data)


def _ask_mailbox(witness: Witness, shown: Shown) -> bytes:
    """A mailbox gives nothing back: its receipt is what was sent, and the mail there is the testimony."""
    line = json.dumps({"body": shown.body, "signature": shown.signature.hex()})
    if not EMAIL.configured():
        raise ValueError("mail is not configured: EMAIL_URL")
    told = f"{settings.TINHSO.base_url}\n\nKeep this line; `tinhso ledger verify --against` reads it.\n\n{line}\n"
    try:
        EMAIL.mail(
            to=witness.address,
            subject=f"{shown.log} {shown.number} {shown.digest[:16]}",
            text=told,
            message_id=make_msgid(domain="ledger.invalid"),
        )
    except UndeliverableError as refused:
        raise ValueError(f"the mail server refuses it: {refused}") from refused
    return line.encode()


def _ask_time(witness: Witness, shown: Shown) -> bytes:
    authority = stamps.authority()
    if authority is None:
        raise ValueError("no time-stamping authority is configured: TSA_URL")
    try:
        token: cms.ContentInfo = now(authority.async_timestamp(bytes.fromhex(shown.digest), "sha256"))
    except TimestampRequestError as error:
        raise OSError(str(error)) from error
    return bytes(token.dump())


def _time_fault(witness: Witness, shown: Shown, receipt: bytes) -> str:
    try:
        signed = cms.ContentInfo.load(receipt)["content"]
        made = tsp.TSTInfo.load(signed["encap_content_info"]["content"].contents)["gen_time"].native
        checked = validate_tst_signed_data(
            signed, timestamps.context_at(made), lambda _algorithm: bytes.fromhex(shown.digest)
        )
        _since, fault = timestamps.read(TimestampSignatureStatus(**now(checked)))
    except (ValueError, LookupError, TypeError, SignatureValidationError) as error:
        return f"its time-stamp cannot be read: {type(error).__name__}"
    return str(fault) if fault else ""


witnesses.kind("agency", Kind(_ask_agency, witnesses.signed_receipt_fault))
witnesses.kind("email", Kind(_ask_mailbox, lambda _witness, _shown, _receipt: ""))
witnesses.kind("timestamp", Kind(_ask_time, _time_fault))
