"""`POST /message/template` of ZNS, and `POST /v4/oa/access_token`, whose refresh tokens work once."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from ..exchange import Handler, Server, Taken

APP_ID, APP_SECRET, FIRST = "demo-app", "demo-secret", "demo-refresh-token"
TEMPLATES = {"7895417": ("title",), "7895418": ("code", "title")}  # number → the params its text needs
LIFE = 90_000  # seconds an access token lives
BAD_TOKEN, BAD_PHONE, BAD_TEMPLATE, BAD_DATA, NO_ACCOUNT = -124, -108, -109, -1121, -118


class ZaloServer(Server):
    """Knows which refresh tokens were used up, and the one access token that is good.

    It keeps nothing over a restart: then any token of its own kind is taken once.
    """

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        super().__init__(address, handler)
        self.used: set[str] = set()
        self.access = ""


class ZaloHandler(Handler):
    """HTTP 200 also for refusals, as Zalo does; `error` says which."""

    name = "Zalo ZNS"
    server: ZaloServer

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/v4/oa/access_token":
            return self._token(body)
        if path != "/message/template":
            raise LookupError(path)
        error = self._refused(body)
        if error:
            return {"error": error, "message": "refused"}
        # A tracking id marks a call for its sender; here a known one is taken and not shown twice.
        self.server.memory.take(Taken(str(body["tracking_id"]), str(body["phone"]), str(body["template_data"])))
        sent = str(int(time.time() * 1000))
        return {"error": 0, "message": "Success", "data": {"msg_id": secrets.token_hex(8), "sent_time": sent}}

    def _refused(self, body: dict[str, Any]) -> int:
        if not self.server.access or self.headers.get("access_token") != self.server.access:
            return BAD_TOKEN
        phone = str(body.get("phone", ""))
        if not re.fullmatch(r"84[35789]\d{8}", phone):
            return BAD_PHONE
        needed = TEMPLATES.get(str(body.get("template_id")))
        if needed is None:
            return BAD_TEMPLATE
        if any(not body.get("template_data", {}).get(name) for name in needed):
            return BAD_DATA
        return NO_ACCOUNT if phone.endswith("000") else 0

    def _token(self, body: dict[str, Any]) -> dict[str, Any]:
        with self.server.memory.lock:
            good = self.headers.get("secret_key") == APP_SECRET and body.get("app_id") == APP_ID
            refresh = str(body.get("refresh_token"))
            if not good or not refresh.startswith(FIRST) or refresh in self.server.used:
                return {"error": -14014, "error_name": "Invalid refresh token"}
            self.server.used.add(refresh)
            self.server.access = secrets.token_urlsafe(24)
            fresh = f"{FIRST}-{secrets.token_urlsafe(24)}"
            return {"access_token": self.server.access, "refresh_token": fresh, "expires_in": str(LIFE)}
