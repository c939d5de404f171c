"""Pages of background work and of notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from tests.core.ui.people import a_citizen, an_official

from tinhso.core.accounts.models import Account
from tinhso.core.jobs.models import Failure
from tinhso.core.jobs.registry import job
from tinhso.core.ledger.models import Entry, Remark
from tinhso.core.notify import kinds
from tinhso.core.notify.actions import Message, Recipient, notify_all
from tinhso.core.notify.models import Notice

pytestmark = pytest.mark.usefixtures("db")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
JOBS = "/quan-tri/cong-viec-nen/"
kinds.kind(
    "tests.page", title="Hồ sơ %(code)s", body="Đã tiếp nhận", link=lambda n: f"/tim-kiem?q={n.subject_id}", channels=()
)


@job("tests.page_work", queue="tests")
def page_work() -> None:
    """Never run here."""


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def an_administrator() -> Client:
    return signed_in(an_official("administrator").account)


def failed() -> int:
    number = page_work.defer()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [number])
    Failure.objects.create(job_id=number, job="tests.page_work", error="ConnectionError", place="x.py:1 f", at=NOW)
    return number


def told(account: Account, count: int) -> list[Notice]:
    to = Recipient(account=account.pk)
    for n in range(count):  # in pairs of the same minute
        at = NOW - timedelta(minutes=n // 2)
        notify_all([Message("tests.page", to, ("tests.dossier", uuid4()), uuid4(), at, {"code": str(n)})])
    return list(Notice.objects.filter(account=account).order_by("-at", "-id"))


def test_failed_work_is_shown_replayed_and_skipped_by_administrators() -> None:
    admin, number = an_administrator(), failed()
    page = admin.get(JOBS).content.decode()
    assert "ConnectionError" in page
    assert "Không có tiến trình xử lý nào đang chạy" in page
    assert admin.post(f"{JOBS}{number}/chay-lai").status_code == 302
    assert Entry.objects.filter(event="jobs.replayed").count() == 1
    assert "ConnectionError" not in admin.get(JOBS).content.decode()

    again = failed()
    assert admin.post(f"{JOBS}{again}/bo-qua", {"reason": " "}).status_code == 422
    assert admin.post(f"{JOBS}{again}/bo-qua", {"reason": "Đã làm bằng tay"}).status_code == 302
    assert Remark.objects.get().words == "Đã làm bằng tay"
    assert admin.post(f"{JOBS}{again}/bo-qua", {"reason": "x"}).status_code == 409


@pytest.mark.parametrize("role", ["receptionist", "officer", "leader", "clerk", "auditor"])
def test_background_work_is_nobody_elses(role: str) -> None:
    number = failed()
    client = signed_in(an_official(role).account)
    for ask in (client.get, client.post):
        assert ask(JOBS).status_code == 403
        assert ask(f"{JOBS}{number}/bo-qua").status_code == 403
    assert client.post(f"{JOBS}{number}/chay-lai").status_code == 403
    assert Failure.objects.get().skipped_at is None


def test_a_citizen_pages_through_all_notices_once() -> None:
    lan = a_citizen()
    notices, client = told(lan, 75), signed_in(lan)
    seen: list[str] = []
    url = "/thong-bao/"
    while url:
        response = client.get(url)
        seen += [str(notice.pk) for notice, _words in response.context["rows"]]
        url = f"/thong-bao/{response.context['next_url']}" if response.context["next_url"] else ""
    assert seen == [str(n.pk) for n in notices]


def test_opening_a_notice_leads_to_its_subject_and_marks_it_read() -> None:
    lan, tuan = a_citizen("Lan"), a_citizen("Tuấn")
    notice, client = told(lan, 2)[0], signed_in(lan)
    assert "2<span" in client.get("/").content.decode()  # the bell
    response = client.get(f"/thong-bao/{notice.pk}")
    assert (response.status_code, response["Location"]) == (302, f"/tim-kiem?q={notice.subject_id}")
    assert Notice.objects.get(pk=notice.pk).read_at is not None
    assert signed_in(tuan).get(f"/thong-bao/{notice.pk}").status_code == 404
    client.post("/thong-bao/da-doc")
    assert not Notice.objects.filter(read_at=None).exists()


def test_an_empty_list_says_so_and_a_broken_address_begins_anew() -> None:
    client = signed_in(an_official("officer").account)
    for url in ("/thong-bao/", "/thong-bao/?after=x", "/thong-bao/?after=1e400_1"):
        assert "Chưa có thông báo" in client.get(url).content.decode()


def test_visitors_are_asked_to_sign_in() -> None:
    assert Client().get("/thong-bao/").status_code == 302
    assert Client().post("/thong-bao/da-doc").status_code == 403
