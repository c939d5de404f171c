"""Telling people, and marking what they have read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..ledger.actions import action, subject_of
from . import kinds
from .channels import CHANNELS
from .jobs import deliver
from .models import Delivery, Device, Notice, State
from .queries import channels_of, of_account

_NAMESPACE = UUID("5f0b2c0e-7c1d-4b55-8a0e-2d9b6f3c4a10")


@dataclass(frozen=True)
class Recipient:
    """An account (officials, citizens signed in), or a person who may have none.

    `email` is where mail goes if not to the recipient's own address, such as the one given in a form.
    """

    account: UUID | None = None
    person: UUID | None = None
    email: str = ""

    def __post_init__(self) -> None:
        if (self.account is None) == (self.person is None):
            raise ValueError("a recipient is an account or a person")

    @property
    def id(self) -> UUID:
        return self.account or self.person  # type: ignore[return-value]  # exactly one is there


@dataclass(frozen=True)
class Message:
    """What one entry tells one recipient."""

    kind: str
    to: Recipient
    subject: models.Model | tuple[str, UUID]
    entry: UUID
    at: datetime
    params: Mapping[str, kinds.Param] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """The same however often the entry is read."""
        return uuid5(_NAMESPACE, f"{self.entry}:{self.to.id}:{self.kind}")


def notify(
    kind: str,
    *,
    to: Recipient,
    subject: models.Model | tuple[str, UUID],
    entry: UUID,
    at: datetime,
    params: Mapping[str, kinds.Param] | None = None,
) -> UUID:
    """Tell one recipient; see `notify_all`. Returns the notice's id."""
    message = Message(kind, to, subject, entry, at, params or {})
    notify_all([message])
    return message.id


@action
def notify_all(messages: Iterable[Message]) -> int:
    """Tell recipients, each once per entry and kind, in the caller's transaction; returns how many were new.

    Meant for ledger consumers. Raises KeyError for a kind that nobody declared.
    """
    by_id = {message.id: message for message in messages}
    known = set(Notice.objects.filter(pk__in=by_id).values_list("pk", flat=True))
    new = [message for id_, message in by_id.items() if id_ not in known]
    ways = channels_of({message.kind for message in new})
    devices = _with_devices(new) if any("push" in way for way in ways.values()) else set()
    deliveries = [delivery for message in new for delivery in _deliveries(message, ways[message.kind], devices)]
    # Another consumer may tell the same at this moment: whoever comes second changes nothing.
    Notice.objects.bulk_create([_notice(message) for message in new], ignore_conflicts=True)
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    deliver.defer_many([{"delivery": str(d.pk)} for d in deliveries if d.state == State.WAITING])
    return len(new)


def _notice(message: Message) -> Notice:
    subject_kind, subject_id = subject_of(message.subject)
    return Notice(
        id=message.id,
        account_id=message.to.account,
        person_id=message.to.person,
        kind=kinds.get(message.kind).name,
        subject_kind=subject_kind,
        subject_id=subject_id,
        entry_id=message.entry,
        params=kinds.stored(message.params),
        at=message.at,
    )


def _with_devices(messages: list[Message]) -> set[UUID]:
    """Those of the recipients, accounts or persons, who turned notifications on in a browser."""
    ids = {message.to.id for message in messages}
    found = Device.objects.filter(Q(account__in=ids) | Q(account__person__in=ids))
    return {one for pair in found.values_list("account", "account__person") for one in pair if one}


def _deliveries(message: Message, ways: Iterable[str], devices: set[UUID]) -> Iterable[Delivery]:
    host = urlsplit(settings.TINHSO.base_url).hostname or "localhost"
    for name in ways:
        if name == "push" and message.to.id not in devices:
            continue  # opt-in: without a device there is nothing to say about it
        yield Delivery(
            id=uuid5(message.id, name),
            notice_id=message.id,
            channel=name,
            address=message.to.email if name == "email" else "",
            state=State.WAITING if CHANNELS[name].configured() else State.NOT_CONFIGURED,
            message_id=f"<{message.entry}.{message.id.hex[:12]}@{host}>",
        )


def mark_read(user: Any, *, at: datetime, notice: UUID | None = None) -> int:
    """Mark one of a reader's own notices as read, or all of them; leaves no entry in the ledger."""
    unread = of_account(user).filter(read_at=None)
    return (unread.filter(pk=notice) if notice else unread).update(read_at=at)
