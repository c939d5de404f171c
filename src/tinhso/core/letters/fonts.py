"""The typeface of official letters, made from npm's web fonts at install.

`@fontsource/tinos` (OFL, metrics of Times New Roman) ships one file a script. Typst and
PDF want one face that has every letter, so this joins Latin, Latin Extended (Ê-đê and
Jarai names write ƀ and č) and Vietnamese, and checks that nothing Vietnamese is missing.
`frontend/build.py` runs it after `npm ci`; by hand::

    python -m tinhso.core.letters.fonts frontend/node_modules/@fontsource/tinos
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent / "typefaces"
FACES = {
    "regular": "400-normal",
    "italic": "400-italic",
    "bold": "700-normal",
    "bold-italic": "700-italic",
}
SCRIPTS = ("latin", "latin-ext", "vietnamese")


@cache
def vietnamese_letters() -> frozenset[str]:
    """Every letter Vietnamese is written with, in both cases."""
    marks = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    vowels = "aăâeêioôơuưy"
    letters = {unicodedata.normalize("NFC", v + m) for v in vowels for m in marks} | set("bcdđghklmnpqrstvx")
    return frozenset(letters | {letter.upper() for letter in letters})


class FontsMissing(RuntimeError):
    """The letter faces have not been built; the message says how to build them."""


def face(name: str = "regular") -> Path:
    """Path of a face: regular, italic, bold or bold-italic. Raises `FontsMissing`."""
    path = FOLDER / f"tinos-{name}.ttf"
    if not path.exists():
        raise FontsMissing(
            f"{path.name} is missing: run `npm ci` in frontend/ and "
            "`python -m tinhso.core.letters.fonts frontend/node_modules/@fontsource/tinos`"
        )
    return path


@cache
def covered() -> frozenset[str]:
    """Letters that every face has. Raises `FontsMissing`."""
    from fontTools.ttLib import TTFont

    found = []
    for name in FACES:
        with TTFont(face(name), lazy=True) as font:
            found.append(_letters(font))
    return frozenset(set.intersection(*found))


def _letters(font: TTFont) -> set[str]:
    return {chr(code) for code in font.getBestCmap() or ()}


def printable(words: str) -> str:
    """`words` as the face can print them: composed, a letter it lacks in its plain parts, else `?`.

    Typst refuses a PDF/A with a letter that has no glyph, and one odd character that somebody
    pasted into a form must not keep a letter from being made.
    """
    known = covered()
    out = []
    for letter in unicodedata.normalize("NFC", words):
        if letter in known or letter == "\n":
            out.append(letter)
        elif unicodedata.category(letter) not in ("Mn", "Cc", "Cf"):
            out.append("".join(part for part in unicodedata.normalize("NFKD", letter) if part in known) or "?")
    return "".join(out)


def build(package: Path, target: Path = FOLDER) -> list[Path]:
    """Join the scripts of `@fontsource/tinos` in folder `package` into one TTF a face.

    The same input gives the same bytes. Raises `ValueError` naming letters that are missing.
    """
    from fontTools.merge import Merger  # 10 MB that only the install needs
    from fontTools.ttLib import TTFont

    target.mkdir(parents=True, exist_ok=True)
    built = []
    for name, style in FACES.items():
        sources = [package / "files" / f"tinos-{script}-{style}.woff" for script in SCRIPTS]
        font = Merger().merge([str(source) for source in sources])
        with TTFont(sources[0]) as first:
            _freeze(font, first)
        _add_breves(font)
        missing = vietnamese_letters() - _letters(font)
        if missing:
            raise ValueError(f"{name} lacks {''.join(sorted(missing))}")
        path = target / f"tinos-{name}.ttf"
        font.save(path)
        built.append(path)
    (target / "OFL.txt").write_bytes((package / "LICENSE").read_bytes())
    return built


BREVE = "\u0306"
BREVED = {"ê": "ê", "ô": "ô", "ơ": "o", "ư": "u", "Ê": "Ê", "Ô": "Ô", "Ơ": "O", "Ư": "U"}  # and what it stands over


def _add_breves(font: Any) -> None:
    """Draw ê̆ ô̆ ơ̆ ư̆, which Ê-đê is written with: Unicode composes them of two, Tinos has not the second."""
    from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    glyphs, widths, names = font["glyf"], font["hmtx"], font.getBestCmap()
    breve = next(part.glyphName for part in glyphs[names[ord("ŏ")]].components if part.glyphName.startswith("breve"))
    shape = glyphs[breve]

    def add(name: str, parts: list[tuple[str, int, int]], width: int) -> None:
        pen = TTGlyphPen(font.getGlyphSet())
        for part, dx, dy in parts:
            pen.addComponent(part, (1, 0, 0, 1, dx, dy))
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        glyphs[name] = pen.glyph()
        glyphs[name].recalcBounds(glyphs)
        widths[name] = (width, glyphs[name].xMin)

    add("combiningbreve", [(breve, -widths[breve][0], 0)], 0)
    rules = []
    for letter, under in BREVED.items():
        base, stem = names[ord(letter)], glyphs[names[ord(under)]]
        dx = (stem.xMin + stem.xMax - shape.xMin - shape.xMax) // 2
        dy = max(glyphs[base].yMax, stem.yMax) + 60 - shape.yMin
        add(f"{base}.breve", [(base, 0, 0), (breve, dx, dy)], widths[base][0])
        rules.append(f"sub {base} combiningbreve by {base}.breve;")
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(BREVE)] = "combiningbreve"
    addOpenTypeFeaturesFromString(font, f"feature ccmp {{ {' '.join(rules)} }} ccmp;", tables=["GSUB"])


def _freeze(font: TTFont, first: TTFont) -> None:
    """Keep the first file's dates and line metrics, which merging would replace by today's and the tallest."""
    font.recalcTimestamp = False
    for table, field in (
        ("head", "created"), ("head", "modified"),
        ("hhea", "ascent"), ("hhea", "descent"), ("hhea", "lineGap"),
        ("OS/2", "sTypoAscender"), ("OS/2", "sTypoDescender"), ("OS/2", "sTypoLineGap"),
        ("OS/2", "usWinAscent"), ("OS/2", "usWinDescent"),
    ):  # fmt: skip
        setattr(font[table], field, getattr(first[table], field))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tinhso.core.letters.fonts FOLDER_OF_@fontsource/tinos")
    for made in build(Path(sys.argv[1])):
        print(made.name, f"{made.stat().st_size // 1024} KB")
