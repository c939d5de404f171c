"""The demo tells its simulator of the portal everything."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from tinhso.core.ledger.actions import Actor
from tinhso.systems.dossiers import demo as dossiers
from tinhso.systems.dossiers.models import Dossier

from . import actions, channel
from .models import Link


def load(progress: Callable[[str], None]) -> None:
    """Begin with the oldest dossier, once."""
    if not channel.configured() or Link.objects.filter(since__isnull=False).exists():
        return
    dossiers.load(progress)
    progress("the national portal (simulator)")
    first = Dossier.objects.order_by("submitted_at").first()
    day = timezone.localdate(first.submitted_at) if first else timezone.localdate()
    actions.begin(day, by=Actor.system("demo"), at=timezone.now())
