"""Empty form fields where a template kept a place for them.

A template marks a place by a link to `tinhso-field:NAME?size=13&style=italic&align=left`.
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

from .pdffont import BASELINE, FACES, embed

SCHEME = "tinhso-field"
NUMBER, DATE, LEADER, SEAL = "number", "date", "leader", "seal"
LABELS = {
    NUMBER: "Số văn bản",
    DATE: "Ngày ban hành",
    LEADER: "Chữ ký số của người có thẩm quyền",
    SEAL: "Chữ ký số của cơ quan",
}
_PRINT, _LOCKED, _READ_ONLY = 4, 128, 1
_ALIGN = {"left": 0, "center": 1, "right": 2}

__all__ = ["BASELINE", "DATE", "LEADER", "NUMBER", "SEAL", "reserve_fields"]


def reserve_fields(pdf: bytes) -> bytes:
    """Turn the reserved places of a rendered letter into empty fields; without any, return it unchanged.

    For unsigned letters only. Raises `ValueError` when a name stands twice or is unknown.
    """
    if f"({SCHEME}:".encode() not in pdf and SCHEME.encode() not in pdf:
        return pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fields = [
            _field(document, page, annotation, urlsplit(str(annotation.A.URI)))
            for page in document.pages
            for annotation in page.get("/Annots", [])
            if str(annotation.get("/A", {}).get("/URI", "")).startswith(f"{SCHEME}:")
        ]
        names = [str(field.T) for field in fields]
        if len(set(names)) != len(names):
            raise ValueError(f"a field is reserved twice among {names}")
        # The seal is drawn over the signature, so it comes last on its page.
        document.Root.AcroForm = Dictionary(
            Fields=Array(sorted(fields, key=lambda f: list(LABELS).index(str(f.T)))),
            DA=String(f"/{FACES['regular']} 13 Tf 0 g"),
            DR=Dictionary(Font=Dictionary({f"/{key}": embed(document, face) for face, key in FACES.items()})),
        )
        out = io.BytesIO()
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _field(document: pikepdf.Pdf, page: pikepdf.Page, widget: pikepdf.Object, place: object) -> pikepdf.Object:
    name = place.path  # type: ignore[attr-defined]
    options = {key: values[0] for key, values in parse_qs(place.query).items()}  # type: ignore[attr-defined]
    if name not in LABELS:
        raise ValueError(f"no field is called {name!r}")
    for key in ("/A", "/Border", "/Contents"):
        if key in widget:
            del widget[key]
    x0, y0, x1, y1 = (float(v) for v in widget.Rect)
    empty = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, x1 - x0, y1 - y0]))
    widget.Subtype, widget.P = Name.Widget, page.obj
    widget.T, widget.TU = String(name), String(LABELS[name])
    widget.AP = Dictionary(N=empty)
    if name in (LEADER, SEAL):
        widget.FT, widget.F = Name.Sig, _PRINT | _LOCKED
    else:
        widget.FT, widget.F, widget.Ff = Name.Tx, _PRINT | _LOCKED, _READ_ONLY
        widget.DA = String(f"/{FACES[options['style']]} {options['size']} Tf 0 g")
        widget.Q = _ALIGN[options["align"]]
    if name == SEAL:  # after the seal nothing may change (ISO 32000-2, 12.7.5.5)
        widget.Lock = document.make_indirect(Dictionary(Type=Name.SigFieldLock, Action=Name.All, P=1))
    if "/StructParent" in widget:  # for readers' ears: a field, no longer a link
        tree = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        element = tree[int(widget.StructParent)]
        element.S = Name.Form
        if isinstance(element.K, pikepdf.Array) and len(element.K) == 1:
            element.K = element.K[0]  # the only way pyHanko knows a field in the structure tree
    return widget
