"""What notifications hold of a person: that they were told something, when, and by which code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ..accounts.copies import empty, whole
from ..accounts.holdings import Held, Holding, register
from ..accounts.models import Person
from ..ledger.actions import Actor
from . import kinds
from .models import Device, Digest, Notice, Preference


def _of(person: Person) -> QuerySet[Notice]:
    return Notice.objects.filter(Q(person=person) | Q(account__person=person)).order_by("at")


def _items(person: Person) -> Iterable[Held]:
    for notice in _of(person):
        words = kinds.words(notice)
        yield Held(_("Notification"), words.title, notice.at, words.url)


def _export(person: Person) -> Any:
    choice = Preference.objects.filter(person=person).values("off", "digest", "quiet_from", "quiet_to").first()
    return {
        "notices": [
            {"kind": n.kind, "params": n.params, "at": n.at.isoformat(), "read_at": n.read_at and n.read_at.isoformat()}
            for n in _of(person)
        ],
        "choice": choice,
        "browsers": [
            {"label": d.label, "at": d.added_at.isoformat()} for d in Device.objects.filter(account__person=person)
        ],
    }


def _erase(person: Person, by: Actor, at: datetime) -> None:
    _of(person).delete()  # deliveries with their addresses go along
    Device.objects.filter(account__person=person).delete()
    Preference.objects.filter(Q(person=person) | Q(account__person=person)).delete()
    Digest.objects.filter(Q(person=person) | Q(account__person=person)).delete()


register(Holding("notify", _("Notifications"), _items, _export, _erase))

# What is on its way out, and where to, stays behind in an anonymised copy; notices hold codes and times.
empty("notify.delivery", "notify.device", "notify.digest")
whole("notify.notice", "notify.preference", "notify.kindsetting")
