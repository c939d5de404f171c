"""What a file is, judged by its content and never by its name or the sender's word."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import puremagic
from django.utils.translation import gettext as _

from ..ledger.actions import Refused
from .names import suffix

HEAD = 4096  # bytes looked at, at either end
ZIP_ENTRIES, ZIP_DIRECTORY = 5_000, 1 << 20  # an office file has tens of parts; more is an attack
ZIP_UNPACKED = 1 << 30  # bytes an office file may claim to unpack to; we never unpack, its reader will


@dataclass(frozen=True)
class Kind:
    """A type of file that may be stored."""

    mime: str
    label: str
    endings: tuple[str, ...]
    sniffed: tuple[str, ...]  # what puremagic may call it
    whole: Callable[[BinaryIO, int], bool]  # is it all there, and nothing that runs?
    inline: bool = False  # may a browser show it, or only save it?


def _head(file: BinaryIO, count: int = HEAD) -> bytes:
    file.seek(0)
    return file.read(count)


def _tail(file: BinaryIO, size: int) -> bytes:
    file.seek(max(0, size - HEAD))
    return file.read(HEAD)


def _pdf(file: BinaryIO, size: int) -> bool:
    return _head(file, 5) == b"%PDF-" and b"%%EOF" in _tail(file, size)


def _png(file: BinaryIO, size: int) -> bool:
    return b"IEND" in _tail(file, size)


def _jpeg(file: BinaryIO, size: int) -> bool:
    return (
        _head(file, 3) == b"\xff\xd8\xff" and size > 100
    )  # phones add data after the end mark, so it is not looked for


def _tiff(file: BinaryIO, size: int) -> bool:
    return _head(file, 4) in (b"II*\0", b"MM\0*") and size > 100


def _heic(file: BinaryIO, size: int) -> bool:
    return _head(file, 12)[4:8] == b"ftyp"


def _zip_names(file: BinaryIO, size: int) -> list[zipfile.ZipInfo]:
    """The table of contents, read only after its own size was checked; nothing is unpacked."""
    file.seek(max(0, size - 66_000))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        return []
    entries, directory = struct.unpack_from("<HI", tail, end + 10)
    if entries > ZIP_ENTRIES or directory > ZIP_DIRECTORY:
        return []
    try:
        return zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error):
        return []


def _office(part: str) -> Callable[[BinaryIO, int], bool]:
    def check(file: BinaryIO, size: int) -> bool:
        parts = _zip_names(file, size)
        names = {p.filename for p in parts}
        return (
            "[Content_Types].xml" in names
            and part in names
            and not any(n.rsplit("/", 1)[-1].lower() == "vbaproject.bin" for n in names)  # macros
            and sum(p.file_size for p in parts) <= ZIP_UNPACKED
        )

    return check


_OFFICE = "application/vnd.openxmlformats-officedocument"
_ZIPPED = ("application/zip", f"{_OFFICE}.wordprocessingml.document", f"{_OFFICE}.spreadsheetml.sheet")

PDF = Kind("application/pdf", "PDF", (".pdf",), ("application/pdf",), _pdf, inline=True)
JPEG = Kind("image/jpeg", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), ("image/jpeg",), _jpeg, inline=True)
PNG = Kind("image/png", "PNG", (".png",), ("image/png",), _png, inline=True)
TIFF = Kind("image/tiff", "TIFF", (".tif", ".tiff"), ("image/tiff",), _tiff)
HEIC = Kind("image/heic", "HEIC", (".heic", ".heif"), ("image/heic", "image/heif"), _heic)
DOCX = Kind(_ZIPPED[1], "Word", (".docx",), _ZIPPED, _office("word/document.xml"))
XLSX = Kind(_ZIPPED[2], "Excel", (".xlsx",), _ZIPPED, _office("xl/workbook.xml"))

ACCEPTED = (PDF, JPEG, PNG, HEIC, DOCX, XLSX)  # what a person may hand in
SCANNED = (JPEG, PNG, TIFF, PDF)  # what scanners and cameras give
INLINE = frozenset(kind.mime for kind in ACCEPTED if kind.inline)


def endings(accept: tuple[Kind, ...] = ACCEPTED) -> str:
    """For the `accept` attribute of a file field: `.pdf,.jpg,…`."""
    return ",".join(ending for kind in accept for ending in kind.endings)


def recognise(file: BinaryIO, size: int, name: str, accept: tuple[Kind, ...]) -> Kind:
    """The kind of a stored run of bytes. Raises Refused where it is none of `accept`, is cut
    off, carries macros, or is named as something else than it is."""
    if size == 0:
        raise Refused("file_empty", _("This file is empty. Choose it again."), field="file", status=422)
    sniffed = _sniff(file)
    kind = next((k for k in accept if not sniffed.isdisjoint(k.sniffed) and k.whole(file, size)), None)
    if kind is None:
        labels = ", ".join(k.label for k in accept)
        raise Refused(
            "file_type",
            _("This file cannot be used: it is damaged, holds macros, or is of another type. We take: %(types)s.")
            % {"types": labels},
            field="file",
            status=422,
        )
    ending = suffix(name)
    if ending and ending not in kind.endings:
        raise Refused(
            "file_name_mismatch",
            _("This file is named %(ending)s but its content is %(type)s. Save it again under the right type.")
            % {"ending": ending, "type": kind.label},
            field="file",
            status=422,
        )
    return kind


def _sniff(file: BinaryIO) -> frozenset[str]:
    head = _head(file)
    try:
        return frozenset(match.mime_type for match in puremagic.magic_stream(io.BytesIO(head)))
    except (puremagic.PureError, ValueError):
        return frozenset()
