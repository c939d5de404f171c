"""Accounts: made, changed, unlocked, disabled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from ...agencies.actions import add_staff
from ...agencies.models import Agency, Staff
from ...ledger.actions import Actor, Fact, Refused, action, record, record_all
from .. import events, identity
from ..idle import idle_rule
from ..models import Account, AccountKind, Person

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,59}")


class AccountFields(TypedDict, total=False):
    """What `change_account` may change."""

    display_name: str
    email: str
    phone: str


@action
def create_account(
    username: str,
    *,
    kind: str,
    display_name: str,
    person: Person | None = None,
    email: str = "",
    phone: str = "",
    password: str | None = None,
    by: Actor,
    at: datetime,
) -> Account:
    """Make an account; without a password its owner comes in by an invitation or by VNeID.

    A username begins with a letter, so that nobody's number becomes a name. Raises `Refused`
    naming the field that is wrong: username (malformed or taken), password (too weak), phone.
    """
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        message = _("A username has 3 to 60 letters without marks, digits, dots or hyphens, and begins with a letter.")
        raise Refused("username_malformed", message, field="username", status=422)
    account = Account(
        username=username,
        kind=kind,
        person=person,
        display_name=identity.full_name(display_name),
        email=email.strip().lower(),
        phone=identity.phone(phone),
        created_at=at,
    )
    _set_password(account, password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as wrong:
        raise Refused("username_taken", _("Another account has this username."), field="username") from wrong
    record(events.AccountCreated(kind, person.pk if person else None), subject=account, by=by, at=at)
    return account


@action
def change_account(account: Account, *, by: Actor, at: datetime, **fields: Unpack[AccountFields]) -> Account:
    """Change how an account's owner is shown and reached. Raises `Refused` naming the field."""
    account = _locked(account)
    values: dict[str, str] = {}
    if "display_name" in fields:
        values["display_name"] = identity.full_name(fields["display_name"])
    if "phone" in fields:
        values["phone"] = identity.phone(fields["phone"])
    if "email" in fields:
        values["email"] = fields["email"].strip().lower()
    changed = sorted(name for name, value in values.items() if getattr(account, name) != value)
    for name in changed:
        setattr(account, name, values[name])
    if changed:
        account.save(update_fields=changed)
        record(events.AccountChanged(changed), subject=account, by=by, at=at)
    return account


@action
def change_password(account: Account, password: str, *, by: Actor, at: datetime) -> Account:
    """Set a new password; all other sessions of the account end. Raises `Refused` when it is too weak."""
    account = _locked(account)
    _set_password(account, password)
    account.failed_logins, account.locked_until, account.one_time_until = 0, None, None
    account.save(update_fields=["password", "failed_logins", "locked_until", "one_time_until"])
    record(events.PasswordChanged(), subject=account, by=by, at=at)
    return account


@action
def unlock_account(account: Account, *, by: Actor, at: datetime) -> Account:
    """Let an account sign in again after too many failures. Nothing happens when it is not locked."""
    account = _locked(account)
    if account.failed_logins or account.locked_until is not None:
        account.failed_logins, account.locked_until = 0, None
        account.save(update_fields=["failed_logins", "locked_until"])
        record(events.AccountUnlocked(), subject=account, by=by, at=at)
    return account


@action
def disable_account(account: Account, *, reason: str = "administrator", by: Actor, at: datetime) -> Account:
    """Close an account: nobody signs in with it and its sessions end. Raises `Refused` for one's own."""
    account = _locked(account)
    if by.id == str(account.pk):
        raise Refused("own_account", _("Ask another administrator to disable your own account."))
    if account.disabled_at is None:
        account.disabled_at = at
        account.save(update_fields=["disabled_at"])
        record(events.AccountDisabled(reason), subject=account, by=by, at=at)
    return account


@action
def enable_account(account: Account, *, by: Actor, at: datetime) -> Account:
    """Open a disabled account again; its idle time begins anew."""
    account = _locked(account)
    if account.disabled_at is not None:
        account.disabled_at, account.last_seen_at = None, at
        account.save(update_fields=["disabled_at", "last_seen_at"])
        record(events.AccountEnabled(), subject=account, by=by, at=at)
    return account


@action
def disable_idle(*, by: Actor, at: datetime) -> int:
    """Disable officials' accounts unused for as long as `idle.idle_rule` says, and say how many; run daily.

    Citizens come once a year and hold no rights over others; their accounts stay open.
    """
    rule = idle_rule(at)
    if rule is None:
        return 0
    accounts = list(_unused(at - rule.after).select_for_update(skip_locked=True))
    if accounts:
        Account.objects.filter(pk__in=[a.pk for a in accounts]).update(disabled_at=at)
        record_all([Fact(events.AccountDisabled("idle"), a) for a in accounts], by=by, at=at)
    return len(accounts)


@action
def warn_idle(*, by: Actor, at: datetime) -> list[tuple[Account, UUID, datetime]]:
    """Mark whose account is soon disabled for lying idle: the account, the entry, and when; each once per idleness."""
    rule = idle_rule(at)
    if rule is None:
        return []
    soon = _unused(at - rule.after + rule.warned).filter(Q(idle_warned_at=None) | Q(idle_warned_at__lt=F("seen")))
    warned = []
    for account in soon.select_for_update(skip_locked=True):
        until = max(account.seen + rule.after, at + timedelta(days=1))  # not before they can have read it
        warned.append((account, Fact(events.AccountIdleWarned(until), account), until))
    if warned:
        Account.objects.filter(pk__in=[account.pk for account, *_rest in warned]).update(idle_warned_at=at)
        record_all([fact for _account, fact, _until in warned], by=by, at=at)
    return [(account, fact.id, until) for account, fact, until in warned]


def _unused(since: datetime) -> QuerySet[Account, Any]:
    used = Coalesce("last_seen_at", "created_at")
    return Account.objects.annotate(seen=used).filter(kind=AccountKind.OFFICIAL, disabled_at=None, seen__lte=since)


@action
def appoint(
    username: str,
    agency: Agency,
    *,
    display_name: str = "",
    email: str = "",
    phone: str = "",
    roles: Sequence[str],
    title: str = "",
    capacity: str = "",
    by: Actor,
    at: datetime,
) -> Staff:
    """Give an official a post; the account is made when nobody has the username yet.

    Raises `Refused` as `create_account` and `add_staff` do.
    """
    account = Account.objects.filter(username=username.strip().lower()).first()
    if account is None:
        account = create_account(
            username, kind=AccountKind.OFFICIAL, display_name=display_name, email=email, phone=phone, by=by, at=at
        )
    return add_staff(account, agency, roles=roles, title=title, capacity=capacity, by=by, at=at)


def _locked(account: Account) -> Account:
    return Account.objects.select_for_update().get(pk=account.pk)


def _set_password(account: Account, password: str | None) -> None:
    if password is None:
        account.set_unusable_password()
        return
    try:
        validate_password(password, account)
    except ValidationError as wrong:
        raise Refused("password_weak", " ".join(wrong.messages), field="password", status=422) from wrong
    account.set_password(password)
