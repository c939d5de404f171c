"""Empty form fields where a template kept a place for them.

A template marks a place by a link to `tinhso-field:NAME?size=13&style=italic&before=…&blank=…`.
Typst writes it as a link annotation with the exact rectangle on the right page; here it
becomes, in place, the widget of an empty field: `number` and `date` (text, filled by the
clerk after the leader's signature), `leader` and `seal` (signatures). Fields exist before
the first signature and bring their fonts along, so that filling them later is the only
change a validator finds (tried: fields made later, or text in a font that is not embedded,
are not "form filling").
"""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from .pdffont import FACES, draw_line, embed, measure_face

SCHEME = "tinhso-field"
NUMBER, DATE, LEADER, SEAL, CONVERTER = "number", "date", "leader", "seal", "converter"
LABELS = {
    NUMBER: "Số văn bản",
    DATE: "Ngày ban hành",
    LEADER: "Chữ ký số của người có thẩm quyền",
    SEAL: "Chữ ký số của cơ quan",
    CONVERTER: "Chữ ký số của người số hóa",
}
_PRINT, _LOCKED, _READ_ONLY = 4, 128, 1
BEFORE = "/TINHSO_Before"  # words that stay in front of what is filled in


def reserve_fields(pdf: bytes) -> bytes:
    """Turn the reserved places of a rendered letter into empty fields; without any, return it unchanged.

    For unsigned letters only. Raises `ValueError` when a name stands twice or is unknown.
    """
    if f"({SCHEME}:".encode() not in pdf and SCHEME.encode() not in pdf:
        return pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = Dictionary({f"/{key}": embed(document, face) for face, key in FACES.items()})
        fields = [
            _field(document, page, annotation, fonts)
            for page in document.pages
            for annotation in page.get("/Annots", [])
            if _marks(annotation)
        ]
        names = [str(field.T) for field in fields]
        if len(set(names)) != len(names):
            raise ValueError(f"a field is reserved twice among {names}")
        # The seal is drawn over the signature, so it comes last on its page.
        document.Root.AcroForm = Dictionary(
            Fields=Array(sorted(fields, key=lambda f: list(LABELS).index(str(f.T)))),
            DA=String(f"/{FACES['regular']} 13 Tf 0 g"),
            DR=Dictionary(Font=fonts),
        )
        out = io.BytesIO()
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def reserve_converter(document: pikepdf.Pdf, rect: tuple[float, float, float, float]) -> None:
    """An empty place on the first page of a digitised paper where whoever digitised it signs."""
    page = document.pages[0]
    x0, y0, x1, y1 = rect
    state = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, x1 - x0, y1 - y0]))
    widget = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(CONVERTER), TU=String(LABELS[CONVERTER]),
        F=_PRINT | _LOCKED, Rect=Array(rect), P=page.obj, AP=Dictionary(N=state),
    )  # fmt: skip
    page.obj.Annots = Array([document.make_indirect(widget)])
    fonts = Dictionary({f"/{key}": embed(document, face) for face, key in FACES.items()})
    document.Root.AcroForm = Dictionary(
        Fields=Array([page.obj.Annots[0]]), DA=String(f"/{FACES['regular']} 10 Tf 0 g"), DR=Dictionary(Font=fonts)
    )


def _marks(annotation: pikepdf.Object) -> bool:
    return "/A" in annotation and str(annotation.A.get("/URI", "")).startswith(f"{SCHEME}:")


def _field(document: pikepdf.Pdf, page: pikepdf.Page, widget: pikepdf.Object, fonts: Dictionary) -> pikepdf.Object:
    place = urlsplit(str(widget.A.URI))
    name, options = place.path, {key: values[0] for key, values in parse_qs(place.query).items()}
    if name not in LABELS:
        raise ValueError(f"no field is called {name!r}")
    for key in ("/A", "/Border", "/Contents"):
        if key in widget:
            del widget[key]
    x0, y0, x1, y1 = (float(v) for v in widget.Rect)
    state = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, x1 - x0, y1 - y0]))
    widget.Subtype, widget.P = Name.Widget, page.obj
    widget.T, widget.TU = String(name), String(LABELS[name])
    widget.AP = Dictionary(N=state)
    if name in (LEADER, SEAL, CONVERTER):
        widget.FT, widget.F = Name.Sig, _PRINT | _LOCKED
    else:
        widget.FT, widget.F, widget.Ff = Name.Tx, _PRINT | _LOCKED, _READ_ONLY
        face, size = options["style"], float(options["size"])
        widget.DA = String(f"/{FACES[face]} {size:g} Tf 0 g")
        widget.Q = 1  # centred
        widget[BEFORE] = String(options["before"])
        words = options["before"] + options["blank"]
        state.write(draw_line(words, measure_face(face), f"/{FACES[face]}", size, x1 - x0))
        state.Resources = Dictionary(Font=Dictionary({f"/{FACES[face]}": fonts[f"/{FACES[face]}"]}))
    if name == SEAL:  # after the seal nothing may change (ISO 32000-2, 12.7.5.5)
        widget.Lock = document.make_indirect(Dictionary(Type=Name.SigFieldLock, Action=Name.All, P=1))
    if "/StructParent" in widget:  # for readers' ears: a field, no longer a link
        tree = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        element = tree[int(widget.StructParent)]
        element.S = Name.Form
        if isinstance(element.K, pikepdf.Array) and len(element.K) == 1:
            element.K = element.K[0]  # the only way pyHanko knows a field in the structure tree
    return widget
