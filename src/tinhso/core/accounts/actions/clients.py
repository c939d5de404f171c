"""Credentials of machines that use the API."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from ...agencies.models import Agency
from ...ledger.actions import Actor, action, new_id, record
from .. import events
from ..models import Account, AccountKind, ApiClient
from ..queries import token_hash
from .accounts import create_account

_BITS = 256


@action
def issue_api_client(
    name: str,
    *,
    scopes: Sequence[str],
    agency: Agency,
    by: Actor,
    at: datetime,
    valid_to: datetime | None = None,
    account: Account | None = None,
) -> tuple[ApiClient, str]:
    """A credential for a machine, and its token in clear, shown this once and never stored.

    With `account` it is a further credential of a client that already exists (rotation).
    """
    token = f"tinhso_{secrets.token_urlsafe(_BITS // 8)}"
    if account is None:
        username = f"api-{new_id().hex}"
        account = create_account(username, kind=AccountKind.CLIENT, display_name=name, by=by, at=at)
    client = ApiClient(
        account=account,
        name=" ".join(name.split()),
        token_hash=token_hash(token),
        scopes=sorted(set(scopes)),
        agency=agency,
        valid_from=at,
        valid_to=valid_to,
    )
    client.save(force_insert=True)
    event = events.ApiClientIssued(account.pk, client.scopes, valid_to)
    record(event, subject=client, agency=agency.pk, by=by, at=at)
    return client, token


@action
def revoke_api_client(client: ApiClient, *, by: Actor, at: datetime) -> ApiClient:
    """End a credential at once. Nothing happens when it has already ended."""
    client = ApiClient.objects.select_for_update().get(pk=client.pk)
    if client.valid_to is None or client.valid_to > at:
        client.valid_to = at
        client.save(update_fields=["valid_to"])
        record(events.ApiClientRevoked(client.account_id), subject=client, agency=client.agency_id, by=by, at=at)
    return client
