"""Telling people: once, in their language, and never pretending that mail went out."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.core.ui.people import a_citizen, an_account

from tinhso.core.accounts.models import Account, Person
from tinhso.core.ledger import consumers
from tinhso.core.ledger.actions import Actor, record
from tinhso.core.ledger.events import Event
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER
from tinhso.core.notify import actions, jobs, kinds, queries
from tinhso.core.notify.actions import Message, Recipient, notify_all
from tinhso.core.notify.models import Delivery, Notice, State

pytestmark = pytest.mark.usefixtures("db")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SUBJECT = ("tests.dossier", uuid4())
CODE = "H15.50.05.13-261123-0001"

kinds.kind(
    "tests.accepted",
    title="Dossier %(code)s",
    body="Due %(due)s.",
    link=lambda notice: f"/ho-so/{notice.subject_id}",
)
kinds.kind("tests.assigned", title="%(code)s", body="", link=lambda notice: "/", channels=())


@dataclass(frozen=True)
class Accepted(Event, name="tests.accepted", version=1):
    account: UUID


@consumers.consumer("tests.notify", events=["tests.accepted"])
def tell(batch) -> None:
    notify_all(
        Message(
            "tests.accepted",
            Recipient(account=UUID(p.data["account"])),
            SUBJECT,
            p.id,
            p.at,
            {"code": CODE, "due": p.at},
        )
        for p in batch
    )


def told(to: Recipient, *, kind: str = "tests.accepted", entry: UUID | None = None, at: datetime = NOW) -> Notice:
    params: dict[str, kinds.Param] = {"code": CODE, "due": NOW + timedelta(hours=7)}
    pk = actions.notify(kind, to=to, subject=SUBJECT, entry=entry or uuid4(), at=at, params=params)
    return Notice.objects.get(pk=pk)


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server on loopback, which can be told to refuse."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: list[email.message.EmailMessage] = []
        self.recipient_reply = b"250 OK"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.wfile.write(b"354 go\r\n")
                data = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.messages.append(email.message_from_bytes(data, policy=email.policy.default))
            reply = self.server.recipient_reply if verb == b"RCPT" else b"221 bye" if verb == b"QUIT" else b"250 OK"
            self.wfile.write(reply + b"\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        settings.TINHSO = settings.TINHSO.model_copy(update={"email_url": server.url})
        yield server
        server.shutdown()
        thread.join()


def lan() -> Account:
    account = a_citizen("Lan")
    account.email = "lan@example.test"
    account.save()
    return account


def send_all() -> None:
    for job in ProcrastinateJob.objects.filter(task_name="notify.deliver"):
        jobs.deliver(**job.args)


def test_one_entry_tells_one_recipient_once_however_often_it_is_read(mailbox: Mailbox) -> None:
    account = lan()
    with transaction.atomic():
        record(Accepted(account=account.pk), subject=SUBJECT, by=Actor.system("test"), at=NOW)
    sequence(LEDGER)
    one = consumers.REGISTRY["tests.notify"]
    assert consumers.advance(one) > 0
    tell(consumers.entries_between(0, consumers.last_position()))
    assert Notice.objects.count() == Delivery.objects.count() == 1
    send_all()
    send_all()
    assert len(mailbox.messages) == 1


def test_two_consumers_at_once_leave_one_notice_and_one_mail(mailbox: Mailbox) -> None:
    from django.db import connection

    account, entry, gate = lan(), uuid4(), threading.Barrier(4)

    def run() -> None:
        gate.wait()
        actions.notify(
            "tests.accepted", to=Recipient(account=account.pk), subject=SUBJECT, entry=entry, at=NOW,
            params={"code": CODE, "due": NOW},
        )  # fmt: skip
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send_all()
    assert Notice.objects.count() == Delivery.objects.count() == len(mailbox.messages) == 1


def test_the_words_are_made_in_the_readers_language_and_times_in_the_provinces_zone() -> None:
    notice = told(Recipient(account=lan().pk))
    assert kinds.words(notice) == kinds.Words(f"Dossier {CODE}", "Due 16:00 23/11/2026.", f"/ho-so/{SUBJECT[1]}")


def test_a_notice_keeps_codes_and_no_words() -> None:
    with pytest.raises(ValueError, match="codes"):
        kinds.stored({"name": "Nguyễn Thị Lan"})
    assert set(told(Recipient(account=lan().pk)).params) == {"code", "due"}


def test_the_mail_says_it_in_both_languages_and_leads_back(mailbox: Mailbox, settings) -> None:
    entry = uuid4()
    told(Recipient(account=lan().pk), entry=entry)
    with translation.override("en"):
        send_all()
    (message,) = mailbox.messages
    assert message["To"] == "lan@example.test"
    assert str(entry) in message["Message-ID"]
    assert message["Subject"] == f"Dossier {CODE}"
    text = message.get_content()
    assert text.count(f"{settings.TINHSO.base_url}/ho-so/{SUBJECT[1]}") == 2
    assert "16:00 23/11/2026" in text
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sent_at is not None) == (State.SENT, True)


def test_mail_that_broke_before_it_was_noted_goes_again_under_the_same_message_id(mailbox: Mailbox) -> None:
    told(Recipient(account=lan().pk))
    send_all()
    Delivery.objects.update(state=State.WAITING, sent_at=None)  # as a kill between sending and noting leaves it
    send_all()
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_without_a_mail_server_nothing_pretends_to_be_sent() -> None:
    told(Recipient(account=lan().pk))
    assert Delivery.objects.get().state == State.NOT_CONFIGURED
    assert not ProcrastinateJob.objects.exists()


def test_a_recipient_without_an_address_is_said_so(mailbox: Mailbox) -> None:
    told(Recipient(account=a_citizen("Ba").pk))
    send_all()
    assert Delivery.objects.get().state == State.NO_ADDRESS
    assert mailbox.messages == []


def test_an_address_refused_for_good_is_not_tried_again(mailbox: Mailbox) -> None:
    mailbox.recipient_reply = b"550 no such user"
    told(Recipient(account=lan().pk))
    send_all()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.detail) == (State.REFUSED, "smtp:550")


def test_a_mail_server_that_is_busy_or_away_is_tried_again(mailbox: Mailbox, settings) -> None:
    told(Recipient(account=lan().pk))
    mailbox.recipient_reply = b"451 later"
    with pytest.raises(OSError):
        send_all()
    settings.TINHSO = settings.TINHSO.model_copy(update={"email_url": "smtp://127.0.0.1:9"})
    with pytest.raises(OSError):
        send_all()
    assert Delivery.objects.get().state == State.WAITING


def test_mail_goes_to_the_address_given_in_the_form_first(mailbox: Mailbox) -> None:
    told(Recipient(account=lan().pk, email="khac@example.test"))
    send_all()
    assert mailbox.messages[0]["To"] == "khac@example.test"


def test_a_kind_for_the_app_alone_sends_no_mail(mailbox: Mailbox) -> None:
    told(Recipient(account=lan().pk), kind="tests.assigned")
    assert not Delivery.objects.exists()


def test_a_person_reads_what_was_told_to_them_before_they_had_an_account() -> None:
    person = Person.objects.create(full_name="Nguyễn Thị Lan")
    told(Recipient(person=person.pk))
    account = an_account("citizen", "Lan")
    account.person = person
    account.save()
    assert queries.unread_count(account) == 1
    assert queries.unread_count(a_citizen("Tuấn")) == 0


def test_one_marks_only_ones_own_as_read() -> None:
    account, other = lan(), a_citizen("Tuấn")
    mine, _second, theirs = (told(Recipient(account=a.pk)) for a in (account, account, other))
    assert actions.mark_read(account, at=NOW, notice=theirs.pk) == 0
    assert actions.mark_read(account, at=NOW, notice=mine.pk) == 1
    assert queries.unread_count(account) == 1
    assert actions.mark_read(account, at=NOW) == 1
    assert queries.unread_count(other) == 1


def test_the_badge_counts_no_further_than_it_shows(django_assert_num_queries) -> None:
    account = lan()
    notify_all(
        Message("tests.assigned", Recipient(account=account.pk), SUBJECT, uuid4(), NOW, {"code": CODE})
        for _ in range(150)
    )
    with django_assert_num_queries(1):
        assert queries.unread_count(account) == queries.MANY + 1
