"""Pictures to one PDF: a program of its own, for pictures come from strangers.

    python -I pictures.py < frames > pages.pdf                  photographs to a PDF
    python -I pictures.py split < frames > frames               files of a scanner to their pages, a JPEG each
    python -I pictures.py bind 0 90 … < frames > pages.pdf      such pages to a PDF, each turned by so many degrees

On its input each file follows its length (8 bytes, big endian); `split` answers in the same way. Pages are A4,
upright by the camera's own mark (EXIF), and at most 200 dots an inch, as Decree 30/2020 asks of scans; PDF/A-1b.
It ends with 4 where a file cannot be read (its number from 0 is what it prints), with 5 for too many pages. What it may
use is bounded before the first byte is looked at.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import Any

UNREADABLE, TOO_MANY = 4, 5
MOST = 100  # pages of one paper
SECONDS = 60  # of CPU, for all pictures
MEMORY = 2 << 30  # of address space
LONGEST = 2340  # dots: 297 mm at 200 an inch
PIXELS = 120_000_000  # of one picture; the largest telephones take 108 million
QUALITY = 80  # of JPEG


def main(mode: str = "", *turns: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = PIXELS
    number, pages = 0, []
    try:
        for number, data in enumerate(_frames()):
            if mode == "bind":
                pages.append(_turned(data, int(turns[number])))
            else:
                pages += _split(data) if mode == "split" else [_page(data)]
            if len(pages) > MOST:
                return TOO_MANY
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        MemoryError,
        SyntaxError,
        RuntimeError,  # PdfiumError is one
    ):
        sys.stdout.write(str(number))
        return UNREADABLE
    if mode == "split":
        for page in pages:
            sys.stdout.buffer.write(len(page).to_bytes(8, "big") + page)
    else:
        sys.stdout.buffer.write(_pdf(pages))
    return 0


def _pdf(pages: list[bytes]) -> bytes:
    import img2pdf  # type: ignore[import-untyped,unused-ignore]
    from PIL import ImageCms

    a4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
    layout = img2pdf.get_layout_fun(a4, fit=img2pdf.FitMode.into, auto_orient=True)
    with tempfile.NamedTemporaryFile(suffix=".icc") as profile:
        profile.write(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
        profile.flush()
        return bytes(img2pdf.convert(pages, layout_fun=layout, pdfa=profile.name))


def _split(data: bytes) -> list[bytes]:
    """The pages of a file: of a PDF drawn at 200 dots an inch, of a TIFF each picture in it."""
    from PIL import Image, ImageSequence

    if not data.startswith(b"%PDF-"):
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "TIFF"))
        frames = ImageSequence.Iterator(picture) if picture.format == "TIFF" else [picture]
        return [_upright(frame) for frame in islice(frames, MOST + 1)]
    import pypdfium2  # type: ignore[import-untyped,unused-ignore]

    document = pypdfium2.PdfDocument(data)
    out = []
    for sheet in islice(document, MOST + 1):
        scale = min(200 / 72, LONGEST / max(sheet.get_size()))
        out.append(_upright(sheet.render(scale=scale).to_pil()))
    return out


def _turned(data: bytes, degrees: int) -> bytes:
    """A page of `split`, its bytes untouched where it need not turn (clockwise)."""
    from PIL import Image

    if degrees % 360 == 0:
        return data
    out = io.BytesIO()
    Image.open(io.BytesIO(data), formats=("JPEG",)).rotate(-degrees, expand=True).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _frames() -> Iterator[bytes]:
    while head := sys.stdin.buffer.read(8):
        yield sys.stdin.buffer.read(int.from_bytes(head, "big"))


def _page(data: bytes) -> bytes:
    """One photograph as an upright JPEG."""
    from PIL import Image

    return _upright(Image.open(io.BytesIO(data), formats=("JPEG", "PNG")))


def _upright(picture: Any) -> bytes:
    """As a JPEG without its camera's data: place and time of a photograph are nobody's affair."""
    from PIL import Image, ImageOps

    if picture.width * picture.height > PIXELS:
        raise ValueError("too many pixels")
    picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA", "P"):  # what is transparent was meant to be seen on paper
        upright = upright.convert("RGBA")
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright)
    upright = upright.convert("L" if upright.mode in ("1", "L") else "RGB")
    upright.thumbnail((LONGEST, LONGEST))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
