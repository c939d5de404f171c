"""Finding persons, accounts and clients."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from ..agencies.models import Staff
from ..agencies.queries import scope
from ..ledger.actions import Refused
from ..ledger.models import Entry
from . import crypto, directory, events, identity
from .models import Account, AccountKind, ApiClient, Authority, AuthoritySet, Business, Person


def find_person(national_id: str) -> Person | None:
    """The person of a national ID, by its keyed hash. Raises `Refused` for a malformed number."""
    return Person.objects.filter(id_hash=crypto.keyed_hash(identity.national_id(national_id))).first()


def find_business(code: str) -> Business | None:
    """The business of an enterprise code, however it is written; None for a malformed code too."""
    try:
        return Business.objects.filter(code=identity.enterprise_code(code)).first()
    except Refused:
        return None


def authorities_of(person: Person | UUID | None, at: datetime) -> AuthoritySet:
    """For which businesses a person acts at that moment; none for nobody."""
    held = Authority.objects.open_at(at).filter(person=person) if person else Authority.objects.none()
    return held.select_related("business").order_by("business__name", "pk")


def authority_of(person: Person | UUID | None, business: UUID, at: datetime) -> Authority | None:
    """By which authority a person acts for this business at that moment."""
    return authorities_of(person, at).filter(business=business).first()


def account_of_login(login: str) -> Account | None:
    """The account meant by a username, a telephone number or an e-mail address; None when not exactly one."""
    login = login.strip().lower()
    account = Account.objects.filter(username=login).first()
    if account is not None or not login:
        return account
    if "@" in login:
        found = Account.objects.filter(email=login, disabled_at=None)[:2]
    else:
        try:
            found = Account.objects.filter(phone=identity.phone(login), disabled_at=None)[:2]
        except Refused:
            return None
    return found[0] if len(found) == 1 else None


def by_directory(account: Account) -> bool:
    """Whether the staff directory, not we, knows this account's password."""
    official = account.kind == AccountKind.OFFICIAL
    return official and directory.configured() is not None and not account.has_usable_password()


def token_hash(token: str) -> bytes:
    """SHA-256 of a bearer token of 256 random bits, which needs no salt."""
    return hashlib.sha256(token.encode()).digest()


def client_of(token: str, at: datetime) -> ApiClient | None:
    """The API client that holds this token and may use it at that moment."""
    valid = Q(valid_to=None) | Q(valid_to__gt=at)
    clients = ApiClient.objects.select_related("account", "agency")
    return clients.filter(
        valid,
        device_kind="",
        token_hash=token_hash(token),
        valid_from__lte=at,
        account__disabled_at=None,
        agency__valid_to=None,
    ).first()


def accounts_of(staff: Staff | None) -> models.QuerySet[Account]:
    """The officials' accounts that `staff` may administer: those with a post in an agency within reach."""
    posts = scope(Staff.objects.all(), staff).values("account")
    return Account.objects.filter(pk__in=posts)


def sign_ins(account: Account, limit: int = 20) -> list[Entry]:
    """The latest sign-ins of an account and failed tries at it, newest first."""
    wanted = [e.name for e in (events.SignedIn, events.SignInFailed, events.AccountLocked, events.SignedOut)]
    return list(Entry.objects.filter(subject_id=account.pk, event__in=wanted).order_by("-serial")[:limit])
