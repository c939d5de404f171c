"""The wire: one session, one address, JSON (standards §2; OpenCPS v2 for session, madonvi and service).

`POST login {username, password}` → `{session}`; `POST call {session, madonvi, service, …}` → `{error_code, message,
result}`. "0" and "00" say yes. The real portal's ways in are configuration; nothing of it is a constant here.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

import urllib3
from django.conf import settings

TIMEOUT = 20  # seconds for one call
Portal = Any  # the configuration's; systems import none of it
YES = ("0", "00")
NO_SESSION = ("401", "403")  # error_code or HTTP status: open another session
LATER = {408, 425, 429}
_POOL = urllib3.PoolManager(timeout=TIMEOUT, retries=False, maxsize=8)
_lock = threading.Lock()
_session: dict[Portal, str] = {}


class AwayError(Exception):
    """Nobody answers, cannot just now, or does not let us in: nothing is wrong with what we say. `fault` is for
    machines, without words of either side."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Refusal(Exception):
    """The portal has read it and says no."""

    code: str
    field: str
    reason: str


def configured() -> bool:
    """Whether it is known where the portal is, and who we are there."""
    portal = settings.TINHSO.national_portal
    return bool(portal.url and portal.unit and portal.user and portal.password)


def call(service: str, request: str = "", **fields: Any) -> Any:
    """The `result` of a service. `request` is the same at every try of the same thing.

    Raises Refusal where the portal says no, AwayError for everything that may pass by itself.
    """
    portal = settings.TINHSO.national_portal
    for last in (False, True):
        body = {"session": _open(portal, afresh=last), "madonvi": portal.unit, "service": service, **fields}
        answer = _post(portal, portal.call_path, body, request)
        code = str(answer.get("error_code", ""))
        if code not in NO_SESSION:
            break
    if code in YES:
        return answer.get("result")
    if code in NO_SESSION:
        raise AwayError("credentials")
    if not code:
        raise AwayError("unreadable")
    field, reason = answer.get("field") or answer.get("error_field") or "", answer.get("message") or ""
    raise Refusal(code[:20], str(field)[:120], str(reason)[:500])


def _open(portal: Portal, *, afresh: bool) -> str:
    with _lock:
        if afresh or portal not in _session:
            answer = _post(portal, portal.login_path, {"username": portal.user, "password": portal.password}, "")
            if not answer.get("session"):
                raise AwayError("credentials")
            _session[portal] = str(answer["session"])
        return _session[portal]


def _post(portal: Portal, path: str, body: dict[str, Any], request: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if portal.destination:
        headers["dstcode"] = portal.destination
    if request:
        headers["X-Request-Id"] = request
    data = json.dumps(body, ensure_ascii=False).encode()
    try:
        answer = _POOL.request("POST", portal.url + path, body=data, headers=headers, redirect=False)
    except (OSError, urllib3.exceptions.HTTPError) as error:
        raise AwayError(type(error).__name__) from None  # its words name addresses
    if str(answer.status) in NO_SESSION:
        return {"error_code": str(answer.status)}
    if answer.status >= 500 or answer.status in LATER:
        raise AwayError(f"http:{answer.status}")
    if answer.status >= 300:
        raise Refusal(f"http:{answer.status}", "", "")
    try:
        return dict(json.loads(answer.data))
    except (ValueError, TypeError):
        raise AwayError("unreadable") from None


def fetch(path: str, most: int) -> bytes:
    """The bytes of a paper that an application names by a path at the portal's own address, at most `most`.

    Raises Refusal where it is not there or larger, AwayError where it may come later.
    """
    portal = settings.TINHSO.national_portal
    headers = {"Authorization": f"Bearer {_open(portal, afresh=False)}"}
    try:
        answer = _POOL.request("GET", portal.url + path, headers=headers, redirect=False, preload_content=False)
        try:
            if answer.status >= 500 or answer.status in LATER or str(answer.status) in NO_SESSION:
                raise AwayError(f"http:{answer.status}")
            data = answer.read(most + 1) if answer.status < 300 else b""
        finally:
            answer.drain_conn()
            answer.release_conn()
    except (OSError, urllib3.exceptions.HTTPError) as error:
        raise AwayError(type(error).__name__) from None
    if answer.status >= 300:
        raise Refusal(f"http:{answer.status}", "TaiLieuNop.DuongDanTaiTepTin", "")
    if len(data) > most:
        raise Refusal("too_large", "TaiLieuNop.DuongDanTaiTepTin", "")
    return data
