"""Public pages: find a procedure, understand it, go on to apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tinhso.core.forms.text import localized
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import facts, queries
from ..models import Facet, Procedure, ProcedureVersion, Variant
from ..queries import Listed

KINDS = ("event", "field", "agency", "level", "online")
NARROWING = 12  # choices of a kind once something is chosen: those with most procedures
MOST = 50  # pages of a search; whoever looks further needs other words


@may("public")
@require_GET
def catalogue(request: Request) -> HttpResponse:
    """Procedures by life event, field, agency and level, or those with the words asked for; else near to them."""
    words = request.GET.get("q", "").strip()[:200]
    known = queries.facets()
    chosen = [one for one in known if one.key in set(request.GET.getlist("theo"))]
    keys = [one.key for one in chosen]
    asked = {"q": words} if words else {}
    page = min(int(request.GET["trang"]), MOST) if request.GET.get("trang", "").isdecimal() else 0
    near = False
    if words:
        found, near = queries.search_near(words, queries.PAGE + 1, facets=keys, skip=page * queries.PAGE)
        more = {"q": words, "trang": page + 1} if len(found) > queries.PAGE and page < MOST else {}
        found = found[: queries.PAGE]
    else:
        found, after = queries.listing(keys, after=request.GET.get("sau", "")[:40])
        more = {"sau": after} if after else {}
    return render(
        request,
        "procedures/catalogue.html",
        {
            "words": words,
            "near": near,
            "rows": [_row(one) for one in found],
            "share": queries.share(known),
            "chosen": [(queries.in_words(one), _query(asked, [k for k in keys if k != one.key])) for one in chosen],
            "browse": [] if page or request.GET.get("sau") else _browse(known, keys, words),
            "more": _query(more, keys) if more else "",
        },
    )


def _row(one: Listed) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": _cut(one.short, 180),
        "field": _cut(one.field_title, 60),
        "facts": f"{facts.how_long(one)} · {facts.channels_in_words(one.channels)}"
        if one.cases
        else ProcedureVersion.Online(one.online).label,
    }


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _browse(known: Sequence[Facet], keys: Sequence[str], words: str) -> list[dict[str, Any]]:
    """What one can choose further, a group for each kind; a kind chosen already offers no second."""
    names = {
        "event": _("Life event"),
        "field": _("Field"),
        "agency": _("Agency"),
        "level": _("Level of government"),
        "online": _("Service level"),
    }
    most = NARROWING if keys or words else len(known)
    asked = urlencode([*([("q", words)] if words else []), *(("theo", key) for key in keys), ("theo", "")])
    taken = {key.partition(":")[0] for key in keys}
    groups: dict[str, list[tuple[str, int, str]]] = {kind: [] for kind in KINDS if kind not in taken}
    for one in known:
        rows = groups.get(one.key.partition(":")[0])
        if rows is not None and len(rows) < most:
            rows.append((queries.in_words(one), one.services, asked + quote(one.key)))
    return [{"name": names[kind], "kind": kind, "rows": rows} for kind, rows in groups.items() if rows]


def _query(parameters: Mapping[str, Any], facets: Sequence[str]) -> str:
    return urlencode([*parameters.items(), *(("theo", key) for key in facets)])


@may("public")
@require_GET
def procedure(request: Request, code: str) -> HttpResponse:
    """One procedure: three facts, what to prepare, what happens, who decides, how to complain, apply."""
    version = queries.version_in_force(code)
    if version is None:
        raise Http404
    variants = [_shown(variant) for variant in version.variants.order_by("order")]
    return render(
        request,
        "procedures/procedure.html",
        {
            "version": version,
            "procedure": version.procedure,
            "variants": variants,
            "title": _short(version.procedure, [one["variant"] for one in variants]),
            "only": len(variants) == 1,
            "stated": {} if variants else _stated(version),
            "notice": {key: localized(words) for key, words in facts.told(version.notice).items()},
        },
    )


def _short(procedure: Procedure, variants: Sequence[Variant]) -> str:
    """What people call it: official names run over five lines, that of an only variant does not."""
    return variants[0].title if len(variants) == 1 else procedure.title


def _stated(version: ProcedureVersion) -> dict[str, Any]:
    """Ways and papers in the words of the national database, for a page without variants."""
    names = {"online": _("online"), "counter": _("at the counter"), "post": _("by post")}
    ways = [{**one, "channel": names[one["channel"]]} for one in version.stated.get("ways", ())]
    return {"ways": ways, "papers": version.stated.get("papers", ())}


def _shown(variant: Variant) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    return {
        "variant": variant,
        "long": facts.how_long(variant),
        "much": facts.how_much(variant),
        "where": facts.where(variant),
        "notes": facts.fee_notes(variant),
        "components": [
            {**one, "title": one.get("name_en") if english and one.get("name_en") else one["name"]}
            for one in variant.components
        ],
    }
