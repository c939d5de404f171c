"""Signing in and out: guesses are counted in the database, for every process alike.

An attempt is counted before the password is looked at, in one statement, so that no number
of parallel guesses gets more than five tries (TCVN 14423:2026), and nothing is locked while
the slow hash runs. The fifth attempt locks at once; a right password takes the lock away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ...ledger.actions import Actor, Fact, Refused, action, record, record_all
from .. import directory, events
from ..models import Account, Attempt
from ..queries import account_of_login, by_directory
from .directory import link_to_directory, still_listed

if TYPE_CHECKING:
    from ..ldap import Directory

log = structlog.get_logger(__name__)
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
WINDOW = timedelta(minutes=15)
FAILURES_PER_ADDRESS = 60  # in a window; a whole office may share one address

_BEGIN = """
UPDATE accounts_account SET
    failed_logins = CASE WHEN locked_until IS NULL THEN failed_logins + 1 ELSE 1 END,
    locked_until = CASE WHEN locked_until IS NULL AND failed_logins + 1 >= %s THEN %s::timestamptz END
WHERE id = %s AND (locked_until IS NULL OR locked_until <= %s)
RETURNING failed_logins
"""
_COUNT = """
INSERT INTO accounts_attempt (address, "window", failures) VALUES (%s, %s, 1)
ON CONFLICT (address, "window") DO UPDATE SET failures = accounts_attempt.failures + 1
"""


@dataclass(frozen=True)
class Attempted:
    """How an attempt went: the account, or why not."""

    account: Account | None = None
    refused: Refused | None = None


def password_attempt(login: str, password: str, *, address: str, at: datetime) -> Attempted:
    """Try a username, telephone number or e-mail address with a password.

    An unknown name takes as long as a wrong password and says the same.
    """
    if _failures(address, at) >= FAILURES_PER_ADDRESS:
        return Attempted(refused=_too_many())
    account = account_of_login(login)
    where = directory.configured()
    if account is not None and where is not None and by_directory(account):
        return _directory_attempt(account, password, where, address=address, at=at)
    if account is None or not account.has_usable_password():
        make_password(password)
        _count_failure(address, at)
        return Attempted(refused=_mismatch())
    tries = begin_attempt(account, at=at)
    if tries is None:
        return Attempted(refused=locked(account, at))
    if not account.check_password(password):
        _count_failure(address, at)
        fail_attempt(account, tries, method="password", at=at)
        return Attempted(refused=locked(account, at) if tries >= TRIES else _mismatch())
    end_attempt(account)
    if not account.is_active:
        return Attempted(refused=Refused("account_disabled", disabled_message(), status=403))
    if account.one_time_until is not None and at > account.one_time_until:
        return Attempted(refused=Refused("one_time_void", _one_time_void(), status=403))
    return Attempted(account)


def _directory_attempt(account: Account, password: str, where: Directory, *, address: str, at: datetime) -> Attempted:
    """Counted like any other try, so that nobody locks an entry of the directory through us."""
    tries = begin_attempt(account, at=at)
    if tries is None:
        return Attempted(refused=locked(account, at))
    try:
        entry = where.find_id(account.directory_id) if account.directory_id else where.find(account.username)
        right = entry is not None and where.check(entry, password)
    except directory.DirectoryAway as away:
        log.warning("directory_away", error=str(away))
        end_attempt(account)
        return Attempted(refused=_away())
    if entry is None and account.directory_id:
        still_listed(account, at=at)
        account.refresh_from_db(fields=["disabled_at"])
    elif entry is None or not right:
        _count_failure(address, at)
        fail_attempt(account, tries, method="directory", at=at)
        return Attempted(refused=locked(account, at) if tries >= TRIES else _mismatch())
    end_attempt(account)
    if entry is None or not account.is_active:
        return Attempted(refused=Refused("account_disabled", disabled_message(), status=403))
    try:
        return Attempted(link_to_directory(account, entry.id, at=at))
    except Refused as refused:
        return Attempted(refused=refused)


def begin_attempt(account: Account, *, at: datetime) -> int | None:
    """Count one try before it is made: which one in a row it is, or None while the account is locked."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [TRIES, at + LOCKED_FOR, account.pk, at])
        row = cursor.fetchone()
    return row[0] if row else None


def end_attempt(account: Account) -> None:
    """The try was right: forget the count."""
    Account.objects.filter(pk=account.pk).update(failed_logins=0, locked_until=None)


@action
def fail_attempt(account: Account, tries: int, *, method: str, at: datetime) -> None:
    """The try was wrong: record it, and the lock if it was the fifth in a row."""
    facts = [Fact(events.SignInFailed(method, tries), account)]
    if tries >= TRIES:
        facts.append(Fact(events.AccountLocked(at + LOCKED_FOR), account))
    record_all(facts, by=Actor.system("public"), at=at)


@action
def signed_in(account: Account, *, method: str, second_factor: bool, at: datetime) -> None:
    """Someone came in; `method` is password, vneid, passkey or directory."""
    Account.objects.filter(pk=account.pk).update(last_login=at, last_seen_at=at, failed_logins=0, locked_until=None)
    record(events.SignedIn(method, second_factor), subject=account, by=_self(account), at=at)


@action
def signed_out(account: Account, *, reason: str = "asked", at: datetime) -> None:
    """Someone left, or was idle for too long (`reason` idle)."""
    record(events.SignedOut(reason), subject=account, by=_self(account), at=at)


@action
def second_factor_changed(account: Account, *, kind: str, state: str, at: datetime) -> None:
    """The sign-in library added, removed or renewed a second factor."""
    record(events.SecondFactorChanged(kind, state), subject=account, by=_self(account), at=at)


def sweep_attempts(*, at: datetime) -> int:
    """Forget failures older than a day; run daily. Says how many rows went."""
    return Attempt.objects.filter(window__lt=at - timedelta(days=1)).delete()[0]


def locked(account: Account, at: datetime) -> Refused:
    """The refusal of a locked account: how long it stays so."""
    until = Account.objects.values_list("locked_until", flat=True).get(pk=account.pk)
    minutes = max(1, -int((at - until).total_seconds() // 60)) if until else 1
    message = ngettext(
        "Five wrong tries in a row. Sign-in is locked; try again in %(minutes)s minute.",
        "Five wrong tries in a row. Sign-in is locked; try again in %(minutes)s minutes.",
        minutes,
    )
    return Refused("account_locked", message % {"minutes": minutes}, status=429)


def disabled_message() -> str:
    return _("This account is disabled. Ask your agency's administrator to open it again.")


def _away() -> Refused:
    message = _(
        "The staff directory does not answer, so your password cannot be checked. Try again in a few minutes; "
        "your administrator can let you in with a link."
    )
    return Refused("directory_away", message, status=503)


def _one_time_void() -> str:
    return _("This one-time password is no longer valid. Any counter gives you a new one.")


def _mismatch() -> Refused:
    return Refused("sign_in_failed", _("The name or the password is not right."), status=401)


def _too_many() -> Refused:
    message = _("There were too many wrong tries from here. Wait fifteen minutes, then try again.")
    return Refused("too_many_tries", message, status=429)


def _window(at: datetime) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds(), at.tzinfo)


def _failures(address: str, at: datetime) -> int:
    row = Attempt.objects.filter(address=address, window=_window(at)).values_list("failures", flat=True).first()
    return row or 0


def _count_failure(address: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [address, _window(at)])


def _self(account: Account) -> Actor:
    return Actor("account", str(account.pk))
