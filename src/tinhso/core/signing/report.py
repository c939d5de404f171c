"""What validation of a signed PDF says, for people: who signed, and what is wrong if anything is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """In what role a signature stands on a letter."""

    LEADER = "leader"
    SEAL = "seal"
    CONVERTER = "converter"
    OTHER = "other"


class Verdict(StrEnum):
    VALID = "valid"
    UNSEALED = "unsealed"  # the leader has signed, the agency has not sealed yet
    INVALID = "invalid"

    @property
    def message(self) -> Any:
        return _VERDICTS[self]


class Code(StrEnum):
    """Everything a report can find; the value is stable and for machines."""

    NOT_A_PDF = "not_a_pdf"
    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"
    ENCRYPTED = "encrypted"
    NO_SIGNATURE = "no_signature"
    UNREADABLE = "unreadable"
    ALTERED_BYTES = "altered_bytes"
    NOT_COVERED = "not_covered"
    PAGE_REPLACED = "page_replaced"
    NUMBER_CHANGED_AFTER_SEAL = "number_changed_after_seal"
    FIELD_CHANGED = "field_changed"
    CHANGED_AFTER_SIGNATURE = "changed_after_signature"
    UNTRUSTED = "untrusted"
    REVOKED = "revoked"
    FROM_THE_FUTURE = "from_the_future"
    WRONG_ROLE = "wrong_role"
    UNEXPECTED_SIGNATURE = "unexpected_signature"
    LEADER_MISSING = "leader_missing"
    NOT_SEALED = "not_sealed"
    UNREGISTERED = "unregistered"
    STAMP_BROKEN = "stamp_broken"
    STAMP_UNTRUSTED = "stamp_untrusted"

    @property
    def message(self) -> Any:
        """What it means, translated, for the person who looks at the report."""
        return _MESSAGES[self]


NOTICES = frozenset({Code.NOT_SEALED, Code.UNREGISTERED, Code.STAMP_UNTRUSTED})  # told, but nothing is wrong

_VERDICTS: Mapping[Verdict, Any] = {
    Verdict.VALID: _("The signatures are valid and the document has not been altered."),
    Verdict.UNSEALED: _("The leader's signature is valid; the agency has not sealed the document yet."),
    Verdict.INVALID: _("Do not rely on this document."),
}

_MESSAGES: Mapping[Code, Any] = {
    Code.NOT_A_PDF: _("This file is not a PDF document, or it is damaged."),
    Code.TOO_LARGE: _("This file is too large to be checked."),
    Code.TOO_COMPLEX: _("This file is built in such a way that checking it takes too long."),
    Code.ENCRYPTED: _("This file is locked with a password and cannot be checked."),
    Code.NO_SIGNATURE: _("This file bears no digital signature."),
    Code.UNREADABLE: _("This file or a signature in it is damaged and cannot be checked."),
    Code.ALTERED_BYTES: _("The document was altered after it was signed: its content no longer fits the signature."),
    Code.NOT_COVERED: _("The signature does not cover the whole document."),
    Code.PAGE_REPLACED: _("A page was replaced after the document was signed."),
    Code.NUMBER_CHANGED_AFTER_SEAL: _("The number or the date was changed after the agency sealed the document."),
    Code.FIELD_CHANGED: _("A field other than number and date was filled after the leader signed."),
    Code.CHANGED_AFTER_SIGNATURE: _("Something was added or changed after the document was signed."),
    Code.UNTRUSTED: _("The signer's certificate was not issued by an authority that is trusted here."),
    Code.REVOKED: _("The signer's certificate had been revoked when the document was signed."),
    Code.FROM_THE_FUTURE: _("The signing time lies in the future."),
    Code.WRONG_ROLE: _("The certificate may not sign in this place: a leader signs, an agency seals."),
    Code.UNEXPECTED_SIGNATURE: _("There is a further signature that does not belong on this document."),
    Code.LEADER_MISSING: _("The leader's signature is missing."),
    Code.NOT_SEALED: _("The agency has not sealed this document."),
    Code.STAMP_BROKEN: _("A time-stamp in this file does not hold."),
    Code.STAMP_UNTRUSTED: _(
        "A time-stamp in this file proves nothing: its authority is not trusted here, or no longer."
    ),
    Code.UNREGISTERED: _("The signer's certificate is trusted, but it is not registered in this province."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was found; `signature` is the place in `Report.signatures`, None for the whole file."""

    code: Code
    signature: int | None = None

    @property
    def message(self) -> Any:
        return self.code.message

    @property
    def notice(self) -> bool:
        """True when it is told only for completeness."""
        return self.code in NOTICES


@dataclass(frozen=True)
class SignatureReport:
    """One signature: who, when, and whether it holds."""

    role: Role
    field: str
    holder: str
    organisation: str
    issuer: str
    serial: str
    fingerprint: str
    signed_at: datetime | None
    algorithm: str
    intact: bool
    trusted: bool
    covers_all: bool
    changed_fields: tuple[str, ...] = ()
    certificate: UUID | None = None
    stamped_at: datetime | None = None  # a trusted authority proves that it was there then


@dataclass(frozen=True)
class Report:
    """The whole answer. `number` and `date` are what the clerk filled in, `token` is what the letter
    says it is found by, `digest` is SHA-256 of the file. Nothing of it is proven unless `ok`."""

    digest: str
    signatures: tuple[SignatureReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    number: str = ""
    date: str = ""
    token: str = ""
    pages: int = 0
    sealed_length: int = 0  # the file as it was sealed: so many bytes from its beginning; 0: not sealed
    stamps: tuple[datetime, ...] = ()  # document time-stamps, oldest first
    codes: frozenset[Code] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", frozenset(finding.code for finding in self.findings))

    @property
    def verdict(self) -> Verdict:
        if self.codes - NOTICES:
            return Verdict.INVALID
        return Verdict.UNSEALED if Code.NOT_SEALED in self.codes else Verdict.VALID

    @property
    def ok(self) -> bool:
        """True when every signature holds and the agency has sealed."""
        return self.verdict is Verdict.VALID
