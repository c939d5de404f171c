"""Sending and fetching, outside any transaction. Neither ever gives up."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.utils import timezone

from tinhso.core.jobs import job

from . import catalogue, channel, incoming, sending
from .channel import AwayError
from .models import Item, Link, State

log = logging.getLogger(__name__)
LONGEST_RUN = 20.0  # seconds; then others have the thread, and the rest is another job's
KEPT = timedelta(days=30)  # for which what was sent can be looked up


@job("national_portal.send", queue="portal")
def send() -> None:
    """Send what waits. Of several at once one works, and takes along what comes meanwhile."""
    until = time.monotonic() + LONGEST_RUN
    while sending.due(timezone.now()):
        with sending.alone() as mine:
            if not mine:
                return
            while time.monotonic() < until and sending.send_some(timezone.now()):
                pass
        if again := sending.resting(timezone.now()):
            send.defer(not_before=again)
            return
        if time.monotonic() >= until:
            send.defer()
            return


@job("national_portal.look", queue="portal", every="* * * * *")
def look() -> None:
    """Each minute: send what a lost job left behind."""
    if sending.due(timezone.now()):
        send.defer()


def begun() -> bool:
    """Whether the portal is set up and an official has begun the exchange."""
    return channel.configured() and Link.objects.filter(since__isnull=False).exists()


@job("national_portal.fetch", queue="portal")
def fetch(number: str = "") -> None:
    """Take in what people handed in at the portal, or one application once more. An outage is the next minute's."""
    now = timezone.now()
    if not begun() or sending.resting(now):
        return
    try:
        incoming.take_all(now, number)
    except AwayError as away:
        log.warning("national portal: applications cannot be fetched (%s)", away.fault)
        return
    Link.objects.update(fetched_at=now)


@job("national_portal.fetch_all", queue="portal", every="* * * * *")
def fetch_each_minute() -> None:
    """`fetch`, each minute; one at a time."""
    with sending.alone(sending.FETCHING) as mine:
        if mine:
            fetch()


@job("national_portal.catalogue", queue="portal", every="15 18 * * *")
def read_catalogue() -> None:
    """The catalogue, at night; what fails is tried again with back-off."""
    if begun():
        catalogue.read_all(timezone.now())


@job("national_portal.forget_sent", queue="housekeeping", every="27 20 * * *")
def forget_sent() -> None:
    """Items that the portal took are kept for a while only; that it has the dossier stays known."""
    Item.objects.filter(state=State.SENT, tried_at__lt=timezone.now() - KEPT).delete()
