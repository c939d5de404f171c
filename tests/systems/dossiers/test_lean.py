"""What is asked of the database: every submission and every look at a dossier costs it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.house.databases import Database
from tests.soak.clients import application, token
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.demo import home
from tinhso.core.api import auth
from tinhso.core.worktime import queries as worktime

from .builders import a_dossier

# The variant in force, the agency, the person; the code, the dossier, the task, the entry, the key.
READS, WRITES = 3, 5


def test_a_submission_by_the_api_of_someone_known_takes_eight_statements_in_one_transaction(
    province: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a process asks once in some seconds is no part of each submission.
    monkeypatch.setattr(auth, "KEPT", 3600)
    monkeypatch.setattr(worktime, "CHECKED_EVERY", 3600)
    top, commune, _sibling = home()
    client = Client(headers={"authorization": f"Bearer {token(top)}"})

    def submit(key: str) -> int:
        body, headers = application(1, commune), {"idempotency-key": key}
        answer = client.post("/api/v1/dossiers", body, content_type="application/json", headers=headers)
        return answer.status_code

    assert submit("the process reads its forms, calendars and rights") == 201
    with CaptureQueriesContext(connection) as queries:
        assert submit("another") == 201
    words = [query["sql"].split()[0] for query in queries.captured_queries]
    assert words == ["BEGIN", *["SELECT"] * READS, *["INSERT"] * WRITES, "COMMIT"]


@pytest.mark.parametrize("returned", [False, True])
def test_a_page_of_a_dossier_asks_fifteen_questions_at_most(province: Database, returned: bool) -> None:
    if returned:
        dossier = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned()
    else:
        dossier = a_dossier(timezone.now() - timedelta(days=1)).submitted()
    browser = Client()
    browser.force_login(Account.objects.get(username="motcua"))
    address = f"/ban-lam-viec/ho-so/{dossier.pk}/"
    assert browser.get(address).status_code == 200  # the process reads its calendar and the form
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    assert len(queries) <= 15  # one of them writes who looked
