"""Catalogues of translations: compiled at install, and complete by a check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib

PACKAGE = Path(__file__).resolve().parent.parent
LANGUAGE = "vi"

# Functions of gettext, and which of their arguments are (context, message).
_CALLS: dict[str, tuple[int | None, int]] = dict.fromkeys(
    ("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"), (None, 0)
)
_CALLS |= dict.fromkeys(("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"), (0, 1))
_TEMPLATE_CALL = re.compile(rf"\b({'|'.join(_CALLS)})\(((?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|[^()'\"])*)\)")


class Text(NamedTuple):
    """One text to translate and where it is first said."""

    context: str | None
    message: str
    where: str


def catalogues(root: Path = PACKAGE) -> list[Path]:
    """Every `.po` under `root`."""
    return sorted(root.rglob("locale/*/LC_MESSAGES/django.po"))


def compile_messages(root: Path = PACKAGE) -> int:
    """Write the `.mo` beside each `.po` that changed; returns how many were written."""
    written = 0
    for path in catalogues(root):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        fresh = target.with_suffix(".mo.new")
        polib.pofile(str(path)).save_as_mofile(str(fresh))
        fresh.replace(target)
        written += 1
    return written


def faults(root: Path = PACKAGE) -> Iterator[str]:
    """Texts without a Vietnamese translation, and translations that are not finished."""
    known: set[tuple[str | None, str]] = set()
    for path in catalogues(root):
        if path.parts[-3] != LANGUAGE:
            continue
        for entry in polib.pofile(str(path)):
            if entry.obsolete:
                continue
            if entry.fuzzy or not (entry.msgstr or (all(entry.msgstr_plural.values()) and entry.msgstr_plural)):
                yield f"{path.relative_to(root)}:{entry.linenum}: not translated: {entry.msgid!r}"
            known.add((entry.msgctxt, entry.msgid))
    said: set[tuple[str | None, str]] = set()
    for text in texts(root):
        key = (text.context, text.message)
        if key not in known and key not in said:
            said.add(key)
            yield f"{text.where}: no Vietnamese for {text.message!r}"


def texts(root: Path = PACKAGE) -> Iterator[Text]:
    """Every text of the product that passes through gettext, from code and templates."""
    for path in sorted(root.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _of_code(path.read_text(), str(path.relative_to(root)))
    for folder in sorted(root.rglob("templates")):
        for path in sorted(folder.rglob("*.*")):
            if path.suffix in {".html", ".txt", ".xml", ".svg"}:
                yield from _of_template(path.read_text(), str(path.relative_to(root)))


def _of_code(source: str, where: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source, where)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in _CALLS:
            yield from _of_arguments(name, node.args, f"{where}:{node.lineno}")


def _of_template(source: str, where: str) -> Iterator[Text]:
    from django.utils.translation.template import templatize

    plain = templatize(source, origin=where)
    for match in _TEMPLATE_CALL.finditer(plain):
        # templatize leaves holes such as `ngettext('…','…',count)`: the last argument may be anything.
        strings = re.findall(r"u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"", match[2], re.DOTALL)
        arguments: list[ast.expr] = [ast.Constant(ast.literal_eval(string.replace("\n", "\\n"))) for string in strings]
        yield from _of_arguments(match[1], arguments, f"{where}:{plain.count(chr(10), 0, match.start()) + 1}")


def _of_arguments(name: str, arguments: list[ast.expr], where: str) -> Iterator[Text]:
    context_at, message_at = _CALLS[name]
    values = [node.value if isinstance(node, ast.Constant) else None for node in arguments]
    message = values[message_at] if len(values) > message_at else None
    if isinstance(message, str) and message:
        context = values[context_at] if context_at is not None else None
        yield Text(context if isinstance(context, str) else None, message, where)
