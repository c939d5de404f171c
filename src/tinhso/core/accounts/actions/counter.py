"""Accounts opened at a counter: an official has the person and the ID card before them.

Also the way back in for whoever lost a password and has no mail: the same visit, a new
one-time password on paper.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Unpack

from django.utils.translation import gettext as _

from ...ledger.actions import Actor, Refused, action, record
from .. import events
from ..models import Account
from .accounts import change_password
from .persons import Details, identify

ONE_TIME_FOR = timedelta(days=7)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another on paper
_GIVEN_BY_US = re.compile(r"c[0-9a-f]{32}")


@action
def open_at_counter(
    national_id: str, *, full_name: str, card_seen: bool, by: Actor, at: datetime, **details: Unpack[Details]
) -> tuple[Account, str]:
    """The citizen account of a person who stands at the counter, and a one-time password for it.

    Made where there is none; one that exists gets a new one-time password, its old one is void.
    Name and details are taken over from the card. The password is changed at first sign-in and
    void after seven days. The second factor, if there is one, stays. Raises `Refused` unless the
    card was compared (`card_seen`), and for what is wrong on the form, naming its field.
    """
    if not card_seen:
        message = _("Compare the card with the person in front of you first.")
        raise Refused("card_not_seen", message, field="card_seen", status=422)
    account = identify(national_id, full_name=full_name, by=by, at=at, **details)
    if account.disabled_at is not None:
        raise Refused("account_disabled", _("This account is disabled. An administrator has to open it again first."))
    password = "-".join("".join(secrets.choice(_LETTERS) for _position in range(4)) for _group in range(3))
    account = change_password(account, password, by=by, at=at)
    if _GIVEN_BY_US.fullmatch(account.username):
        account.username = _readable(full_name)
    account.one_time_until = at + ONE_TIME_FOR
    account.save(update_fields=["one_time_until", "username"])
    record(events.PasswordHandedOut(account.one_time_until, "id_card"), subject=account, by=by, at=at)
    return account, password


def _readable(full_name: str) -> str:
    """`Nguyễn Thị Hoa` → `hoa48213`: short enough to copy from paper, not in use yet."""
    given = unicodedata.normalize("NFD", full_name.split()[-1].lower().replace("đ", "d"))
    letters = re.sub(r"[^a-z]", "", given)[:20] or "dan"
    while True:
        name = f"{letters}{secrets.randbelow(90_000) + 10_000}"
        if not Account.objects.filter(username=name).exists():
            return name
