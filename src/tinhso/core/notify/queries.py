"""A reader's own notices and choices, and how the ways out are doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, Q

from ..accounts.models import Account, Person
from . import kinds
from .channels import CHANNELS, Channel
from .models import Delivery, Device, KindSetting, Notice, Preference, State

MANY = 99  # a badge shows no more
LATELY = timedelta(days=7)


def of_account(user: Any) -> models.QuerySet[Notice]:
    """Notices to an account, and to the person whose account it is; none for visitors. Newest first."""
    if not user.is_authenticated:
        return Notice.objects.none()
    mine = Q(account=user.pk)
    if user.person_id:
        mine |= Q(person=user.person_id)
    return Notice.objects.filter(mine).order_by("-at", "-id")


def unread_count(user: Any) -> int:
    """How many notices wait to be read, counted up to one over `MANY`."""
    return of_account(user).filter(read_at=None).order_by()[: MANY + 1].count()


def preference(holder: tuple[str, UUID]) -> Preference:
    """The choice of a holder, `("person", id)` or `("account", id)`; an unsaved default where there is none."""
    kind, pk = holder
    return Preference.objects.filter(**{kind: pk}).first() or Preference(**{f"{kind}_id": pk})


def holder_of(user: Any) -> tuple[str, UUID]:
    """Whose choice an account's is: its person's where it has one."""
    return ("person", user.person_id) if user.person_id else ("account", user.pk)


def holder_exists(holder: tuple[str, UUID]) -> bool:
    """Whether a holder is still there: an erased person's mail may still lie in a mailbox."""
    kind, pk = holder
    model: type[models.Model] = Person if kind == "person" else Account
    return model._default_manager.filter(pk=pk).exists()


def devices_of(user: Any) -> models.QuerySet[Device]:
    """The browsers in which an account is told, newest first."""
    return Device.objects.filter(account=user).order_by("-added_at")


def channels_of(names: set[str]) -> dict[str, tuple[str, ...]]:
    """The ways out of each kind: an administrator's choice, else the kind's own."""
    chosen = dict(KindSetting.objects.filter(kind__in=names).values_list("kind", "channels"))
    return {name: tuple(chosen[name]) if name in chosen else kinds.get(name).channels for name in names}


@dataclass(frozen=True)
class Way:
    """A channel as administrators see it: set up or not, and what became of the last seven days."""

    channel: Channel
    configured: bool
    counts: dict[State, int]

    @property
    def shown(self) -> list[tuple[str, int]]:
        """Counts with the words of their states."""
        return [(str(state.label), count) for state, count in self.counts.items()]

    @property
    def refused(self) -> int:
        return self.counts.get(State.REFUSED, 0)


def ways(at: datetime) -> list[Way]:
    """Every channel; deliveries of the last seven days by state."""
    recent = (
        Delivery.objects.filter(notice__at__gte=at - LATELY).values_list("channel", "state").annotate(n=Count("pk"))
    )
    found: dict[str, dict[State, int]] = {}
    for channel, state, count in recent:
        found.setdefault(channel, {})[State(state)] = count
    return [Way(one, one.configured(), found.get(name, {})) for name, one in CHANNELS.items()]
