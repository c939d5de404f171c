"""Sending what waits: one after the other for each dossier, several dossiers at once, outside any transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from tinhso.core.jobs.registry import wait_after
from tinhso.core.ledger.queries import timeline
from tinhso.core.process.queries import done_by
from tinhso.systems.dossiers.models import Dossier

from . import channel
from .channel import AwayError, Refusal
from .models import Call, Item, Link, State, Told
from .payload import dossier_payload
from .progress import step_payload, words_of
from .standing import standings

log = logging.getLogger(__name__)
WINDOW = 64  # items looked at together
AT_ONCE = 4  # calls under way at the same time: so one thread of the worker is enough
_SPACE = 0x6E70  # "np": keeps these locks apart from other users of advisory locks
SENDING, FETCHING = 1, 2


@contextmanager
def alone(what: int = SENDING) -> Iterator[bool]:
    """Whether nobody else is sending (or fetching), who then cannot until we are through. A process that dies loses its
    connection and with it the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_SPACE, what])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SPACE, what])


def waiting() -> QuerySet[Item]:
    """Items that may go now, in the order of the ledger: of a dossier with a refused item none."""
    parked = Item.objects.filter(dossier=OuterRef("dossier"), state=State.REJECTED)
    return Item.objects.filter(~Exists(parked), state=State.WAITING).order_by("order")


def resting(at: datetime) -> datetime | None:
    """Until when nothing is sent, because the portal did not answer; None where it may be asked."""
    return Link.objects.filter(again_at__gt=at).values_list("again_at", flat=True).first()


def due(at: datetime) -> bool:
    """Whether something may be sent at that moment."""
    return channel.configured() and not resting(at) and waiting().exists()


def send_some(at: datetime) -> int:
    """Send the next item of each of some dossiers; returns how many the portal took. Rests, with growing pauses up to
    480 s, while it is away.

    What became of each is written down before the next of the same dossier goes: a crash in between sends that one
    once more, as the same bytes.
    """
    heads: dict[Any, Item] = {}
    for item in waiting()[:WINDOW]:
        heads.setdefault(item.dossier_id, item)
    taken, fault = 0, ""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="portal") as threads:
        under_way: dict[Future[Any], Item] = {}
        for item in heads.values():
            if (body := _body(item)) is not None:
                under_way[threads.submit(channel.call, item.call, request=str(item.pk), **body)] = item
        for one in as_completed(under_way):
            try:
                one.result()
            except AwayError as away:
                fault = away.fault
            except Refusal as refusal:
                _refused(under_way[one], refusal, at)
            else:
                _taken(under_way[one], at)
                taken += 1
    if taken:
        Link.objects.update(success_at=at)
    if fault:
        _rest(fault, at)
        return 0
    Link.objects.update(tries=0, again_at=None, away_since=None, fault="")
    return taken


def _body(item: Item) -> dict[str, Any] | None:
    """The call whole: after this no question to the database is needed to send it. None where it cannot be made."""
    try:
        return _made(item)
    except Dossier.DoesNotExist:
        return None  # erased at this moment, and the item with it
    except Exception as error:
        # A fault of ours in one dossier: it is parked where people look, and holds up nobody else's.
        log.exception("national portal: entry %s cannot be told", item.entry_id)
        _refused(item, Refusal(f"here:{type(error).__name__}"[:20], "", ""), item.at)
        return None


def _made(item: Item) -> dict[str, Any]:
    related = ("variant__version__procedure__field", "applicant", "business")
    dossier = Dossier.objects.select_related(*related).get(pk=item.dossier_id)
    happenings = timeline(dossier)
    standing = standings(happenings)[item.entry_id]
    if item.call == Call.DOSSIER:
        known = Told.objects.filter(pk=dossier.pk).exists()
        return {"isUpdating": str(known), "data": [dossier_payload(dossier, standing)]}
    one = next(one for one in happenings if one.id == item.entry_id)
    return {"data": [step_payload(dossier, one, standing, done_by(dossier), words_of(dossier))]}


def _taken(item: Item, at: datetime) -> None:
    if item.call == Call.DOSSIER:
        Told.objects.bulk_create([Told(dossier_id=item.dossier_id, at=at)], ignore_conflicts=True)
    _note(item, at, State.SENT, Refusal("", "", ""))


def _refused(item: Item, said: Refusal, at: datetime) -> None:
    log.warning("national portal refuses %s of entry %s: %s %s", item.call, item.entry_id, said.code, said.field)
    _note(item, at, State.REJECTED, said)


def _note(item: Item, at: datetime, state: State, said: Refusal) -> None:
    changes = {"code": said.code, "field": said.field, "reason": said.reason}
    Item.objects.filter(pk=item.pk).update(state=state, tries=F("tries") + 1, tried_at=at, **changes)


def _rest(fault: str, at: datetime) -> None:
    link, _new = Link.objects.get_or_create(pk=1)
    again = at + wait_after(link.tries)
    log.warning("national portal does not answer (%s), tried again at %s", fault, again)
    Link.objects.update(tries=link.tries + 1, again_at=again, fault=fault[:60], away_since=link.away_since or at)
