"""The guide to configuration, made from `config.Config` itself so that it is never behind."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticUndefined

from tinhso.config.config import Config

HEAD = """# Configuration

Every choice an operator has. A value comes from the environment, else from `DATA_DIR/tinhso.env` (lines
`NAME=value`), else it is the default. `tinhso check` says what production would refuse, and why.

This page is made by `tinhso configuration > docs/guide/configuration.md`; a test finds it out of date.

| name | default | what it is |
|---|---|---|
"""


def markdown() -> str:
    """The page `docs/guide/configuration.md`."""
    rows = (
        f"| `{field.alias}` | {_shown(field.default)} | {(field.description or '').replace('|', chr(92) + '|')} |\n"
        for field in Config.model_fields.values()
    )
    return HEAD + "".join(rows)


def _shown(default: Any) -> str:
    if default is PydanticUndefined or default == "":
        return ""
    return f"`{int(default) if isinstance(default, bool) else default}`"
