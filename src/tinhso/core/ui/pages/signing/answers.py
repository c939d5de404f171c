"""JSON for the page's own script: a refusal is an answer with a code and words."""

from __future__ import annotations

import base64
import binascii
import functools
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tinhso.core.ledger.actions import Refused

from ...request import Request

View = Callable[..., dict[str, Any]]


def answers(view: View) -> Callable[..., HttpResponse]:
    """A view that gets `asked` (the JSON of the request) and returns what is answered as JSON."""

    @functools.wraps(view)
    def run(request: Request, **parts: Any) -> HttpResponse:
        try:
            asked = json.loads(request.body)
            if not isinstance(asked, dict):
                raise ValueError
            return JsonResponse(view(request, asked, **parts))
        except (ValueError, KeyError, TypeError):
            return JsonResponse({"error": "unreadable", "words": _("The request could not be read.")}, status=400)
        except Refused as refusal:
            return JsonResponse({"error": refusal.code, "words": str(refusal)}, status=refusal.status)

    return require_POST(run)


def der(text: Any) -> bytes:
    """Bytes from base64. Raises ValueError."""
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None


def text(data: bytes | memoryview) -> str:
    """Base64 of bytes."""
    return base64.b64encode(bytes(data)).decode()
