"""Pictures to one PDF: a program of its own, for pictures come from strangers.

    python -I pictures.py < frames > pages.pdf

On its input each picture follows its length (8 bytes, big endian). Pages are A4, upright by the camera's
own mark (EXIF), and at most 200 dots an inch, as Decree 30/2020 asks of scans; PDF/A-1b. It ends with 4
where a picture cannot be read. What it may use is bounded before the first byte is looked at.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
from collections.abc import Iterator

UNREADABLE = 4
SECONDS = 60  # of CPU, for all pictures
MEMORY = 2 << 30  # of address space
LONGEST = 2340  # dots: 297 mm at 200 an inch
PIXELS = 120_000_000  # of one picture; the largest telephones take 108 million
QUALITY = 80  # of JPEG


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import img2pdf  # type: ignore[import-untyped,unused-ignore]
    from PIL import Image, ImageCms, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        pages = [_page(data) for data in _frames()]
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, MemoryError, SyntaxError):
        return UNREADABLE
    a4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
    layout = img2pdf.get_layout_fun(a4, fit=img2pdf.FitMode.into, auto_orient=True)
    with tempfile.NamedTemporaryFile(suffix=".icc") as profile:
        profile.write(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
        profile.flush()
        sys.stdout.buffer.write(img2pdf.convert(pages, layout_fun=layout, pdfa=profile.name))
    return 0


def _frames() -> Iterator[bytes]:
    while head := sys.stdin.buffer.read(8):
        yield sys.stdin.buffer.read(int.from_bytes(head, "big"))


def _page(data: bytes) -> bytes:
    """One picture as an upright JPEG without its camera's data: place and time of a photograph are nobody's affair."""
    from PIL import Image, ImageOps

    picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    if picture.width * picture.height > PIXELS:
        raise ValueError("too many pixels")
    picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA", "P"):  # what is transparent was meant to be seen on paper
        upright = upright.convert("RGBA")
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright)
    upright = upright.convert("RGB")
    upright.thumbnail((LONGEST, LONGEST))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
