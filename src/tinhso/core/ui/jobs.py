"""Daily care of accounts and sessions. It stands here because accounts lie below the layer of jobs."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from tinhso.core.accounts import actions
from tinhso.core.jobs import job
from tinhso.core.ledger.actions import Actor, one_change
from tinhso.core.notify.actions import Message, Recipient, notify_all

from .reminders import remind_all


@job("accounts.care", every="15 18 * * *")  # 01:15 in Việt Nam
def care() -> None:
    """Warn and disable officials who stay away; forget failed tries and sessions past their time."""
    now, by = timezone.now(), Actor.system("jobs")
    with one_change():
        for one, entry, until in actions.warn_idle(by=by, at=now):
            to = Recipient(account=one.pk, email=one.email)
            notify_all([Message("account.idle_warned", to, one, entry, now, {"until": until})])
    actions.disable_idle(by=by, at=now)
    actions.sweep_attempts(at=now)
    SessionStore.clear_expired()


@job("signing.remind", every="0 1 * * *")  # 08:00 in Việt Nam
def remind() -> None:
    """Tell holders whose certificates are about to end."""
    remind_all(timezone.now())


@job("accounts.directory", every="5 * * * *")
def compare_with_directory() -> None:
    """Disable officials' accounts that the staff directory has disabled; nothing where there is none."""
    actions.sync_directory(at=timezone.now())
