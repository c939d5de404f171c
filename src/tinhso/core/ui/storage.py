"""Addresses of built files. `frontend/build.mjs` hashes names and writes the manifest read here,
so nothing is collected or rewritten at start-up and the files may be cached for ever."""

from __future__ import annotations

import json
import re
from functools import cached_property

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage

HASHED = re.compile(r"\.[0-9A-Za-z]{8,10}\.\w+\Z")


class BuiltFiles(StaticFilesStorage):
    """Static files whose plain names stand in `tinhso/manifest.json` for hashed ones."""

    @cached_property
    def manifest(self) -> dict[str, str]:
        """Plain name → hashed name; empty where the frontend was not built (some tests)."""
        try:
            return dict(json.loads((settings.STATICFILES_DIRS[0] / "tinhso/manifest.json").read_text()))
        except FileNotFoundError:
            return {}

    def url(self, name: str | None) -> str:
        return super().url(self.manifest.get(name or "", name))


def immutable(path: str, url: str) -> bool:
    """Whether whitenoise may tell browsers to keep a file for ever: its name holds its hash."""
    return "/tinhso/" in url and HASHED.search(url) is not None
