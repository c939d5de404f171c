"""Who a session belongs to. Passwords and VNeID are tried by the sign-in pages, not here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from tinhso.core.ledger.rows import find

from .models import Account


class AccountBackend(BaseBackend):
    """Loads the account of a session; a disabled account's sessions end at once."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Account | None:
        """Nobody comes in this way: attempts are counted by `actions.password_attempt`."""
        return None

    def get_user(self, user_id: UUID) -> Account | None:
        found = find(Account, "id = %s AND disabled_at IS NULL", [user_id], related=("person",))
        return found[0] if found else None
