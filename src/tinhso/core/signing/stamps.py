"""Trusted time: time-stamps by an RFC 3161 authority (`TSA_URL`).

The authority may be away. Then signing goes on, `Upkeep` remembers since when, a job catches up by
a document time-stamp (ETSI EN 319 142-1 counts it for B-T as well), and past `TSA_GRACE_HOURS` new
signatures stop: a province must not pile up signatures whose time nobody can prove.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import tsp
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from ..ledger.actions import Refused
from .models import Upkeep

log = logging.getLogger(__name__)

PATIENCE = 4  # seconds for one answer
REST = 30.0  # seconds without trying after a failure, so that signing many does not wait for each


class StampAuthority(RequestsHTTPTimeStamper):
    """The configured authority, as pyHanko asks it."""

    def __init__(self, url: str) -> None:
        super().__init__(url, timeout=PATIENCE)  # type: ignore[no-untyped-call]  # pyHanko's is untyped
        self.resting_until = 0.0

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> Any:
        if time.monotonic() < self.resting_until:
            raise TimestampRequestError("the time-stamping authority did not answer a moment ago")
        try:
            return await super().async_request_tsa_response(req)
        except TimestampRequestError:
            raise
        except (OSError, ValueError) as error:  # requests' own errors are OSErrors; an answer may be no DER
            raise TimestampRequestError(f"{type(error).__name__}") from error

    def failed(self) -> None:
        """Leave it alone for a moment."""
        self.resting_until = time.monotonic() + REST


_authorities: dict[str, StampAuthority] = {}


def authority() -> StampAuthority | None:
    """The configured authority; None where there is none."""
    url = settings.TINHSO.tsa
    if not url:
        return None
    return _authorities.setdefault(url, StampAuthority(url))


def trying(make: Any) -> tuple[bytes, bool]:
    """`make(stamper)` with a time-stamp, or without when the authority is away: the bytes, and whether stamped."""
    stamper = authority()
    if stamper is not None:
        try:
            return make(stamper), True
        except TimestampRequestError as error:
            log.warning("no time-stamp: %s", error)
            stamper.failed()
    return make(None), False


def not_too_far_behind(at: datetime) -> None:
    """Raises `Refused("stamps_behind")` when a signature has waited for its time-stamp too long."""
    if authority() is None:
        return
    grace = timedelta(hours=settings.TINHSO.tsa_grace_hours)
    if Upkeep.objects.filter(unstamped_since__lt=at - grace).exists():
        raise Refused(
            "stamps_behind",
            _(
                "The time-stamping service has been out of reach for more than %(hours)d hours, so nothing more is "
                "signed until it is back. Nothing is lost; tell the administrator."
            )
            % {"hours": settings.TINHSO.tsa_grace_hours},
            status=503,
        )
