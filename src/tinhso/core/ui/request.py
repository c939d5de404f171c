"""The request as `middleware.Guard` hands it to a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from tinhso.core.accounts.models import Account
    from tinhso.core.agencies.models import Staff
    from tinhso.core.ledger.actions import Actor


class Request(HttpRequest):
    """A type for the signatures of views; Django makes the object itself."""

    id: str
    user: Account  # or AnonymousUser where the view is for the public
    staff: Staff | None
    posts: list[Staff]
    actor: Actor
