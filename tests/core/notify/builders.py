"""People who are told things, and providers on real sockets that tell them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from procrastinate.contrib.django.models import ProcrastinateJob
from tests.core.ui.people import a_citizen

from tinhso.core.accounts.models import Account
from tinhso.core.notify import actions, jobs, kinds
from tinhso.core.notify.actions import Recipient
from tinhso.core.notify.models import Notice
from tinhso.simulators.exchange import Handler, Server

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # nine in the morning
NIGHT = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # half past eleven at night
SUBJECT = ("tests.dossier", uuid4())
CODE = "H15.50.05.13-261123-0001"

for _name, _ways, _law in (
    ("tests.sms", ("sms",), ""),
    ("tests.zalo", ("zalo",), ""),
    ("tests.push", ("push",), ""),
    ("tests.mail", ("email",), ""),
    ("tests.required", ("email",), "Nghị định 118/2025/NĐ-CP"),
):
    kinds.kind(
        _name,
        title="Hồ sơ %(code)s đã được tiếp nhận",
        body="Hẹn trả kết quả.",
        link=lambda notice: f"/ho-so/{notice.subject_id}",
        channels=_ways,
        required=_law,
    )


def lan(phone: str = "0905123456", email: str = "lan@example.test") -> Account:
    account = a_citizen("Lan")
    account.phone, account.email = phone, email
    account.save()
    return account


def told(account: Account, kind: str, *, at: datetime = NOW, entry: UUID | None = None) -> Notice:
    to = Recipient(account=account.pk)
    pk = actions.notify(kind, to=to, subject=SUBJECT, entry=entry or uuid4(), at=at, params={"code": CODE})
    return Notice.objects.get(pk=pk)


def deliver_all(at: datetime = NOW) -> None:
    for job in ProcrastinateJob.objects.filter(task_name="notify.deliver", status="todo"):
        jobs.deliver_at(UUID(job.args["delivery"]), at)


@contextmanager
def serving(handler: type[Handler], kind: type[Server] = Server) -> Iterator[Any]:
    """A stand-in on loopback, on a port of its own."""
    with kind(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
