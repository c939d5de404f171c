"""Background work of signatures. Each may run any number of times."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from pyhanko.sign.timestamps import TimestampRequestError

from ..jobs.registry import job
from . import queries, revocation, stamps, upkeep
from .models import Preparation, Upkeep

log = logging.getLogger(__name__)
AT_ONCE = 200  # documents of one round


@job("signing.stamp", queue="letters")
def stamp(kind: str, document: str) -> None:
    """Put the time-stamp on that a document waits for; the authority away: tried again, later and later."""
    row = Upkeep.objects.filter(kind=kind, document=UUID(document)).first()
    if row is not None:
        upkeep.renew(row, at=timezone.now())


@job("signing.upkeep", queue="letters", every="*/10 * * * *")
def catch_up() -> None:
    """Time-stamps that were missed or are due again. Stops at once while the authority is away."""
    round_of(timezone.now())


def round_of(at: datetime) -> int:
    """One round of `catch_up`; returns how many documents were stamped."""
    if stamps.authority() is None:
        return 0
    due = Upkeep.objects.filter(Q(unstamped_since__isnull=False) | Q(renew_at__lte=at))
    done = 0
    for row in due.order_by("unstamped_since", "renew_at")[:AT_ONCE]:
        try:
            done += upkeep.renew(row, at=at)
        except TimestampRequestError as error:
            log.warning("no time-stamps for now: %s", error)
            break
    return done


@job("signing.care", every="40 18 * * *")  # 01:40 in Việt Nam
def care() -> None:
    """Ask issuers about every certificate in force; forget prepared signatures past their time."""
    now = timezone.now()
    Preparation.objects.filter(expires_at__lt=now).delete()
    for certificate in queries.in_force(now):
        if revocation.publishes(certificate.identity):
            revocation.keep(certificate, revocation.ask(certificate.identity), at=now)
