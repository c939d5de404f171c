"""What a document says before it is signed: its sheet, checked, and as its letter shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Refused
from tinhso.core.letters.signatory import signatory

from .models import Document
from .types import types

LONGEST = 60_000  # letters of a body: some thirty pages
MANY = 40  # lines of addressees or bases
SECRET = ("mật", "tối mật", "tuyệt mật", "bí mật nhà nước")
DECISIONS = ("QĐ", "NQ")  # begin with who decides


@dataclass(frozen=True)
class Sheet:
    """`addressees`, `bases` and `places` line by line; `body` as typed."""

    addressees: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    body: str = ""
    places: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "addressees": list(self.addressees),
            "bases": list(self.bases),
            "body": self.body,
            "places": list(self.places),
        }


def read(given: Mapping[str, Any]) -> Sheet:
    """A kept sheet."""
    return Sheet(
        tuple(given.get("addressees", ())),
        tuple(given.get("bases", ())),
        given.get("body", ""),
        tuple(given.get("places", ())),
    )


def checked(sheet: Sheet, *, type_: str, abstract: str) -> None:
    """Raises `Refused` with what to mend: an unknown type, no abstract, no body, too much, or a secret."""
    if type_ not in types():
        raise Refused("type_missing", _("Choose what type of document it is."), field="type", status=422)
    if not 5 <= len(abstract) <= 500:
        message = _("Say in 5 to 500 letters what it is about.")
        raise Refused("abstract_missing", message, field="abstract", status=422)
    if not 1 <= len(sheet.body) <= LONGEST:
        message = _("Write what it says, in at most %(most)d letters.") % {"most": LONGEST}
        raise Refused("body_missing", message, field="body", status=422)
    for name, lines in (("addressees", sheet.addressees), ("bases", sheet.bases), ("places", sheet.places)):
        if len(lines) > MANY or any(len(line) > 500 for line in lines):
            message = _("At most %(most)d lines of 500 letters each.") % {"most": MANY}
            raise Refused("too_many_lines", message, field=name, status=422)


def refuse_secret(*words: str) -> None:
    """Raises `Refused` where a marking of secrecy stands among the words that describe a document."""
    for line in words:
        if line.strip().strip("()[].").lower() in SECRET:
            raise Refused(
                "classified",
                _("Classified documents must not enter this network. Keep it on paper, in its own register."),
                status=422,
            )


def lines(text: str) -> tuple[str, ...]:
    """What stands in a field, line by line, without what bullets people type before."""
    found = (line.strip().lstrip("-•–").strip().rstrip(";.").strip() for line in text.splitlines())
    return tuple(line for line in found if line)


def letter_data(document: Document, head: Mapping[str, Any], agencies: Iterable[Agency]) -> dict[str, Any]:
    """For `letters/official`; number and date stay empty for the clerk. Without a signer nobody's name stands there."""
    sheet, type_ = read(document.sheet), types()[document.type]
    dispatch = not type_.abbreviated
    addressees = sheet.addressees or (tuple(agency.name for agency in agencies) if dispatch else ())
    above = ("Như trên",) if addressees else tuple(agency.name for agency in agencies)
    signer = signatory(document.signer) if document.signer else {"lines": [], "title": "", "name": ""}
    return {
        **head,
        "number": "",
        "date": "",
        "type": "" if dispatch else type_.name,
        "about": document.abstract,
        "addressees": list(addressees),
        "authority": _authority(signer, document) if document.type in DECISIONS else "",
        "bases": list(sheet.bases),
        "body": [line.strip() for line in sheet.body.splitlines() if line.strip()],
        "places": [*above, *sheet.places, "Lưu: VT"],
        "signer": signer,
    }


def _authority(signer: Mapping[str, Any], document: Document) -> str:
    """Who decides: the committee where it is signed for it, else its chair or the head (NĐ 30/2020, phụ lục III)."""
    collective = any(str(line).startswith("TM.") for line in signer["lines"])
    return document.agency.name if collective else f"{signer['title']} {document.agency.name}"
