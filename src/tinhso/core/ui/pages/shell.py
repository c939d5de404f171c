"""Home, search, and the choices a person makes about how pages look."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.ledger.actions import Refused
from tinhso.core.search import queries as index

from ..access import may, signed_in
from ..context import SIZES, THEMES
from ..errors import came_from
from ..middleware import POST
from ..navigation import Found, all_errands, find, menu
from ..request import Request

YEAR = 365 * 24 * 3600


@may("public")
@require_GET
def home(request: Request) -> HttpResponse:
    return render(request, "ui/home.html", {"errands": all_errands()})


@may("public")
@require_GET
def search(request: Request) -> HttpResponse:
    """One search box for everything its reader may see: what systems answer first, then the index."""
    words = request.GET.get("q", "").strip()[:200]
    audience = "desk" if request.staff else "citizen"
    results = find(audience, request, words) if words else []
    owner = request.user.pk if signed_in(request) else None
    known = {result.url for result in results}
    for hit in index.search(words, staff=request.staff, owner=owner).hits:
        if hit.url not in known:
            results.append(Found(hit.title, hit.url, hit.kind.label, hit.note))
    context = {"words": words, "results": results, "shell": f"ui/{audience}.html"}
    return render(request, "ui/search.html", context)


@may("public")
@require_POST
def look(request: Request) -> HttpResponse:
    """Keep a theme or a letter size in a cookie; works without JavaScript."""
    response = redirect(came_from(request))
    for name, choices in (("theme", THEMES), ("size", SIZES)):
        if (value := request.POST.get(name, "")) in choices:
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
    next_page = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(next_page, {request.get_host()})
    return redirect(next_page if ours else "ui:desk")


@may("staff")
@require_GET
def desk(request: Request) -> HttpResponse:
    """Where an official's day begins: the first entry of the desk's menu."""
    first = next(iter(menu("desk", request)), None)
    return redirect(first.url) if first else render(request, "ui/desk_empty.html")


@may("public")
@require_GET
@cache_control(public=True, max_age=86_400)
def robots(request: Request) -> HttpResponse:
    """Search engines read what citizens read, and nothing that belongs to a person or an official."""
    closed = ("tai-khoan/", "dang-nhap/", "ban-lam-viec", "tim-kiem", "api/")
    lines = ["User-agent: *", *(f"Disallow: /{path}" for path in closed)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@may("public")
@require_GET
@cache_control(public=True, max_age=86_400)
def manifest(request: Request) -> HttpResponse:
    """So that a phone can keep the site among its apps."""
    return JsonResponse(
        {
            "name": "Tỉnh Số",
            "short_name": "Tỉnh Số",
            "lang": "vi",
            "start_url": "/",
            "display": "minimal-ui",
            "background_color": "#fdfcf9",
            "theme_color": "#a8231c",
            "icons": [{"src": static("tinhso/mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )


@may("public")
@require_GET
def favicon(request: Request) -> HttpResponse:
    return redirect(static("tinhso/mark.svg"))


urlpatterns = [
    path("", home, name="home"),
    path("ban-lam-viec", desk, name="desk"),
    path("robots.txt", robots, name="robots"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("favicon.ico", favicon, name="favicon"),
    path("tim-kiem", search, name="search"),
    path("giao-dien", look, name="look"),
    path("vi-tri", post, name="post"),
]
