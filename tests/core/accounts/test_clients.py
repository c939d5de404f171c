from __future__ import annotations

from datetime import timedelta

from tests.core.accounts.people import AT, BY, an_agency

from tinhso.core.accounts import actions, queries
from tinhso.core.accounts.models import ApiClient
from tinhso.core.ledger.models import Entry

SOON = AT + timedelta(minutes=1)


def test_a_token_opens_until_it_is_revoked_and_is_never_stored(db):
    client, token = actions.issue_api_client("Cổng", scopes=["b:read", "a:read"], agency=an_agency(), by=BY, at=AT)
    found = queries.client_of(token, AT)
    assert (found, found.scopes, found.account.kind) == (client, ["a:read", "b:read"], "client")
    with db.connect() as raw:
        assert token not in str(raw.execute("SELECT c::text FROM accounts_apiclient c").fetchall())
    assert token not in " ".join(Entry.objects.values_list("payload", flat=True))
    assert queries.client_of(token[:-1], AT) is None
    assert queries.client_of(token, AT - timedelta(seconds=1)) is None
    actions.revoke_api_client(client, by=BY, at=SOON)
    assert queries.client_of(token, SOON) is None


def test_two_tokens_of_one_client_overlap_while_one_replaces_the_other(db):
    agency = an_agency()
    old, first = actions.issue_api_client("Cổng", scopes=["a:read"], agency=agency, by=BY, at=AT)
    _new, second = actions.issue_api_client("Cổng", scopes=["a:read"], agency=agency, account=old.account, by=BY, at=AT)
    assert queries.client_of(first, AT).account == queries.client_of(second, AT).account
    actions.revoke_api_client(old, by=BY, at=SOON)
    assert queries.client_of(second, SOON) is not None


def test_a_disabled_account_or_a_past_validity_closes_the_api(db):
    agency = an_agency()
    client, token = actions.issue_api_client("A", scopes=["a:read"], agency=agency, valid_to=SOON, by=BY, at=AT)
    assert queries.client_of(token, SOON) is None
    actions.disable_account(client.account, by=BY, at=AT)
    assert queries.client_of(token, AT) is None
    assert ApiClient.objects.count() == 1
