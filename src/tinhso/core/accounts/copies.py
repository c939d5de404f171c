"""What of each table goes into an anonymised copy of the database, and what stands there instead of personal data.

A package says so in its `holdings.py`, for every table it has::

    whole("procedures.field")                              # nothing in it is about a person
    empty("notify.delivery")                               # stays behind
    treat("dossiers.letter", plain="form", reason=words)   # a column's replacement; the other words are plain

Whatever nobody declared stops the copy (`undeclared`), so a new table or column cannot slip through.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

Row = Mapping[str, Any]  # column → value
Replacement = Callable[[Any, Row, "Disguise"], Any]

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
_MIDDLE = ("Văn", "Thị", "Minh", "Thanh", "Ngọc", "Quang", "Thu", "Đức", "Xuân", "Hải")
_GIVEN = ("An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khánh", "Lan", "Mai", "Nam", "Phúc", "Quân", "Sơn", "Vinh")
_SAID = "nội dung này đã được thay khi sao chép, không còn là lời của ai; "
_WORDLIKE = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.GenericIPAddressField)


@dataclass(frozen=True)
class Treatment:
    """What happens with one table: left empty, or copied with some columns replaced."""

    empty: bool = False
    plain: frozenset[str] | None = frozenset()  # columns of words that say nothing about a person; None: all
    replaced: Mapping[str, Replacement] = field(default_factory=dict)


_TREATMENTS: dict[str, Treatment] = {}


def _declare(label: str, treatment: Treatment) -> None:
    if label in _TREATMENTS:
        raise ValueError(f"{label} is declared twice")
    _TREATMENTS[label] = treatment


def whole(*labels: str) -> None:
    """Tables copied as they are."""
    for label in labels:
        _declare(label, Treatment(plain=None))


def empty(*labels: str) -> None:
    """Tables that stay behind: secrets, sessions, what is on its way out, what is made anew."""
    for label in labels:
        _declare(label, Treatment(empty=True))


def treat(label: str, *, plain: str = "", **replaced: Replacement) -> None:
    """A table copied with these columns replaced; `plain` names its other columns of words."""
    _declare(label, Treatment(plain=frozenset(plain.split()), replaced=replaced))


def treatment_of(label: str) -> Treatment:
    """Of a model by its label in small letters. Raises KeyError."""
    return _TREATMENTS[label]


def undeclared() -> Iterator[str]:
    """Tables and columns of words that nobody declared, and replacements of columns that do not exist."""
    for model in apps.get_models(include_auto_created=True):
        label = str(model._meta.label_lower)
        declared = _TREATMENTS.get(label)
        if declared is None:
            yield label
        elif not declared.empty and declared.plain is not None:
            columns = {str(one.column): one for one in model._meta.local_concrete_fields}
            wordlike = {name for name, one in columns.items() if _could_say_something(one)}
            missing = wordlike - declared.plain - declared.replaced.keys() | declared.replaced.keys() - columns.keys()
            yield from (f"{label}.{name}" for name in sorted(missing))


def _could_say_something(one: Any) -> bool:
    if one.is_relation or (one.choices and not isinstance(one, ArrayField)) or isinstance(one, models.UUIDField):
        return False
    a_day = isinstance(one, models.DateField) and not isinstance(one, models.DateTimeField)
    return a_day or isinstance(one, (*_WORDLIKE, ArrayField))


class Disguise:
    """Constructed values for one copy: equal ones stay equal within it, and nobody can count back."""

    def __init__(self, secret: bytes, key: Callable[[str], bytes], password: str, kept: frozenset[str]) -> None:
        self._secret, self._key = secret, key
        self.password, self.kept = password, kept  # hash of the one password; words of forms that are choices

    def number(self, *about: Any) -> int:
        """A large number that follows from something, by a secret that is forgotten."""
        return int.from_bytes(self.digest(*about), "big")

    def digest(self, *about: Any) -> bytes:
        return hmac.digest(self._secret, repr(about).encode(), hashlib.sha256)

    def sealed(self, digits: str, owner: UUID) -> bytes:
        """A number as `crypto.seal` keeps it, by the copy's own key."""
        nonce = self.digest("nonce", digits, owner)[:12]
        return nonce + AESGCM(self._key("identity")).encrypt(nonce, digits.encode(), owner.bytes)

    def hashed(self, digits: str) -> bytes:
        """A number as `crypto.keyed_hash` finds it, by the copy's own key."""
        return hmac.digest(self._key("identity-hash"), digits.encode(), hashlib.sha256)

    def file(self, sha256: str) -> bytes:
        """What stands in place of stored bytes: a page that says so, another one for every original."""
        text = f"BT /F 14 Tf 60 760 Td (Anonymised copy: {self.digest('file', sha256).hex()[:24]}) Tj ET"
        objects = (
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            f"<</Length {len(text)}>>stream\n{text}\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        )
        out, places = "%PDF-1.7\n", []
        for number, one in enumerate(objects, 1):
            places.append(len(out))
            out += f"{number} 0 obj\n{one}\nendobj\n"
        table = "".join(f"{place:010} 00000 n \n" for place in places)
        end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
        return (out + end).encode("ascii")


def name(value: str, row: Row, by: Disguise) -> str:
    """A made-up name; the same for the same person wherever it stands."""
    if not value.strip("— "):
        return value
    number = by.number("name", value.casefold())
    return " ".join(part[number // 97**place % len(part)] for place, part in enumerate((_FAMILY, _MIDDLE, _GIVEN)))


def words(value: str, row: Row, by: Disguise) -> str:
    """As many characters that say nothing."""
    return (_SAID * (len(value) // len(_SAID) + 1))[: len(value)]


def phone(value: str, row: Row, by: Disguise) -> str:
    return f"0900{by.number('phone', value) % 10**6:06}" if value else value


def email(value: str, row: Row, by: Disguise) -> str:
    return f"nguoi-{by.digest('email', value).hex()[:12]}@vidu.invalid" if value else value


def username(value: str, row: Row, by: Disguise) -> str:
    return f"nd-{by.digest('username', value).hex()[:12]}"


def password(value: str, row: Row, by: Disguise) -> str:
    """The one password of the copy; who had none has none."""
    return value if value.startswith("!") else by.password


def secret(value: Any, row: Row, by: Disguise) -> bytes | None:
    """Other bytes, as many."""
    return None if value is None else (by.digest("secret", bytes(value)) * (len(value) // 32 + 1))[: len(value)]


def day(value: date | None, row: Row, by: Disguise) -> date | None:
    """Another day of the same year, so that ages keep their spread."""
    number = by.number("day", value, row["id"])
    return value and date(value.year, number % 12 + 1, number // 12 % 28 + 1)


def _national_id(row: Row, by: Disguise) -> str:
    """A citizen ID that agrees with the copy's sex and year of birth."""
    born = row["birth_date"].year if row["birth_date"] else 1990
    century = 2 * (born // 100 - 19) + (row["sex"] == "female")
    return f"066{century % 4}{born % 100:02}{by.number('national id', row['id']) % 10**6:06}"


def id_hash(value: bytes | None, row: Row, by: Disguise) -> bytes | None:
    return value and by.hashed(_national_id(row, by))


def id_cipher(value: bytes | None, row: Row, by: Disguise) -> bytes | None:
    return value and by.sealed(_national_id(row, by), row["id"])


def enterprise_code(value: str, row: Row, by: Disguise) -> str:
    """Another code with a right check digit, of a branch where it was one."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    for number in count(by.number("enterprise", value[:10])):
        digits = f"{number % 10**9:09}"
        check = 10 - sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
        if check < 10:
            return f"{digits}{check}{value[10:]}"
    raise AssertionError("one number in eleven has no check digit")


def no_number(value: bytes | None, row: Row, by: Disguise) -> None:
    return None


def gone(value: str, row: Row, by: Disguise) -> str:
    return ""


def file_hash(value: str | None, row: Row, by: Disguise) -> str | None:
    """Name of the bytes that stand in place of a file, for its row and every link to it."""
    return value and hashlib.sha256(by.file(value)).hexdigest()


def file_size(value: int, row: Row, by: Disguise) -> int:
    return len(by.file(row["sha256"]))


def file_mime(value: str, row: Row, by: Disguise) -> str:
    return "application/pdf"


def file_name(value: str, row: Row, by: Disguise) -> str:
    return f"tep-{by.digest('file name', value).hex()[:8]}.pdf"


def answers(value: Any, row: Row, by: Disguise) -> Any:
    """Answers of a form: choices, numbers and ticks stay, so that figures do; words are replaced in their shape."""
    if isinstance(value, dict):
        return {key: answers(one, row, by) for key, one in value.items()}
    if isinstance(value, list):
        return [answers(one, row, by) for one in value]
    if not isinstance(value, str) or value in by.kept:
        return value
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        number = by.number("answer", value)
        return f"{value[:4]}-{number % 12 + 1:02}-{number // 12 % 28 + 1:02}"
    if "@" in value:
        return email(value, row, by)
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return value  # id of a file
    if any(one.isdigit() for one in value):
        digits = iter(str(by.number("answer", value)))
        shape = ("x" if one.isalpha() else next(digits, "0") if one.isdigit() else one for one in value)
        return "".join(shape)
    like_a_name = len(value) <= 60 and all(word[:1].isupper() for word in value.split())
    return name(value, row, by) if like_a_name else words(value, row, by)
