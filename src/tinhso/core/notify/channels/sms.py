"""SMS under the province's registered name (brandname), by the protocol of eSMS.vn.

`POST …/SendMultipleMessage_V4_post_json/`, JSON. `RequestId` is ours and the same at every try: the
provider drops doubles for 24 hours (CodeResult 124). 100 is success, 99 "try later"; every other code
is for a person: a wrong key, no money, a name that is not registered.
"""

from __future__ import annotations

import logging

from django.conf import settings

from ..models import Notice
from .http import BusyError, post_json
from .outgoing import Outgoing, UndeliverableError
from .phone import masked, phone_of
from .plain import unmarked

log = logging.getLogger(__name__)
CUSTOMER_CARE = "2"  # SmsType: news of one's own affairs, no advertising
LONGEST = 306  # two parts of 153 letters; without marks, for one mark halves what a part holds
TAKEN, KNOWN, LATER = "100", "124", "99"


class Sms:
    """`SMS_URL`, `SMS_KEY`, `SMS_SECRET`, `SMS_BRANDNAME`."""

    name = "sms"
    wakes = True

    def configured(self) -> bool:
        service = settings.TINHSO.sms
        return bool(service.url and service.key and service.brandname)

    def address_of(self, notice: Notice) -> str:
        return phone_of(notice)

    def send(self, message: Outgoing) -> None:
        service, words = settings.TINHSO.sms, message.words[0]
        text = unmarked(f"{words.title}. {words.body}")
        answer = post_json(
            self.name,
            service.url,
            {
                "ApiKey": service.key,
                "SecretKey": service.secret,
                "Brandname": service.brandname,
                "SmsType": CUSTOMER_CARE,
                "IsUnicode": "0",
                "Phone": message.to,
                "Content": text[:LONGEST],
                "RequestId": message.message_id.strip("<>").partition("@")[0][-50:],
            },
        )
        code = str(answer.get("CodeResult", ""))
        if code in (TAKEN, KNOWN):
            return
        log.warning("sms to %s: the provider answers %s", masked(message.to), code[:8])
        if code in (LATER, ""):
            raise BusyError(f"sms:{code or 'unreadable'}")
        raise UndeliverableError(f"sms:{code[:8]}")
