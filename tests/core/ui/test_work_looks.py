"""Pages of background work and notifications in a real browser: accessible, and inside a phone's frame."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.core.accounts.people import a_citizen, an_agency, an_official
from tests.core.accounts.test_looks import faults, sign_in
from tests.house.site import Site

from tinhso.core.jobs.models import Failure
from tinhso.core.notify.actions import Message, Recipient, notify_all

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def told(account: Any) -> None:
    subject, due = ("dossiers.dossier", uuid4()), datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    params = {"code": "H15.50.05.13-261123-0001", "due": due}
    for kind in ("dossiers.submitted", "dossiers.accepted"):
        notify_all([Message(kind, Recipient(account=account.pk), subject, uuid4(), NOW, params)])


def test_notifications_of_a_citizen(shared_site: Site, browser: Any) -> None:
    account = a_citizen(phone="0905111222")
    page = browser.new_context(locale="vi-VN").new_page()
    sign_in(page, shared_site, account.username)
    found = faults(page, shared_site, ["/thong-bao/"])
    told(account)
    found += faults(page, shared_site, ["/", "/thong-bao/"])
    assert not found, "\n".join(found)


def test_background_work_of_an_administrator(shared_site: Site, browser: Any) -> None:
    administrator = an_official(an_agency("H15"), "administrator", username="quantri", title="Quản trị hệ thống")
    told(administrator.account)
    page = browser.new_context(locale="vi-VN").new_page()
    sign_in(page, shared_site, administrator.account.username)
    found = faults(page, shared_site, ["/quan-tri/cong-viec-nen/"])
    with shared_site.database.connect() as raw:
        for number in (7, 8):
            raw.execute(
                "INSERT INTO procrastinate_jobs (id, queue_name, task_name, status, attempts)"
                " VALUES (%s, 'letters', 'dossiers.make_letter', 'failed', 20)",
                [number],
            )
    Failure.objects.create(
        job_id=7, job="dossiers.make_letter", error="ConnectionError", place="systems/dossiers/jobs.py:45 make_letter",
        at=NOW,
    )  # fmt: skip
    found += faults(
        page,
        shared_site,
        ["/quan-tri/cong-viec-nen/", "/quan-tri/cong-viec-nen/7/bo-qua", "/quan-tri/cong-viec-nen/8/bo-qua"],
    )
    found += faults(page, shared_site, ["/thong-bao/"])
    assert not found, "\n".join(found)
