"""`POST /MainService.svc/json/SendMultipleMessage_V4_post_json/` as eSMS.vn documents it."""

from __future__ import annotations

import re
from typing import Any

from ..exchange import Handler, Taken

PATH = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
KEY, SECRET, BRANDNAME = "demo-key", "demo-secret", "TINHSO"
OK, BAD_KEY, BAD_NAME, DOUBLE, BAD_PHONE, TOO_LONG = "100", "101", "104", "124", "99999", "131"


class SmsHandler(Handler):
    """Checks what the provider checks, in its order."""

    name = "SMS"

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path != PATH:
            raise LookupError(path)
        code = self._code(body)
        return {"CodeResult": code, "CountRegenerate": 0, **({"SMSID": body["RequestId"]} if code == OK else {})}

    def _code(self, body: dict[str, Any]) -> str:
        text = str(body.get("Content", ""))
        if (body.get("ApiKey"), body.get("SecretKey")) != (KEY, SECRET):
            return BAD_KEY
        if body.get("Brandname") != BRANDNAME:
            return BAD_NAME
        if not re.fullmatch(r"0[35789]\d{8}", str(body.get("Phone", ""))):
            return BAD_PHONE
        if not text.isascii() or len(text) > 422:
            return TOO_LONG
        return OK if self.server.memory.take(Taken(str(body["RequestId"]), str(body["Phone"]), text)) else DOUBLE
