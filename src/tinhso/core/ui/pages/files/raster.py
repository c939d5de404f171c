"""One page of a PDF as a picture: a program of its own, for PDFs come from strangers.

    python -I raster.py PAGE WIDTH < file.pdf > page.png

It ends with 4 where there is no such page, and with 5 where the file cannot be read. What it may
use is bounded before the first byte is looked at; a crash takes nothing else down.
"""

from __future__ import annotations

import resource
import sys

NO_PAGE, UNREADABLE = 4, 5
SECONDS = 5  # of CPU
MEMORY = 1 << 30  # of address space, most of it libraries
TALLEST = 4  # times the width; a strip of paper longer than that is squeezed


def main(page: int, width: int) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read(), autoclose=True)
        if not 1 <= page <= len(document):
            return NO_PAGE
        document.init_forms()  # number and date are form fields
        sheet = document[page - 1]
        wide, high = sheet.get_size()
        picture = sheet.render(scale=min(width / wide, width * TALLEST / high)).to_pil()
    except (pypdfium2.PdfiumError, MemoryError, ZeroDivisionError):
        return UNREADABLE
    picture.convert("RGB").quantize(64).save(sys.stdout.buffer, "PNG", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
