"""All addresses. Every package brings its `urls.py`; no list is edited for a new one."""

from __future__ import annotations

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule
from django.views.i18n import set_language

from tinhso.core.ui import health
from tinhso.core.ui.access import API_PREFIX

from .discovery import installed


def discovered() -> list[URLPattern | URLResolver]:
    """Pages of core first, then of each system, at the addresses they state; then the API."""
    found: list[URLPattern | URLResolver] = []
    names = installed()
    for name in [
        "tinhso.core.ui",
        *(n for n in names if n.startswith("tinhso.systems.")),
    ]:
        module = apps.get_app_config(name.rpartition(".")[2]).module
        if module is not None and module_has_submodule(module, "urls"):
            found.append(path("", include(f"{name}.urls")))
    return [*found, path(API_PREFIX, include("tinhso.core.api.urls"))]


urlpatterns = [
    path("health", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    *discovered(),
    path("ngon-ngu", set_language, name="set_language"),
    path("", include("tinhso.core.ui.pages.accounts.library_urls")),
]

handler400 = "tinhso.core.ui.errors.bad_request"
handler403 = "tinhso.core.ui.errors.forbidden"
handler404 = "tinhso.core.ui.errors.not_found"
handler500 = "tinhso.core.ui.errors.server_error"
