"""One HTTP call to a provider: what may be tried again, and what may not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import urllib3

from .outgoing import TIMEOUT, UndeliverableError

_POOL = urllib3.PoolManager(timeout=TIMEOUT, retries=False)  # the job tries again; redirects are no providers
PATIENCE = {408, 425, 429}  # "later" in the words of a 4xx


class BusyError(Exception):
    """The provider is there and cannot just now; the job tries again."""


AWAY = (BusyError, OSError, urllib3.exceptions.HTTPError)  # everything that may pass by itself


def post(channel: str, url: str, *, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
    """The answer to a POST, 2xx. Raises UndeliverableError for 4xx and redirects, BusyError for 5xx and
    "later", urllib3's HTTPError where nobody answers. Neither body nor address is in any of them."""
    answer = _POOL.request("POST", url, body=body, headers=dict(headers), redirect=False)
    if answer.status >= 500 or answer.status in PATIENCE:
        raise BusyError(f"{channel}:{answer.status}")
    if answer.status >= 300:
        raise UndeliverableError(f"{channel}:{answer.status}")
    return answer


def post_json(channel: str, url: str, value: Mapping[str, Any], **headers: str) -> dict[str, Any]:
    """`post` of JSON; the answer's JSON object. Raises BusyError where the answer is none."""
    body = json.dumps(value, ensure_ascii=False).encode()
    answer = post(channel, url, body=body, headers={"Content-Type": "application/json", **headers})
    try:
        return dict(json.loads(answer.data))
    except (ValueError, TypeError):
        raise BusyError(f"{channel}:unreadable") from None
