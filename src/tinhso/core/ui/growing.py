"""A page that grows while long work is done: its beginning at once, a line for each thing done, its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils import translation

MARK = "<!-- lines -->"


def growing_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], lines: Iterable[str]
) -> StreamingHttpResponse:
    """The page of `template`, with `lines` (HTML) where it says `{{ mark|safe }}`, each sent as soon as it is there.

    Whoever leaves the page ends the work after the line under way, so each thing is kept before its line is told.
    """
    language = translation.get_language() or "vi"

    def parts() -> Iterator[str]:
        with translation.override(language):
            before, after = render_to_string(template, {**context, "mark": MARK}, request).split(MARK)
            yield before
            yield from lines
            yield after

    # No compression and no buffer on the way may hold lines back.
    return StreamingHttpResponse(parts(), headers={"Content-Encoding": "identity", "X-Accel-Buffering": "no"})
