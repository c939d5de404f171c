"""What a national ID, a tax code, a telephone number and a name look like."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError as NumberError
from stdnum.vn import mst

from ..ledger.actions import Refused
from .models import Sex

_NATIONAL_ID = re.compile(r"\d{12}")
_PHONE = re.compile(r"0\d{9,10}")
_BAD = 422


def national_id(number: str, *, birth_date: date | None = None, sex: str = Sex.UNKNOWN) -> str:
    """The 12 digits of a số định danh cá nhân, without spaces or dots.

    Digits 1–3: place of birth registration; 4: century and sex (0/1 = 19xx male/female,
    2/3 = 20xx); 5–6: year; 7–12: serial; there is no check digit (NĐ 70/2024, article 2).
    Raises `Refused` when the digits are wrong or contradict the birth date or the sex given.
    """
    digits = re.sub(r"[\s.]", "", number)
    if not _NATIONAL_ID.fullmatch(digits) or digits.startswith("000") or digits[3] not in "0123":
        message = _("A citizen ID has 12 digits, as printed on the card.")
        raise Refused("national_id_malformed", message, field="national_id", status=_BAD)
    born, whose = encoded(digits)
    if birth_date is not None and birth_date.year != born:
        message = _("This citizen ID belongs to someone born in %(year)s. Check the ID and the date of birth.")
        raise Refused("national_id_birth_year", message % {"year": born}, field="national_id", status=_BAD)
    if sex and sex != whose:
        message = _("This citizen ID does not agree with the sex given. Check both.")
        raise Refused("national_id_sex", message, field="national_id", status=_BAD)
    return digits


def encoded(digits: str) -> tuple[int, Sex]:
    """Year of birth and sex that a well-formed national ID carries."""
    century = int(digits[3])
    return 1900 + 100 * (century // 2) + int(digits[4:6]), Sex.FEMALE if century % 2 else Sex.MALE


def tax_code(number: str) -> str:
    """A mã số thuế: 10 digits with a check digit, or 10-3. Raises `Refused`.

    Since 1 July 2025 a person's tax code is the national ID (TT 86/2024), so 12 digits pass as such.
    """
    digits = re.sub(r"[\s.-]", "", number)
    if _NATIONAL_ID.fullmatch(digits):
        return national_id(digits)
    try:
        return mst.validate(digits)
    except NumberError as wrong:
        message = _("This is not a tax code: it has 10 or 13 digits, and one of these is mistyped.")
        raise Refused("tax_code_malformed", message, field="tax_code", status=_BAD) from wrong


def enterprise_code(number: str) -> str:
    """A mã số doanh nghiệp, which is its tax code (Luật Doanh nghiệp 2020, article 29): 10 digits with a check digit,
    or 13 of a branch or another unit, as `0101234567-001`. Raises `Refused`."""
    try:
        return mst.format(mst.validate(re.sub(r"[\s.-]", "", number)))
    except NumberError as wrong:
        message = _("An enterprise code has 10 digits, of a branch 13, and one of these is mistyped.")
        raise Refused("enterprise_code_malformed", message, field="code", status=_BAD) from wrong


def business_name(name: str) -> str:
    """A name with single spaces, composed letters. Raises `Refused` when nothing is left."""
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned or len(cleaned) > 250:
        raise Refused("business_name", _("Enter the name of the business."), field="name", status=_BAD)
    return cleaned


def phone(number: str) -> str:
    """A Vietnamese telephone number from its leading 0, digits only; empty stays empty. Raises `Refused`."""
    digits = re.sub(r"[\s.()-]", "", number)
    digits = re.sub(r"^(\+84|0084)", "0", digits)
    if digits and not _PHONE.fullmatch(digits):
        message = _("A telephone number has 10 digits and begins with 0.")
        raise Refused("phone_malformed", message, field="phone", status=_BAD)
    return digits


def full_name(name: str) -> str:
    """A name with single spaces, composed letters (NFC). Raises `Refused` when nothing is left."""
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned or len(cleaned) > 120:
        raise Refused("full_name", _("Enter the full name."), field="full_name", status=_BAD)
    return cleaned
