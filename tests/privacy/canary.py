"""Words that stand nowhere but where the walk puts them, and every disguise in which they could hide."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator

from tinhso.core.search.text import fold

NAME = "Ksơr Nghiêu Diệp"
NATIONAL_ID = "066190739512"
PHONE = "0977318426"
EMAIL = "nghieu.diep@canary-mail.vn"
NEW_PHONE = "0966204831"
NEW_EMAIL = "diep.moi@canary-mail.vn"
ADDRESS = "77/9 hẻm Bồ Chao Trắng"
NEW_ADDRESS = "15 ngõ Sơn Tước Xanh"
USERNAME = "nghieudiep77"
RESIDENCE = "Từ 2011 ở buôn Krông Tích, thuê nhà bà H'Lưm"
PURPOSE = "Bổ túc hồ sơ nhận nuôi cháu Y Phôn"
PAPER = "CCCD-Nghieu-Diep-2021.pdf"
PAPER_TEXT = "Căn cước của Nghiêu Diệp, quét ngày 3"
DRAFT_PAPER = "xac-nhan-cua-bac-sy-Nghieu.pdf"
OPINION = "Chị Diệp từng khai khác hồi 2019, đã đối chiếu"
SENT_BACK = "Tên đệm của chị Diệp gõ nhầm"
REFUSED = "Chị Diệp chưa chứng minh được nơi cư trú cũ"
WITHDRAWN = "Tôi đã nhờ em gái Y Bliă đi thay"
MISTYPED = "mat-khau-cua-Diep-go-nham"

# Whole values, and single words of them as a search index or a log would cut them.
ALL = [
    *(NAME, NATIONAL_ID, PHONE, EMAIL, NEW_PHONE, NEW_EMAIL, ADDRESS, NEW_ADDRESS, USERNAME, RESIDENCE, PURPOSE),
    *(PAPER, PAPER_TEXT, DRAFT_PAPER, OPINION, SENT_BACK, REFUSED, WITHDRAWN, MISTYPED),
    *("Nghiêu", "Krông Tích", "Bồ Chao", "Sơn Tước", "Y Bliă", "Y Phôn", "canary-mail"),
]
_HASHES = ("md5", "sha1", "sha256", "sha512")


def spellings(value: str) -> set[str]:
    """A value as it could be written: folded, decomposed, in either case, as a telephone number abroad."""
    found = {value, fold(value), value.lower(), value.upper(), unicodedata.normalize("NFD", value)}
    found |= {value.encode("unicode_escape").decode(), value.replace("'", "''")}
    if value.isdigit():
        found |= {f"84{value[1:]}", ".".join((value[:4], value[4:7], value[7:])), value[::-1]}
    return found


def digests(data: bytes) -> Iterator[str]:
    """What anyone could compute from the value alone, and so find it again."""
    for name in _HASHES:
        raw = hashlib.new(name, data).digest()
        yield raw.hex()
        yield base64.b64encode(raw).decode().rstrip("=")
        yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


def traces(values: Iterable[str] = ALL) -> dict[str, str]:
    """Every text to look for → the canary it gives away; letters in lower case, as `found` compares."""
    out: dict[str, str] = {}
    for value in values:
        for spelling in spellings(value):
            data = spelling.encode()
            shapes = [spelling, data.hex(), base64.b64encode(data).decode().rstrip("="), *digests(data)]
            out.update({shape.lower(): value for shape in shapes if len(shape) > 5})
    return out


def traces_of_file(data: bytes) -> dict[str, str]:
    """The unsalted hashes of stored bytes, which would prove who handed in what."""
    return {digest.lower(): f"a file of {len(data)} bytes" for digest in digests(data)}


def found(text: str, wanted: dict[str, str]) -> set[str]:
    """The canaries that a text gives away, however they are written."""
    text = text.lower()
    return {f"{value!r} as {shape!r}" for shape, value in wanted.items() if shape in text}
