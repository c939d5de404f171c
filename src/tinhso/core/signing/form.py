"""Fields of a letter, read and filled through appended updates."""

from __future__ import annotations

import datetime as dt
import io

from django.utils.translation import gettext_lazy as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.rw_common import PdfHandler

from ..ledger.actions import Refused
from ..letters.fields import BEFORE, DATE, NUMBER
from ..letters.pdffont import Measure, draw_line, measure
from ..letters.render import outside_transaction


def date_words(day: dt.date) -> str:
    """`ngày 05 tháng 01 năm 2026`: days below 10 and months 1 and 2 take a zero (NĐ 30/2020, annex I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def fill_number_and_date(pdf: bytes, *, number: str, date: dt.date) -> bytes:
    """Fill the reserved number (`15/UBND-XNTTHN`) and date after the leader has signed, by an appended update.

    The text is drawn with the face that the draft brought along. Raises `Refused` when the letter
    reserves neither, or one is filled already; `RuntimeError` inside a transaction.
    """
    outside_transaction()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    fields = text_fields(writer)
    for name, words in ((NUMBER, number), (DATE, date_words(date))):
        if name not in fields:
            raise Refused("nothing_to_fill", _("The letter keeps no place for a number and a date."))
        reference, widget = fields[name]
        if widget.get("/V", ""):
            raise Refused("already_numbered", _("The letter has its number and date already."))
        widget[pdf_name("/V")] = pdf_string(words)
        widget[pdf_name("/AP")] = _text(writer, widget, words)
        writer.mark_update(reference)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def fields_of(pdf: PdfHandler) -> generic.ArrayObject:
    """The fields of the file's form, which files of others keep apart; none when it has no form."""
    # Square brackets follow a reference, which `get` does not.
    form = pdf.root["/AcroForm"] if "/AcroForm" in pdf.root else generic.DictionaryObject()
    return form["/Fields"] if "/Fields" in form else generic.ArrayObject()


def text_fields(pdf: PdfHandler) -> dict[str, tuple[generic.Reference, generic.DictionaryObject]]:
    """The letter's own text fields by name; none when the file has no form."""
    found = {}
    fields = fields_of(pdf)
    for index in range(len(fields)):
        raw = fields.raw_get(index)
        widget = raw.get_object()
        if isinstance(raw, generic.IndirectObject) and widget.get("/FT") == "/Tx":
            found[str(widget.get("/T", ""))] = (raw.reference, widget)
    return found


def font(pdf: PdfHandler, name: str) -> tuple[generic.PdfObject, Measure]:
    """The face `name` (`/TinosR`, `/TinosI`) that the draft put into its form, and its measures."""
    reference = pdf.root["/AcroForm"]["/DR"]["/Font"].raw_get(name)
    program = reference.get_object()["/DescendantFonts"][0]["/FontDescriptor"]["/FontFile2"]
    return reference, measure(program.data)


def form_xobject(
    writer: IncrementalPdfFileWriter, content: bytes, width: float, height: float, resources: dict[str, object]
) -> generic.DictionaryObject:
    """An appearance dictionary whose normal state is drawn by `content`."""
    stream = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(map(generic.FloatObject, (0, 0, width, height))),
            pdf_name("/Resources"): generic.DictionaryObject(
                {pdf_name(key): value for key, value in resources.items()}
            ),
        },
        stream_data=content,
    )
    return generic.DictionaryObject({pdf_name("/N"): writer.add_object(stream)})


def size_of(widget: generic.DictionaryObject) -> tuple[float, float]:
    """Width and height of a widget in points."""
    x0, y0, x1, y1 = (float(value) for value in widget["/Rect"])
    return x1 - x0, y1 - y0


def _text(writer: IncrementalPdfFileWriter, widget: generic.DictionaryObject, words: str) -> generic.DictionaryObject:
    face, size = str(widget["/DA"]).split()[:2]
    width, height = size_of(widget)
    reference, letters = font(writer, face)
    try:
        content = draw_line(str(widget.get(BEFORE, "")) + words, letters, face, float(size), width)
    except ValueError:
        raise Refused("text_too_long", _("The number does not fit into the letter's place for it.")) from None
    fonts = generic.DictionaryObject({pdf_name(face): reference})
    return form_xobject(writer, content, width, height, {"/Font": fonts})
