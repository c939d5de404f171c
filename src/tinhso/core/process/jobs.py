"""Waits that end by themselves."""

from __future__ import annotations

from django.utils import timezone

from tinhso.core.jobs import job
from tinhso.core.ledger.actions import Actor, Refused

from .graph import KINDS
from .models import Task


@job("process.expire")
def expire(task: str) -> None:
    """End a wait for the applicant whose time is over, as the system that answers its kind does it."""
    now = timezone.now()
    found = Task.objects.filter(pk=task, closed_at=None, due_at__lte=now).first()
    end = KINDS[found.kind].expire if found else None
    if found is None or end is None:
        return
    try:
        end(found, Actor.system("process"), now)
    except Refused as refused:
        if refused.code != "already_done":  # the applicant answered at this very moment
            raise
