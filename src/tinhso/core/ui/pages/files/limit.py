"""Refuses a request that is too large by what it says of itself, before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tinhso.core.files.uploads import request_limit

from ...errors import too_large


class UploadLimit:
    """413 in plain words for a Content-Length over the limit.

    WSGI gives no more bytes than Content-Length says, so this bounds what any upload may fill.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.META.get("CONTENT_LENGTH") or "0"
        if said.isdigit() and int(said) > request_limit():
            response = too_large(request)
            response["Connection"] = "close"
            return response
        return self.get_response(request)
