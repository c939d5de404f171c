"""Pages of core. Each module in `pages/` brings its own `urlpatterns`; names live under `ui:`."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from django.urls import URLPattern, URLResolver

from . import pages

app_name = "ui"
urlpatterns: list[URLPattern | URLResolver] = []
for _module in pkgutil.iter_modules(pages.__path__):
    urlpatterns += getattr(import_module(f"{pages.__name__}.{_module.name}"), "urlpatterns", [])
