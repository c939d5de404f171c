"""What a signature looks like on the page.

NĐ 30/2020, annex I: the signer's image in blue between title and name; the agency's round red
seal covers its left third. There is no scanned handwriting or seal here: both are drawn from the
certificate's name, in the letter's own embedded face (another face would break PDF/A), and are
marked as a demonstration where the install is one.
"""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from cryptography import x509
from django.conf import settings
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from ..letters.fields import CONVERTER, SEAL
from ..letters.pdffont import Measure
from .form import font, form_xobject, size_of
from .keys import common_name

BLUE, RED = "0.09 0.20 0.55", "0.80 0.07 0.10"
_K = 0.5523  # control points of a quarter circle


def draw(
    writer: IncrementalPdfFileWriter,
    widget: generic.DictionaryObject,
    *,
    field: str,
    certificate: x509.Certificate,
    at: datetime,
) -> generic.DictionaryObject:
    """The appearance of a signature field, for the holder named in the certificate."""
    width, height = size_of(widget)
    (regular, upright), (italic, slanted) = font(writer, "/TinosR"), font(writer, "/TinosI")
    name = common_name(certificate.subject)
    if field == SEAL:
        content = _seal(name, upright, width, height)
    elif field == CONVERTER:
        content = _conversion(name, _moment(at), upright, width, height)
    else:
        content = _hand(name, _moment(at), upright, slanted, width, height)
    state = generic.DictionaryObject(
        {pdf_name("/Type"): pdf_name("/ExtGState"), pdf_name("/BM"): pdf_name("/Multiply")}
    )
    resources: dict[str, object] = {
        "/Font": generic.DictionaryObject({pdf_name("/TinosR"): regular, pdf_name("/TinosI"): italic}),
        "/ExtGState": generic.DictionaryObject({pdf_name("/Ink"): state}),
    }
    return form_xobject(writer, f"q /Ink gs {content} Q".encode(), width, height, resources)


def _moment(at: datetime) -> str:
    """`22/11/2026 10:05:00 +07:00`, where the agencies are."""
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    return f"{local:%d/%m/%Y %H:%M:%S} {local.isoformat()[-6:]}"


def _conversion(name: str, moment: str, face: Measure, width: float, height: float) -> str:
    """Two lines without an image, size 10, right-aligned: as NĐ 30/2020, annex I, has it for copies."""
    out = []
    for line, words in enumerate((f"Số hóa từ bản giấy: {name}", f"Thời gian ký: {moment}")):
        size = min(10.0, width / max(face.width(words, 1), 1))
        place = f"{width - face.width(words, size):.1f} {height - 11 * (line + 1):.1f}"
        out.append(f"BT /TinosR {size:.2f} Tf {place} Td {face.hex(words)} Tj ET")
    return f"{BLUE} rg " + " ".join(out)


def _hand(name: str, moment: str, upright: Measure, slanted: Measure, width: float, height: float) -> str:
    """The given name as if written, with a flourish, and who signed when in small print."""
    given = name.split()[-1] if name.split() else ""
    size = min(30.0, 0.62 * width / max(slanted.width(given, 1), 1))
    x, y = (width - slanted.width(given, size)) / 2, height * 0.42
    flourish = (
        f"1.1 w 1 J {x - 10:.1f} {y - 3:.1f} m {x + 20:.1f} {y - 12:.1f} {width * 0.55:.1f} {y + 6:.1f} "
        f"{width - x + 14:.1f} {y - 1:.1f} c {width - x - 10:.1f} {y - 9:.1f} {width * 0.5:.1f} {y - 8:.1f} "
        f"{width * 0.40:.1f} {y - 7:.1f} c S"
    )
    parts = [
        f"{BLUE} rg {BLUE} RG {flourish}",
        f"BT /TinosI {size:.1f} Tf 1 0.08 0.05 1 {x:.1f} {y:.1f} Tm {slanted.hex(given)} Tj ET",
    ]
    for line, words in enumerate((f"Ký số bởi: {name}", f"Thời gian ký: {moment}")):
        small = min(6.5, width * 0.64 / max(upright.width(words, 1), 1))
        left = width * 0.36  # the seal covers the left third
        parts.append(f"BT /TinosR {small:.2f} Tf {left:.1f} {9.5 - 7.5 * line:.1f} Td {upright.hex(words)} Tj ET")
    return " ".join(parts)


def _seal(name: str, face: Measure, width: float, height: float) -> str:
    """A round seal: two rings, the agency's name along the upper arc, a star."""
    cx, cy, outer = width / 2, height / 2, min(width, height) / 2 - 1
    inner = outer * 0.66
    lower = "CON DẤU TRÌNH DIỄN" if settings.TINHSO.demo else "VIỆT NAM"
    return " ".join(
        [
            f"{RED} rg {RED} RG 1.6 w",
            _circle(cx, cy, outer),
            "0.7 w",
            _circle(cx, cy, outer - 2.6),
            _circle(cx, cy, inner),
            _star(cx, cy, inner * 0.62),
            _arc(name.upper(), face, cx, cy, (outer + inner) / 2 - 3.4, size=outer * 0.17, top=True),
            _arc(lower, face, cx, cy, (outer + inner) / 2 + 0.8, size=outer * 0.13, top=False),
        ]
    )


def _circle(x: float, y: float, r: float) -> str:
    k = r * _K
    return (
        f"{x + r:.2f} {y:.2f} m {x + r:.2f} {y + k:.2f} {x + k:.2f} {y + r:.2f} {x:.2f} {y + r:.2f} c "
        f"{x - k:.2f} {y + r:.2f} {x - r:.2f} {y + k:.2f} {x - r:.2f} {y:.2f} c "
        f"{x - r:.2f} {y - k:.2f} {x - k:.2f} {y - r:.2f} {x:.2f} {y - r:.2f} c "
        f"{x + k:.2f} {y - r:.2f} {x + r:.2f} {y - k:.2f} {x + r:.2f} {y:.2f} c s"
    )


def _star(x: float, y: float, r: float) -> str:
    points = []
    for i in range(10):
        radius, angle = (r, r * 0.382)[i % 2], math.pi / 2 + i * math.pi / 5
        points.append(f"{x + radius * math.cos(angle):.2f} {y + radius * math.sin(angle):.2f}")
    return f"{points[0]} m " + " ".join(f"{point} l" for point in points[1:]) + " f"


def _arc(words: str, face: Measure, cx: float, cy: float, r: float, *, size: float, top: bool) -> str:
    """Words along a circle, read from outside at the top, from inside at the bottom; long ones get smaller."""
    room = math.pi * r * (1.3 if top else 0.5)
    size = min(size, room / max(face.width(words, 1) + 0.02 * len(words), 1))
    sweep = face.width(words, size) / r
    angle = math.pi / 2 + sweep / 2 if top else 3 * math.pi / 2 - sweep / 2
    out = []
    for letter in words:
        step = face.width(letter, size) / r
        middle = angle - step / 2 if top else angle + step / 2
        turn = middle - math.pi / 2 if top else middle + math.pi / 2
        half = face.width(letter, size) / 2
        x = cx + r * math.cos(middle) - half * math.cos(turn)
        y = cy + r * math.sin(middle) - half * math.sin(turn)
        c, s = math.cos(turn), math.sin(turn)
        out.append(f"{c:.4f} {s:.4f} {-s:.4f} {c:.4f} {x:.2f} {y:.2f} Tm {face.hex(letter)} Tj")
        angle = angle - step if top else angle + step
    return f"BT /TinosR {size:.2f} Tf " + " ".join(out) + " ET"
