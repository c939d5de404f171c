"""Photographs to one PDF, and text under a scan; a signed original stays as it is."""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from uuid import uuid4

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.core.files import samples
from tests.core.files.samples import LAN, NOW

from tinhso.core.files import actions, derived, queries
from tinhso.core.files.jobs import read_scan
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Refused
from tinhso.core.letters.fonts import face

pytestmark = pytest.mark.usefixtures("db")


def photo(wide: int = 1200, high: int = 800, orientation: int = 1, kind: str = "JPEG") -> bytes:
    """A picture whose left upper corner is red; the camera may say that it lies on its side."""
    picture = Image.new("RGB", (wide, high), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, wide // 4, high // 4), fill="red")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Hãng máy ảnh"
    out = io.BytesIO()
    picture.save(out, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return out.getvalue()


def stored(data: bytes, name: str = "anh.jpg") -> FileLink:
    return actions.store_bytes(data, name=name, by=LAN, at=NOW)


def owned(link: FileLink) -> FileLink:
    return actions.attach(link, ("tests.dossier", uuid4()), by=LAN, at=NOW)


def joined(*pictures: bytes) -> bytes:
    links = [stored(one, "a.png" if one.startswith(b"\x89PNG") else "a.jpg") for one in pictures]
    return queries.read_bytes(derived.join(links, name="anh.pdf", by=LAN, at=NOW))


def corner(pdf: bytes, page: int) -> str:
    """Which corner of the page's picture is red."""
    image = pypdfium2.PdfDocument(pdf)[page].render(scale=0.5).to_pil().convert("RGB")
    reds = [
        (x, y)
        for x in range(0, image.width, 4)
        for y in range(0, image.height, 4)
        if (p := image.getpixel((x, y)))[0] > 200 and p[1] < 80
    ]
    x, y = (sum(one[i] for one in reds) / len(reds) for i in (0, 1))
    return ("left" if x < image.width / 2 else "right") + (" top" if y < image.height / 2 else " bottom")


def test_photos_become_upright_a4_pages_of_one_pdf_for_archives() -> None:
    pdf = joined(photo(), photo(orientation=6), photo(800, 1200, kind="PNG"))
    with pikepdf.open(io.BytesIO(pdf)) as read:
        sizes = [[round(float(v)) for v in page.mediabox[2:]] for page in read.pages]
        assert sizes == [[842, 595], [595, 842], [595, 842]]
        assert "/OutputIntents" in read.Root
        assert read.open_metadata().pdfa_status == "1B"
    assert [corner(pdf, n) for n in range(3)] == ["left top", "right top", "left top"]
    assert "Hãng máy ảnh".encode() not in pdf


def test_large_photos_become_small_pages() -> None:
    noise = Image.frombytes("RGB", (2800, 2100), os.urandom(2800 * 2100 * 3))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=92)
    pdf = joined(out.getvalue())
    assert len(pdf) < len(out.getvalue()) / 2
    with pikepdf.open(io.BytesIO(pdf)) as read:
        (image,) = read.pages[0].get_images().values()
        assert max(image.Width, image.Height) == 2340


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (samples.jpeg(), "hong.jpg", "pictures_unreadable"),
        (samples.heic(), "a.heic", "pictures_kind"),
        (samples.pdf(), "a.pdf", "pictures_kind"),
    ],
)
def test_what_is_no_readable_photo_is_said_so_and_nothing_is_made(data: bytes, name: str, code: str) -> None:
    links = [stored(photo()), stored(data, name)]
    with pytest.raises(Refused) as refused:
        derived.join(links, name="anh.pdf", by=LAN, at=NOW)
    assert (refused.value.code, FileLink.objects.count()) == (code, 2)


def test_a_picture_that_claims_too_many_pixels_is_refused_unread() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (30_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    with pytest.raises(Refused) as refused:
        joined(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b""))
    assert refused.value.code == "pictures_unreadable"


def scan(text: str) -> bytes:
    """A page with words on it as a scanner leaves it: a picture in a PDF."""
    page = Image.new("RGB", (1240, 420), "white")
    font = ImageFont.truetype(str(face()), 44)
    ImageDraw.Draw(page).text((120, 200), text, fill="black", font=font)
    out = io.BytesIO()
    page.save(out, "PDF", resolution=150)
    return out.getvalue()


def with_signature_field(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        field = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="leader"))
        group = pdf.make_indirect(pikepdf.Dictionary(T="all", Kids=[field]))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[group])
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_a_signed_document_is_never_touched() -> None:
    link = stored(with_signature_field(scan("Quyết định")), "qd.pdf")
    assert derived.signed(link)
    assert not derived.signed(stored(scan("Đơn"), "don.pdf"))
    before = hashlib.sha256(queries.read_bytes(link)).hexdigest()
    with pytest.raises(Refused) as refused:
        derived.with_text(owned(link), by=LAN, at=NOW)
    assert refused.value.code == "ocr_signed"
    assert hashlib.sha256(queries.read_bytes(link)).hexdigest() == before == link.file_id
    assert FileLink.objects.count() == 2


def test_without_a_reader_it_is_said_so(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused) as refused:
        derived.with_text(owned(stored(scan("Đơn"), "don.pdf")), by=LAN, at=NOW)
    assert (refused.value.code, refused.value.status) == ("ocr_absent", 503)


@pytest.mark.skipif(not derived.reader(), reason="needs ocrmypdf, tesseract-ocr and tesseract-ocr-vie")
def test_a_scan_gets_a_copy_with_its_vietnamese_words_and_stays_itself() -> None:
    link = owned(stored(scan("Cộng hòa xã hội chủ nghĩa Việt Nam"), "quet.pdf"))
    before = queries.read_bytes(link)
    read_scan(link=str(link.pk), by=str(LAN))
    read_scan(link=str(link.pk), by=str(LAN))
    copy = link.copies.get()
    text = pypdfium2.PdfDocument(queries.read_bytes(copy))[0].get_textpage().get_text_range()
    assert "xã hội chủ nghĩa Việt Nam" in text
    assert (copy.name, copy.owner) == ("quet-co-chu.pdf", link.owner)
    assert queries.read_bytes(link) == before
    actions.release(link, by=LAN, at=NOW)
    assert FileLink.objects.count() == 0  # the copy goes with its original
