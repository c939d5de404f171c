"""What every shell needs: looks, menus, posts of an official, where live news come from."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from tinhso.core.agencies.models import Agency, Kind

from . import live
from .navigation import menu

THEMES = ("auto", "light", "dark")
SIZES = ("normal", "large")


def looks(request: HttpRequest) -> dict[str, str]:
    """Theme and letter size a person chose, from their cookies."""
    theme, size = request.COOKIES.get("theme", ""), request.COOKIES.get("size", "")
    return {
        "theme": theme if theme in THEMES else "auto",
        "size": size if size in SIZES else "normal",
    }


def province() -> dict[str, str]:
    """Names of the agency at the root: the province. Asked for once in five minutes."""
    return dict(cache.get_or_set("ui.province", _root, 300) or {})


def _root() -> dict[str, str]:
    root = Agency.objects.open_at(timezone.now()).filter(parent=None, kind=Kind.PROVINCE).order_by("valid_from").first()
    return {"name": root.name, "short_name": root.short_name} if root else {}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of all pages. Menus are made only where a template shows them."""
    config = settings.TINHSO
    return {
        **looks(request),
        "staff": getattr(request, "staff", None),
        "posts": getattr(request, "posts", ()),
        "request_id": getattr(request, "id", ""),
        "live_url": SimpleLazyObject(partial(live.address, request)),
        "demo": config.demo,
        "province": SimpleLazyObject(province),
        "menu_account": SimpleLazyObject(partial(menu, "account", request)),
        "menu_citizen": SimpleLazyObject(partial(menu, "citizen", request)),
        "menu_home": SimpleLazyObject(partial(menu, "home", request)),
        "menu_desk": SimpleLazyObject(partial(menu, "desk", request)),
        "menu_admin": SimpleLazyObject(partial(menu, "admin", request)),
    }
