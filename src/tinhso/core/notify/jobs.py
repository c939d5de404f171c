"""Sending, outside any transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..jobs import job
from . import kinds, unsubscribe
from .channels import CHANNELS, Outgoing, UndeliverableError, recipient_known, zalo
from .manners import manners, preference_of, quiet_until
from .models import Delivery, Digest, KindSetting, Notice, State

_NAMESPACE = UUID("b0f3d3c2-2c55-4a3e-9a77-5a0f0a1f1c44")


@job("notify.deliver", queue="mail")
def deliver(delivery: str) -> None:
    """Send one delivery. At least once: a crash after the sending repeats it under the same Message-ID."""
    deliver_at(UUID(delivery), timezone.now())


def deliver_at(delivery: UUID, at: datetime) -> None:
    """`deliver` at a stated time: sent, put off to the morning or the summary, or said why not."""
    row = Delivery.objects.select_related("notice__account__person", "notice__person").filter(pk=delivery).first()
    if row is None or row.state != State.WAITING:
        return  # erased, sent before, or decided otherwise
    channel, choice = CHANNELS[row.channel], preference_of(row.notice)
    required = kinds.get(row.notice.kind).required
    if not channel.configured():
        row.state = State.NOT_CONFIGURED
    elif choice and row.channel in choice.off and not required:
        row.state = State.OFF
    elif row.channel == "email" and choice and choice.digest and not required:
        row.state = State.COLLECTED
    elif channel.wakes and (morning := quiet_until(at, choice)):
        deliver.defer(not_before=morning, delivery=str(row.pk))
        return
    elif not (to := recipient_known(row)):
        row.state = State.NO_ADDRESS
    else:
        try:
            channel.send(outgoing(row, to))
            row.state, row.sent_at = State.SENT, at
        except UndeliverableError as refused:
            row.state, row.detail = State.REFUSED, refused.code
    row.save(update_fields=["state", "sent_at", "detail"])


def outgoing(row: Delivery, to: str) -> Outgoing:
    """A delivery in every language, with what the kind's provider needs and the way to stop it."""
    stop = "" if kinds.get(row.notice.kind).required else unsubscribe.address(row.notice)
    setting = KindSetting.objects.filter(pk=row.notice.kind).first()
    all_words = in_all_languages([row.notice], stop)
    values = {key: str(value) for key, value in kinds.shown(row.notice).items()}
    params = {"title": all_words[0].title, "body": all_words[0].body, **values}
    return Outgoing(to, all_words, row.message_id, setting.zalo_template if setting else "", params, stop)


def in_all_languages(notices: list[Notice], stop: str) -> tuple[kinds.Words, ...]:
    """Vietnamese first. Several notices become the words of one summary."""
    found = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            every = [replace(w, url=settings.TINHSO.base_url + w.url) for w in map(kinds.words, notices)]
            one = every[0] if len(every) == 1 else _summary(every)
            found.append(replace(one, note=_note(notices[0], stop)))
    return tuple(found)


def _summary(every: Iterable[kinds.Words]) -> kinds.Words:
    every = list(every)
    title = _("%(count)d notifications today") % {"count": len(every)}
    body = "\n\n".join(f"• {w.title}\n  {w.body}\n  {w.url}" for w in every)
    return kinds.Words(title, body, f"{settings.TINHSO.base_url}/thong-bao/")


def _note(notice: Notice, stop: str) -> str:
    if stop:
        return _("To receive no more mail like this: %(address)s") % {"address": stop}
    return str(kinds.get(notice.kind).required)


@job("notify.digests", queue="mail", every="5 * * * *")
def digests() -> None:
    """Gather what waits for the summary of the day, once the hour has come."""
    digests_at(timezone.now())


def digests_at(at: datetime) -> None:
    """`digests` at a stated time. One a day for each recipient; what comes later waits for tomorrow's."""
    here = timezone.localtime(at)
    if here.time() < manners(here.date()).digest_at:
        return
    waiting = Delivery.objects.filter(state=State.COLLECTED, digest=None).select_related("notice__account")
    by_holder: dict[tuple[str, UUID], list[UUID]] = {}
    for row in waiting.order_by("notice__at"):
        by_holder.setdefault(unsubscribe.holder_of(row.notice), []).append(row.pk)
    for (kind, pk), rows in by_holder.items():
        with transaction.atomic():
            digest, new = Digest.objects.get_or_create(
                pk=uuid5(_NAMESPACE, f"{pk}:{here.date()}"), defaults={f"{kind}_id": pk, "day": here.date()}
            )
            if new:
                Delivery.objects.filter(pk__in=rows, digest=None).update(digest=digest)
                send_digest.defer(digest=str(digest.pk))


@job("notify.send_digest", queue="mail")
def send_digest(digest: str) -> None:
    """Send one summary; at least once, under the same Message-ID."""
    one = Digest.objects.filter(pk=UUID(digest), state=State.WAITING).first()
    if one is None:
        return
    rows = list(
        one.deliveries.select_related("notice__account__person", "notice__person").order_by("notice__at", "notice_id")
    )
    channel, state, detail, at = CHANNELS["email"], State.SENT, "", timezone.now()
    to = next(filter(None, map(recipient_known, rows)), "")
    if not channel.configured():
        state = State.NOT_CONFIGURED
    elif not to:
        state = State.NO_ADDRESS
    else:
        stop = unsubscribe.address(rows[0].notice)
        host = urlsplit(settings.TINHSO.base_url).hostname or "localhost"
        words = in_all_languages([row.notice for row in rows], stop)
        try:
            channel.send(Outgoing(to, words, f"<{one.pk}@{host}>", unsubscribe=stop))
        except UndeliverableError as refused:
            state, detail = State.REFUSED, refused.code
    sent_at = at if state == State.SENT else None
    with transaction.atomic():
        Digest.objects.filter(pk=one.pk).update(state=state, sent_at=sent_at)
        one.deliveries.update(state=state, detail=detail, sent_at=sent_at)


@job("notify.renew_zalo", queue="mail", every="25 * * * *")
def renew_zalo() -> None:
    """Exchange Zalo's token before it ends; nothing to do where Zalo is not set up."""
    now = timezone.now()
    if CHANNELS["zalo"].configured() and zalo.ends_soon(now):
        zalo.renew(now)
