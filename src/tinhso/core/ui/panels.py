"""Places on a page where other packages show something of theirs.

The page has a slot, `{% slot "dossier.below_applicant" dossier %}`; a package answers in its
room `panels.py`::

    @panel("dossier.below_applicant", order=20)
    def payments(request, dossier) -> str | None:
        return render_to_string("payments/panel.html", {...}, request)

None shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

Panel = Callable[[HttpRequest, Any], "str | None"]

_PANELS: dict[str, list[tuple[int, Panel]]] = {}


def panel(slot: str, order: int = 100) -> Callable[[Panel], Panel]:
    """Register a function (request, subject) → rendered HTML or None for a slot."""

    def register(function: Panel) -> Panel:
        _PANELS.setdefault(slot, []).append((order, function))
        return function

    return register


def fill(slot: str, request: HttpRequest, subject: Any = None) -> SafeString:
    """The rendered panels of a slot, in order. Panels return template output, which is escaped there."""
    rows = sorted(_PANELS.get(slot, ()), key=lambda pair: pair[0])
    shown = (show(request, subject) for _order, show in rows)
    return mark_safe("".join(html for html in shown if html))  # noqa: S308 each panel's template has escaped it
