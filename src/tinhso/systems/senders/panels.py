"""The way to files of applications, below the list at the counter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from tinhso.core.ui.panels import panel


@panel("counter.more", order=50)
def many(request: HttpRequest, _subject: Any) -> str:
    """Shown to whoever may see the counter."""
    return render_to_string("senders/panel.html", {}, request)
