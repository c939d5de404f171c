"""Sending, outside any transaction."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation

from ..jobs import job
from . import kinds
from .channels import CHANNELS, UndeliverableError, recipient_known
from .models import Delivery, State


@job("notify.deliver", queue="mail")
def deliver(delivery: str) -> None:
    """Send one delivery. At least once: a crash after the sending repeats it under the same Message-ID."""
    row = Delivery.objects.select_related("notice__account__person", "notice__person").filter(pk=UUID(delivery)).first()
    if row is None or row.state != State.WAITING:
        return  # erased, or sent before
    channel = CHANNELS[row.channel]
    to = recipient_known(row)
    if not channel.configured():
        row.state = State.NOT_CONFIGURED
    elif not to:
        row.state = State.NO_ADDRESS
    else:
        subject, text = letter(row)
        try:
            channel.send(to=to, subject=subject, text=text, message_id=row.message_id)
            row.state, row.sent_at = State.SENT, timezone.now()
        except UndeliverableError as refused:
            row.state, row.detail = State.REFUSED, refused.code
    row.save(update_fields=["state", "sent_at", "detail"])


def letter(row: Delivery) -> tuple[str, str]:
    """Subject and text of a message: Vietnamese first, English below, since a mailbox says no language."""
    parts = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            parts.append(kinds.words(row.notice))
    text = "\n\n—\n\n".join(f"{w.title}\n\n{w.body}\n\n{settings.TINHSO.base_url}{w.url}" for w in parts)
    return parts[0].title, text + "\n"
