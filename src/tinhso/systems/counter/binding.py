"""From pages to one PDF/A with a place for the converter's signature."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf
from pikepdf import Array

from tinhso.core.files import derived
from tinhso.core.letters.fields import reserve_converter

STRIP = 34.0  # points above the first page: the converter's two lines stand there and cover nothing of the paper
MARGIN, WIDTH = 14.0, 330.0


def bound(pages: Sequence[tuple[bytes, int]], *, name: str, with_text: bool = False) -> bytes:
    """PDF/A-2b of pages (JPEG, degrees clockwise). `with_text` puts what a reader finds under the pictures, and then
    takes seconds a page. Outside any transaction. Raises `Refused`."""
    pdf = derived.bind(pages)
    return _finished(derived.text_under(pdf, turn=False) if with_text else pdf, name)


def _finished(pdf: bytes, name: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        first = document.pages[0]
        x0, y0, x1, y1 = (float(v) for v in first.mediabox)
        top = y1 + STRIP
        first.mediabox = Array([x0, y0, x1, top])
        for box in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
            if box in first:
                del first[box]
        reserve_converter(document, (x1 - MARGIN - WIDTH, top - STRIP + 4, x1 - MARGIN, top - 6))
        with document.open_metadata(set_pikepdf_as_editor=False) as told:
            told["dc:title"] = name
            told["pdfaid:part"], told["pdfaid:conformance"] = "2", "B"
        out = io.BytesIO()
        document.save(
            out, min_version="1.7", deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
    return out.getvalue()
