"""Pages of core. Each module or package in `pages/` brings its own `urlpatterns` (a package in its
`urls.py`); all names live under `ui:`."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from django.urls import URLPattern, URLResolver

from . import pages

app_name = "ui"
urlpatterns: list[URLPattern | URLResolver] = []
for _found in pkgutil.iter_modules(pages.__path__):
    _name = f"{pages.__name__}.{_found.name}" + (".urls" if _found.ispkg else "")
    urlpatterns += getattr(import_module(_name), "urlpatterns", [])
