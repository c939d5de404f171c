"""What a scanner types when it reads the QR of an ID card, and what goes wrong on the way.

The chip card of 2021 says `ID|old ID|name|birth date|sex|address|date of issue`, dates as ddmmyyyy, the old ID (9
digits) often missing. Later cards go on after that, among others with the parents' names: nobody asked for those here,
so whatever follows the seventh field is passed over.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from tinhso.core.accounts.identity import full_name, national_id
from tinhso.core.accounts.models import Sex
from tinhso.core.agencies import units
from tinhso.core.agencies.units import Unit
from tinhso.core.ledger.actions import Refused

LONGEST = 600  # characters
_UNASSIGNED = "\x81\x8d\x8f\x90\x9d"  # of Windows-1252: such bytes come as they are
_SEXES: Mapping[str, Sex] = {"nam": Sex.MALE, "nữ": Sex.FEMALE}


@dataclass(frozen=True)
class Card:
    """A card that was read whole."""

    number: str
    old_number: str
    name: str
    born: date
    sex: Sex
    address: str
    issued: date | None


def read(text: str) -> Card:
    """The card behind what was typed. Raises `Refused`, which says what the scanner or the keyboard did to it."""
    parts = [" ".join(part.split()) for part in _mended(text.strip()[:LONGEST]).split("|")]
    if len(parts) < 7:
        message = _("This is only a part of the card's code. Hold the scanner still over the whole square, once more.")
        raise Refused("card_short", message, field="who", status=422)
    number, old, name, born, sex, address, issued = parts[:7]
    if not re.fullmatch(r"\d{12}", number) or not re.fullmatch(r"\d{9}|\d{12}|", old):
        raise _keyboard(_("the numbers"))
    if sex.lower() not in _SEXES:
        raise _keyboard(_("the sex"))
    if not all(letter.isalpha() or letter in " '-.’" for letter in name) or not name:
        raise _keyboard(_("the name"))
    if (name + address).isascii():
        raise _keyboard(_("the marks over the letters"))
    birth = _day(born)
    if birth is None:
        raise _keyboard(_("the date of birth"))
    whose = _SEXES[sex.lower()]
    number = national_id(number, birth_date=birth, sex=whose)
    return Card(number, old, full_name(name), birth, whose, address, _day(issued))


def seems(text: str) -> bool:
    """Whether somebody has scanned rather than typed."""
    return "|" in text


def _mended(text: str) -> str:
    """In composed letters; and where the scanner sent UTF-8 that was taken for Latin letters, that undone."""
    with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):  # it was right as it came
        text = b"".join(letter.encode("latin-1" if letter in _UNASSIGNED else "cp1252") for letter in text).decode()
    return unicodedata.normalize("NFC", text)


def _keyboard(what: str) -> Refused:
    message = _(
        "The scanner typed it wrong: %(what)s came out broken. Switch the typing program (UniKey, Telex) off, set the"
        " keyboard to English (US), and scan again. Or type the 12 digits and the name from the card."
    )
    return Refused("card_garbled", message % {"what": what}, field="who", status=422)


def _day(digits: str) -> date | None:
    """Of ddmmyyyy; also as dd/mm/yyyy, which some scanners make of it."""
    found = re.fullmatch(r"(\d\d)[/.-]?(\d\d)[/.-]?(\d{4})", digits)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:  # 31 February
        return None


@dataclass(frozen=True)
class Place:
    """An address as the form asks for it. `commune` is empty where today's is not certain: then somebody chooses."""

    province: str
    commune: str
    detail: str


def place_of(address: str) -> Place:
    """The province and commune of today in a card's address, which may name those before 1 July 2025.

    A commune that was divided, or whose name several had, is left to whoever sees the person.
    """
    parts = [part.strip() for part in address.split(",") if part.strip()]
    here = next((one for one in units.provinces() if parts and _plain(parts[-1]) in _names(one)), None)
    if here is None:
        return Place("", "", address)
    # Before July 2025 a district stood between; several of today's communes bear the name of one.
    before = _heirs(parts[-3], here.code) if len(parts) > 2 else []
    today = [one for one in units.communes(here.code) if len(parts) > 1 and _plain(parts[-2]) in _names(one)]
    found, place = (before, -3) if before else (today or _heirs(parts[-2] if len(parts) > 1 else "", here.code), -2)
    if len(found) == 1:
        return Place(here.code, found[0].code, ", ".join(parts[:place]))
    return Place(here.code, "", ", ".join(parts[:-1]))


def _heirs(name: str, province: str) -> list[Unit]:
    """What became of a commune, whose kind a card may leave out."""
    found = {
        one.code: one
        for kind in ("", "xã ", "phường ", "thị trấn ")
        for one in units.merged_into(kind + name, province)
    }
    return list(found.values())


def _names(unit: Unit) -> Iterator[str]:
    yield _plain(unit.name)
    yield _plain(unit.full_name)


def _plain(words: str) -> str:
    """Without marks, spaces and the short forms that cards use: TP., P., TT."""
    plain = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    return re.sub(r"^(tp\.|tinh )", "", re.sub(r"[^a-z0-9. ]", "", plain)).replace(" ", "").replace(".", "")
