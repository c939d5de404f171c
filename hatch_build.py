"""Builds the frontend before a wheel is packed, so that a wheel needs no Node where it is installed."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontendHook(BuildHookInterface):  # type: ignore[type-arg]
    """An editable install skips it: `make frontend` builds into the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            runpy.run_path(str(Path(self.root, "frontend", "build.py")))["build"]()
            build_data["artifacts"] += ["src/tinhso/static/tinhso", "src/tinhso/core/letters/typefaces"]
