"""Small files of every kind that may be handed in, and of some that may not."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from datetime import UTC, datetime
from uuid import uuid4

from tinhso.core.ledger.actions import Actor, new_id

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LAN = Actor("account", str(new_id()))
TUAN = Actor("account", str(new_id()))


def pdf(text: str = "Tờ khai") -> bytes:
    return b"%PDF-1.7\n" + text.encode() + b"\n%%EOF\n"


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")
    )


def jpeg() -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(200) + b"\xff\xd9"


def heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return zipped(**{"[Content_Types].xml": b"<Types/>", "word__document.xml": b"<w/>", **more})


def xlsx() -> bytes:
    return zipped(**{"[Content_Types].xml": b"<Types/>", "xl__workbook.xml": b"<w/>"})


def noise(size: int) -> bytes:
    """A large PDF that nothing compresses or stores twice."""
    return b"%PDF-1.7\n" + os.urandom(size) + b"\n%%EOF\n"


def an_owner() -> tuple[str, object]:
    return "tests.dossier", uuid4()
