"""From a template and its data to an official PDF."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import segno
from django.apps import apps
from django.db import connection

from . import fonts
from .fields import reserve_fields

if TYPE_CHECKING:
    import typst

ROOT = Path(__file__).resolve().parent.parent.parent  # the package: templates import /core/letters/data/nd30.typ
_NAME = re.compile(r"([a-z_]+)/([a-z0-9_]+)\Z")
_kept = threading.local()


class LetterError(ValueError):
    """The template does not exist or its data lack something; the message names it."""


def outside_transaction() -> None:
    """Raise when called inside a transaction: rendering and signing would keep its locks waiting."""
    if connection.in_atomic_block:
        raise RuntimeError("letters are rendered and signed outside any transaction")


@cache
def _source(template: str) -> bytes:
    found = _NAME.match(template)
    if not found:
        raise LetterError(f"a letter is named system/template, not {template!r}")
    label, name = found.groups()
    path = Path(apps.get_app_config(label).path) / "letters" / f"{name}.typ"
    if not path.is_file():
        raise LetterError(f"no letter {name}.typ in the letters/ room of {label}")
    return path.read_bytes()


@cache
def _faces() -> typst.Fonts:
    import typst  # 9 MB that only a process which renders needs

    fonts.face()
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER])


def _compiler() -> typst.Compiler:
    """This thread's compiler: a kept one takes 1 ms where a new one takes 35, but serves one thread only."""
    kept: typst.Compiler | None = getattr(_kept, "compiler", None)
    if kept is None:
        import typst

        kept = _kept.compiler = typst.Compiler(root=ROOT, font_paths=_faces(), ignore_system_fonts=True)
    return kept


def qr(text: str) -> str:
    """An SVG of a QR code that says `text`, error correction M, no quiet zone (the paper is one)."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgclass=None)
    return out.getvalue().decode()


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return fonts.printable(value)
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value


def render(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """Render `letters/NAME.typ` of the package `SYSTEM` as PDF/A-2b with its fonts embedded.

    `template` is `"SYSTEM/NAME"`, e.g. `"dossiers/appointment_slip"`; `data` is JSON-like and
    what the head of the template asks for. `data["verify"] = {"url": …, "code": …}` becomes the
    verification QR. `at` is the moment written into the file. Places that the template reserves
    (number, date, signatures) come out as empty form fields, ready for the first signature.
    The same template, data and moment give the same bytes. Words are data: they never become
    typst code, and letters that the face lacks are replaced (`fonts.printable`).
    Raises `LetterError`; `RuntimeError` inside a transaction.
    """
    import typst

    outside_transaction()
    if at.tzinfo is None:
        raise ValueError("times are aware")
    verify = data.get("verify")
    full = {**_printable(data), "qr": qr(verify["url"]) if verify else ""}
    try:
        pdf = _compiler().compile(
            input=_source(template),
            format="pdf",
            sys_inputs={"data": json.dumps(full, ensure_ascii=False, sort_keys=True)},
            pdf_standards=["a-2b"],
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise LetterError(f"{template}: {error.message}") from error
    assert isinstance(pdf, bytes)
    return reserve_fields(pdf)
