"""Home, search, and the choices a person makes about how pages look."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.ledger.actions import Refused

from ..access import may
from ..context import SIZES, THEMES
from ..errors import came_from
from ..middleware import POST
from ..navigation import all_errands, find
from ..request import Request

YEAR = 365 * 24 * 3600


@may("public")
@require_GET
def home(request: Request) -> HttpResponse:
    return render(request, "ui/home.html", {"errands": all_errands()})


@may("public")
@require_GET
def search(request: Request) -> HttpResponse:
    """One search box for everything its reader may see."""
    words = request.GET.get("q", "").strip()[:200]
    audience = "desk" if request.staff else "citizen"
    results = find(audience, request, words) if words else []
    return render(
        request,
        "ui/search.html",
        {"words": words, "results": results, "shell": f"ui/{audience}.html"},
    )


@may("public")
@require_POST
def look(request: Request) -> HttpResponse:
    """Keep a theme or a letter size in a cookie; works without JavaScript."""
    response = redirect(came_from(request))
    for name, choices in (("theme", THEMES), ("size", SIZES)):
        if (value := request.POST.get(name)) in choices:
            response.set_cookie(
                name,
                value,
                max_age=YEAR,
                samesite="Lax",
                httponly=True,
                secure=request.is_secure(),
            )
    return response


@may("staff")
@require_POST
def post(request: Request) -> HttpResponse:
    """Act in another of one's posts for the rest of this session."""
    wanted = request.POST.get("post", "")
    if wanted not in {str(one.pk) for one in request.posts}:
        raise Refused("not_your_post", _("You do not hold this post, or no longer."), field="post")
    request.session[POST] = wanted
    return redirect(came_from(request))


urlpatterns = [
    path("", home, name="home"),
    path("tim-kiem", search, name="search"),
    path("giao-dien", look, name="look"),
    path("vi-tri", post, name="post"),
]
