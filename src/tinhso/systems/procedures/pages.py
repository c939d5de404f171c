"""Public pages: find a procedure, understand it, go on to apply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from . import facts, queries
from .models import Procedure, Variant


@may("public")
@require_GET
def catalogue(request: Request) -> HttpResponse:
    """All procedures by field, or those that have the words asked for."""
    words = request.GET.get("q", "").strip()[:200]
    found = queries.search(words) if words else list(queries.in_force())
    fields: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        variants = list(one.current.variants.all())
        variant = variants[0]
        row = {
            "procedure": one,
            "title": _short(one, variants),
            "long": facts.how_long(variant),
            "where": facts.where(variant),
        }
        fields.setdefault(one.field.title, []).append(row)
    return render(request, "procedures/catalogue.html", {"words": words, "fields": fields, "count": len(found)})


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
        },
    )


def _short(procedure: Procedure, variants: Sequence[Variant]) -> str:
    """What people call it: official names run over five lines, that of an only variant does not."""
    return variants[0].title if len(variants) == 1 else procedure.title


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
