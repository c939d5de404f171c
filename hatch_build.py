"""Builds pages and translations before a wheel is packed, so that neither Node nor a compiler is needed later."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuiltParts(BuildHookInterface):
    """An editable install skips it: `make frontend messages` builds into the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            self.call("frontend/build.py", "build")
            self.call("src/tinhso/cli/translations.py", "compile_messages")
            build_data["artifacts"] += ["src/tinhso/static/tinhso", "src/tinhso/core/letters/typefaces", "*.mo"]

    def call(self, script: str, function: str) -> None:
        runpy.run_path(str(Path(self.root, script)))[function]()
