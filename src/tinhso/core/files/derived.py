"""Copies made from what people hand in: photographs to one PDF, and text under a scan.

A signed original is never touched: a copy would carry its look and not its signature.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pikepdf
from django.utils.translation import gettext as _

from ..ledger.actions import Actor, Refused, one_change
from . import pictures
from .actions import attach, store_bytes
from .content import JPEG, PDF, PNG
from .models import FileLink
from .queries import open_link, read_bytes

log = logging.getLogger(__name__)
JOINABLE = frozenset({JPEG.mime, PNG.mime})
MOST = 20  # pictures in one PDF
PATIENCE = 120  # seconds
OCR_SECONDS = 600  # for all pages of a scan


def join(links: Sequence[FileLink], *, name: str, by: Actor, at: datetime) -> FileLink:
    """One PDF of several pictures, in their order, an A4 page each; the pictures themselves stay.

    Raises Refused for too many, for files that are no JPEG or PNG, and for pictures that cannot be
    read. Call it outside any transaction.
    """
    if not links or len(links) > MOST:
        raise Refused(
            "pictures_count",
            _("Choose 1 to %(most)d photos to put into one PDF.") % {"most": MOST},
            field="file",
            status=422,
        )
    if any(link.file.mime not in JOINABLE for link in links):
        raise Refused(
            "pictures_kind",
            _("Only JPEG and PNG photos go into one PDF. Set the camera to “most compatible”, or add this file alone."),
            field="file",
            status=422,
        )
    done = _pictures(map(read_bytes, links))
    if done is None or done.returncode:
        raise Refused(
            "pictures_unreadable",
            _("One of these photos cannot be read or is too large. Take it again and try once more."),
            field="file",
            status=422,
        )
    return store_bytes(done.stdout, name=name, by=by, at=at, accept=(PDF,))


def split(files: Sequence[tuple[str, bytes]]) -> list[bytes]:
    """The pages of scanned files (JPEG, PNG, TIFF, PDF; name and bytes), in order: upright JPEGs, 200 dots an inch.

    Raises Refused, naming the file that cannot be read. Takes some tenths of a second a page; outside any transaction.
    """
    done = _pictures((data for _name, data in files), "split")
    if done is not None and done.returncode == 0:
        pages, rest = [], memoryview(done.stdout)
        while rest:
            end = 8 + int.from_bytes(rest[:8], "big")
            pages.append(bytes(rest[8:end]))
            rest = rest[end:]
        return pages
    if done is not None and done.returncode == pictures.TOO_MANY:
        raise too_many_pages()
    number = done.stdout.decode("ascii", "replace") if done is not None else ""
    name = files[int(number)][0] if number.isdigit() and int(number) < len(files) else ""
    message = _("This file cannot be read, is locked with a password, or is too large. Scan it again. %(name)s")
    raise Refused("scan_unreadable", (message % {"name": name}).strip(), field="files", status=422)


def too_many_pages() -> Refused:
    """For more pages than one paper may have."""
    message = _("One paper has at most %(most)d pages here. Divide it into several.") % {"most": pictures.MOST}
    return Refused("too_many_pages", message, field="files", status=422)


def bind(pages: Sequence[tuple[bytes, int]]) -> bytes:
    """One PDF/A of pages as `split` gives them, each with the degrees by which it is turned clockwise."""
    done = _pictures((data for data, _turn in pages), "bind", *(str(turn) for _data, turn in pages))
    if not pages or done is None or done.returncode:
        raise Refused("scan_unreadable", _("These pages could not be put together. Scan them again."), status=422)
    return done.stdout


def _pictures(files: Iterable[bytes], *mode: str) -> subprocess.CompletedProcess[bytes] | None:
    """What the program for pictures answers; None where it took too long."""
    frames = b"".join(len(data).to_bytes(8, "big") + data for data in files)
    command = [sys.executable, "-I", str(Path(pictures.__file__)), *mode]
    try:
        return subprocess.run(command, input=frames, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return None


def signed(link: FileLink) -> bool:
    """Whether a PDF carries a signature, or a field that waits for one. Raises Refused where it cannot be read."""
    try:
        with open_link(link) as file, pikepdf.open(file) as pdf:
            form = pdf.Root.get("/AcroForm")
            if form is None:
                return False
            return bool(int(form.get("/SigFlags", 0)) & 1) or any(map(_signature, form.get("/Fields", ())))
    except pikepdf.PdfError as broken:
        raise Refused("pdf_unreadable", _("This PDF cannot be read."), field="file", status=422) from broken


def _signature(node: pikepdf.Object) -> bool:
    return node.get("/FT") == "/Sig" or any(map(_signature, node.get("/Kids", ())))


def reader() -> str:
    """Path of ocrmypdf, empty where it, tesseract or its Vietnamese is not installed."""
    program = shutil.which("ocrmypdf", path=str(Path(sys.executable).parent)) or shutil.which("ocrmypdf")
    tesseract = shutil.which("tesseract")
    if not program or not tesseract:
        return ""
    known = subprocess.run([tesseract, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    return program if "vie" in known.stdout.split() else ""


def with_text(link: FileLink, *, by: Actor, at: datetime) -> FileLink:
    """A copy of a scanned PDF that can be searched and read aloud, kept beside the original for the same owner.

    Raises Refused for signed documents, for files that are no scan, and where no reader is installed.
    Takes seconds a page: call it in a job.
    """
    if link.file.mime != PDF.mime or link.owner is None:
        raise Refused("ocr_kind", _("Only PDF files can be read this way."), field="file", status=422)
    if signed(link):
        raise Refused("ocr_signed", _("This document is signed and stays as it is."), field="file", status=422)
    copy = store_bytes(text_under(read_bytes(link)), name=_named(link.name), by=by, at=at, accept=(PDF,))
    with one_change():
        copy.copy_of = link
        copy.save(update_fields=["copy_of"])
        return attach(copy, link.owner, by=by, at=at)


def text_under(pdf: bytes, *, turn: bool = True) -> bytes:
    """A scanned PDF with its text under the pictures; pages turned as their text stands, unless somebody has done that
    (`turn`). Takes seconds a page: call it in a job.

    Raises Refused where no reader is installed, or it cannot be read.
    """
    program = reader()
    if not program:
        raise Refused("ocr_absent", _("No text reader (OCR) is installed here."), status=503)
    with tempfile.TemporaryDirectory(prefix="ocr-") as folder:
        source, target = Path(folder) / "in.pdf", Path(folder) / "out.pdf"
        source.write_bytes(pdf)
        command = [
            program, "--language", "vie+eng", "--skip-text", *["--rotate-pages"] * turn, "--output-type", "pdf",
            "--jobs", "1", "--optimize", "0", "--max-image-mpixels", "200", "--quiet", str(source), str(target),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=OCR_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode or not target.exists():
            log.warning("ocrmypdf ended with %s", done.returncode if done else "no answer")
            raise Refused("ocr_failed", _("The text of this scan could not be read."), field="file", status=422)
        return target.read_bytes()


def _named(name: str) -> str:
    return f"{Path(name).stem}-co-chu.pdf"
