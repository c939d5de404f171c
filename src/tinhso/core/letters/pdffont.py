"""The letter face inside a PDF, for text that is written after rendering: number, date, signature."""

from __future__ import annotations

import io
import unicodedata
import zlib
from functools import cache, lru_cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from .fonts import face, vietnamese_letters

FACES = {"regular": "TinosR", "italic": "TinosI"}  # face → its name in the form's resources
BASELINE = 0.25  # of the size, above the foot of a text field; nd30.typ reserves by the same figure


def letters() -> set[str]:
    """What a field can show: ASCII, Latin-1, Latin Extended-A, Ê-đê and Jarai ƀ, Vietnamese, some signs."""
    codes = [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x180, 0x243]
    return {chr(code) for code in codes} | vietnamese_letters() | set("–—’“”…")


@cache
def _program(name: str) -> bytes:
    from fontTools import subset  # 10 MB that only processes which render need

    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2, 6])
    options.recalc_timestamp = False
    font = subset.load_font(io.BytesIO(face(name).read_bytes()), options)
    maker = subset.Subsetter(options)
    maker.populate(text="".join(sorted(letters())))
    maker.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    return out.getvalue()


class Measure:
    """Letters and widths of an embedded TrueType program."""

    def __init__(self, program: bytes) -> None:
        from fontTools.ttLib import TTFont

        font: Any = TTFont(io.BytesIO(program), lazy=True)
        self.glyphs = {chr(code): font.getGlyphID(name) for code, name in (font.getBestCmap() or {}).items()}
        scale = 1000 / font["head"].unitsPerEm
        self.widths = [round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder()]
        self.descriptor = {
            "Ascent": round(font["hhea"].ascent * scale),
            "Descent": round(font["hhea"].descent * scale),
            "CapHeight": round(getattr(font["OS/2"], "sCapHeight", 0) * scale) or 662,
            "ItalicAngle": round(font["post"].italicAngle),
            "FontBBox": [round(getattr(font["head"], key) * scale) for key in ("xMin", "yMin", "xMax", "yMax")],
        }

    def _ids(self, text: str) -> list[int]:
        ids = []
        for letter in unicodedata.normalize("NFC", text):
            plain = unicodedata.normalize("NFD", letter)[0]
            ids.append(self.glyphs.get(letter) or self.glyphs.get(plain) or self.glyphs["?"])
        return ids

    def hex(self, text: str) -> str:
        """`text` as a PDF hex string of glyph ids; a letter the face lacks loses its marks, else it is `?`."""
        return "<" + "".join(f"{glyph:04X}" for glyph in self._ids(text)) + ">"

    def width(self, text: str, size: float) -> float:
        """Width of `text` in points at `size`."""
        return float(sum(self.widths[glyph] for glyph in self._ids(text))) * size / 1000


@lru_cache(maxsize=16)
def measure(program: bytes) -> Measure:
    """Letters and widths of the font program found in a PDF; kept for the next letter."""
    return Measure(program)


def draw_line(words: str, letters: Measure, face: str, size: float, width: float) -> bytes:
    """Content of a text field: `words` centred in `width`. Raises `ValueError` when they are wider."""
    spare = width - letters.width(words, size)
    if spare < 0:
        raise ValueError(f"{words!r} is wider than its place")
    x, y = spare / 2, BASELINE * size
    return f"/Tx BMC q BT {face} {size:g} Tf 0 g {x:.2f} {y:.2f} Td {letters.hex(words)} Tj ET Q EMC".encode()


def measure_face(name: str) -> Measure:
    """Measures of the face as `embed` puts it into letters."""
    return _packed(name)[0]


@cache
def _packed(name: str) -> tuple[Measure, bytes, int, bytes]:
    program = _program(name)
    info = measure(program)
    return info, zlib.compress(program, 9), len(program), zlib.compress(_to_unicode(info), 9)


def embed(document: pikepdf.Pdf, name: str) -> pikepdf.Object:
    """Put a face into `document` as a composite font and return it."""
    info, packed, length, to_unicode = _packed(name)
    ps_name = Name(f"/TINHSO+Tinos-{name.capitalize()}")
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=ps_name,
        Flags=4 | (64 if name == "italic" else 0),
        StemV=80,
        FontFile2=document.make_stream(packed, Filter=Name.FlateDecode, Length1=length),
        **info.descriptor,
    )
    cid = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=ps_name,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        CIDToGIDMap=Name.Identity,
        W=document.make_indirect(Array([0, Array(info.widths)])),  # apart: readers parse it only when they draw
        FontDescriptor=document.make_indirect(descriptor),
    )
    return document.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=ps_name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([document.make_indirect(cid)]),
            ToUnicode=document.make_stream(to_unicode, Filter=Name.FlateDecode),
        )
    )


def _to_unicode(info: Measure) -> bytes:
    pairs = sorted((glyph, letter) for letter, glyph in info.glyphs.items())
    blocks = []
    for start in range(0, len(pairs), 100):
        part = pairs[start : start + 100]
        rows = "\n".join(f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for glyph, letter in part)
        blocks.append(f"{len(part)} beginbfchar\n{rows}\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
