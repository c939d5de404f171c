"""A reader's own notices."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from .models import Notice

MANY = 99  # a badge shows no more


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
