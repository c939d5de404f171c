"""Zalo Notification Service (ZNS): texts that Zalo approved beforehand, sent to a telephone number.

`POST {ZALO_URL}/message/template` with the header `access_token`; HTTP is 200 also for refusals, `error`
in the body says which (0 is success). A token lives about a day; it is renewed at
`{ZALO_OAUTH_URL}/v4/oa/access_token` by a refresh token that works once, so both are kept in
`DATA_DIR/keys/zalo.json` and replaced together. `tracking_id` is ours and the same at every try.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from ..models import Notice
from .http import BusyError, post, post_json
from .outgoing import Outgoing, UndeliverableError
from .phone import masked, mobile, phone_of

log = logging.getLogger(__name__)
BAD_TOKEN = -124
LATER = {-100, -32}  # unknown error; too many calls a minute
MARGIN = timedelta(hours=6)  # a token that ends sooner is renewed: an outage of some hours does no harm


class Zalo:
    """`ZALO_URL`, `ZALO_APP_ID`, `ZALO_APP_SECRET`, and the first `ZALO_REFRESH_TOKEN`."""

    name = "zalo"
    wakes = True

    def configured(self) -> bool:
        service = settings.TINHSO.zalo
        return bool(service.url and service.app_id and (service.refresh_token or _kept()))

    def address_of(self, notice: Notice) -> str:
        return phone_of(notice)

    def send(self, message: Outgoing) -> None:
        if not message.template:
            raise UndeliverableError("zalo:no_template")  # an administrator enters its number first
        value = {
            "phone": f"84{mobile(message.to)}",
            "template_id": message.template,
            "template_data": dict(message.params),
            "tracking_id": message.message_id.strip("<>").partition("@")[0][-48:],
        }
        answer = post_json(self.name, f"{settings.TINHSO.zalo.url}/message/template", value, access_token=token())
        error = answer.get("error", -100)
        if error == 0:
            return
        log.warning("zalo to %s: the provider answers %s", masked(message.to), error)
        if error == BAD_TOKEN:
            renew(timezone.now())
        if error in LATER or error == BAD_TOKEN:
            raise BusyError(f"zalo:{error}")
        raise UndeliverableError(f"zalo:{error}"[:20])


def _file() -> Path:
    return Path(settings.TINHSO.keys_dir) / "zalo.json"


def _kept() -> dict[str, Any]:
    try:
        return dict(json.loads(_file().read_text()))
    except FileNotFoundError:
        return {}


def token() -> str:
    """The access token in use; the first one is fetched. Raises as `renew`."""
    return str(_kept().get("access_token") or renew(timezone.now()))


def ends_soon(at: datetime) -> bool:
    """Whether the token should be renewed by now."""
    return datetime.fromisoformat(_kept().get("expires_at", "2000-01-01T00:00:00+00:00")) - MARGIN < at


def renew(at: datetime) -> str:
    """Exchange the refresh token for a new pair and keep it. Raises UndeliverableError where Zalo refuses:
    then a person enters a new ZALO_REFRESH_TOKEN and removes `keys/zalo.json`."""
    service = settings.TINHSO.zalo
    used = _kept().get("refresh_token") or service.refresh_token
    form = {"refresh_token": used, "app_id": service.app_id, "grant_type": "refresh_token"}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "secret_key": service.app_secret}
    url = f"{service.oauth_url}/v4/oa/access_token"
    answer = json.loads(post("zalo", url, body=urlencode(form).encode(), headers=headers).data)
    if "access_token" not in answer:
        now = _kept()
        if now.get("refresh_token") not in (None, used):
            return str(now["access_token"])  # another process was first
        raise UndeliverableError(f"zalo:token:{answer.get('error', '')}"[:20])
    expires = at + timedelta(seconds=int(answer.get("expires_in", 90_000)))
    fresh = _file().with_name(f".zalo.{secrets.token_hex(4)}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(
            {
                "access_token": answer["access_token"],
                "refresh_token": answer["refresh_token"],
                "expires_at": expires.isoformat(),
            },
            file,
        )
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(_file())
    return str(answer["access_token"])
