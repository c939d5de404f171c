"""Who may call an operation: each says so by `auth=needs(…)` or `auth=open_to_all(…)`.

An operation that says nothing stops the install from starting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError
from ninja.security import APIKeyCookie, HttpBearer

from tinhso.core.accounts.devices import device_of
from tinhso.core.accounts.models import ApiClient
from tinhso.core.accounts.queries import client_of, token_hash
from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.queries import scope as staff_scope
from tinhso.core.ledger.actions import Actor, NotAllowed

from .limits import limit, sender

M = TypeVar("M", bound=models.Model)
ACCOUNT, STAFF = "account", "staff"
KEPT = 5.0  # seconds for which a process trusts a token again without asking the database
_clients: dict[bytes, tuple[float, ApiClient]] = {}


def forget_clients() -> None:
    """Make this process look every token up again."""
    _clients.clear()


def _client(token: str) -> ApiClient | None:
    digest, now = token_hash(token), time.monotonic()
    kept = _clients.get(digest)
    if kept and now - kept[0] < KEPT:
        return kept[1]
    at = timezone.now()
    client = device_of(token, at) if token.count(".") == 2 else client_of(token, at)
    if client is None:
        _clients.pop(digest, None)
        return None
    if len(_clients) > 1000:
        _clients.clear()
    _clients[digest] = now, client
    return client


class Bearer(HttpBearer):
    """A token of an API client that was given this scope."""

    openapi_description = "Token of an API client. Each operation names the scope that it asks for."

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiClient:
        client = _client(token)
        if client is None:
            raise AuthenticationError
        if self.scope not in client.scopes:
            raise NotAllowed(
                _("This token was not given the scope %(scope)s.") % {"scope": self.scope}, "scope_missing"
            )
        request.client, request.actor = client, Actor("client", str(client.pk), client.agency_id)  # type: ignore[attr-defined]
        return client


class Session(APIKeyCookie):
    """The session of our own pages; what changes something needs the CSRF token."""

    openapi_description = "Session of a person who is signed in on the pages; POST also needs X-CSRFToken."

    def __init__(self, who: Sequence[str]) -> None:
        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__(csrf=True)
        self.who = frozenset(who)

    def _get_key(self, request: HttpRequest) -> str | None:
        if not request.user.is_authenticated:
            return None  # 401 says more than a missing CSRF token would
        try:
            return super()._get_key(request)
        except HttpError as missing:
            words = _("Send the token of this session in the header X-CSRFToken.")
            raise NotAllowed(words, "csrf_token_missing") from missing

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        if not request.user.is_authenticated:
            return None
        staff = getattr(request, "staff", None)
        if ACCOUNT in self.who or (staff and (STAFF in self.who or staff.has_role(*self.who))):
            return request.user
        raise NotAllowed(_("Only people whose work needs it may do this."))


class OpenToAll:
    """Anyone, at a bounded rate."""

    is_async = False

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute

    def __call__(self, request: HttpRequest) -> bool:
        limit(f"api {request.path}", sender(request), per_minute=self.per_minute, at=timezone.now())
        return True


Guard = Bearer | Session | OpenToAll


def needs(scope: str, *who: str) -> list[Callable[[HttpRequest], Any]]:
    """API clients with `scope`; and, where `who` names them, people who are signed in.

    `who` as for pages: "account", "staff", or roles of staff.
    """
    return [Bearer(scope), *([Session(who)] if who else [])]


def open_to_all(*, per_minute: int = 60) -> list[Callable[[HttpRequest], Any]]:
    """Anyone, at most `per_minute` times a minute from one address."""
    return [OpenToAll(per_minute)]


def within(queryset: models.QuerySet[M], request: HttpRequest, field: str = "agency") -> models.QuerySet[M]:
    """The rows a caller reaches by `field`, a foreign key to an agency.

    A client reaches its agency and all below, an official what their post reaches, others nothing.
    """
    client: ApiClient | None = getattr(request, "client", None)
    if client is None:
        return staff_scope(queryset, getattr(request, "staff", None), field)
    return queryset.filter(**{f"{field}__in": Agency.objects.filter(path__contains=[client.agency_id]).values("pk")})
