"""Mail that can be stopped, gathered into one a day, and the notices that the law asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.core.notify.builders import CODE, NOW, deliver_all, lan, told
from tests.core.notify.test_notify import Mailbox, mailbox
from tests.core.ui.people import an_official

from tinhso.core.accounts import holdings
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Actor
from tinhso.core.notify import choices, jobs, manners, queries
from tinhso.core.notify.models import Delivery, Digest, KindSetting, Preference, State

__all__ = ["mailbox"]
pytestmark = pytest.mark.usefixtures("db")
BY = Actor.system("tests")
EVENING = NOW + timedelta(hours=8, minutes=30)  # half past five


def choose(account, **values) -> Preference:
    wanted = {"off": [], "digest": False, "quiet": None} | values
    return choices.choose(queries.holder_of(account), **wanted, by=BY, at=NOW)


def stop_link(message) -> str:
    return message["List-Unsubscribe"].strip("<>").replace("http://127.0.0.1:8000", "")


def test_a_mail_can_be_stopped_with_one_click_and_without_signing_in(mailbox: Mailbox) -> None:
    account = lan()
    told(account, "tests.mail")
    deliver_all()
    message = mailbox.messages[0]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = stop_link(message)
    assert link in message.get_content()
    anyone = Client(enforce_csrf_checks=True)
    assert anyone.get(link).status_code == 200
    assert Preference.objects.count() == 0  # a scanner that follows links stops nothing
    assert anyone.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    told(account, "tests.mail")
    deliver_all()
    assert len(mailbox.messages) == 1
    assert Delivery.objects.filter(state=State.OFF).count() == 1
    anyone.post(link, {"again": "1"})
    told(account, "tests.mail")
    deliver_all()
    assert len(mailbox.messages) == 2


@pytest.mark.parametrize("token", ["x", "WyJwZXJzb24iLCJhIl0:1abc:def", "a" * 500])
def test_a_link_that_we_did_not_sign_is_nothing(token: str) -> None:
    assert Client().post(f"/thong-bao/ngung/{token}").status_code == 404


def test_what_the_law_asks_for_comes_all_the_same_and_says_why(mailbox: Mailbox) -> None:
    account = lan()
    choose(account, off=["email"], digest=True)
    told(account, "tests.required")
    deliver_all()
    (message,) = mailbox.messages
    assert "Nghị định 118/2025/NĐ-CP" in message.get_content()
    assert message["List-Unsubscribe"] is None


def test_the_notices_of_a_day_become_one_mail(mailbox: Mailbox) -> None:
    account = lan()
    choose(account, digest=True)
    for _ in range(3):
        told(account, "tests.mail")
    deliver_all()
    jobs.digests_at(NOW)  # not yet five
    assert mailbox.messages == []
    jobs.digests_at(EVENING)
    jobs.digests_at(EVENING)
    (job,) = ProcrastinateJob.objects.filter(task_name="notify.send_digest")
    jobs.send_digest(**job.args)
    jobs.send_digest(**job.args)
    (message,) = mailbox.messages
    assert message["Subject"].startswith("3 ")
    assert message.get_content().count(CODE) == 6  # in both languages
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    Digest.objects.update(state=State.WAITING)  # as a kill between sending and noting leaves it
    jobs.send_digest(**job.args)
    assert mailbox.messages[0]["Message-ID"] == mailbox.messages[1]["Message-ID"]
    told(account, "tests.mail")
    deliver_all()
    jobs.digests_at(EVENING + timedelta(hours=1))
    assert Digest.objects.count() == 1  # what is late waits for tomorrow
    jobs.digests_at(EVENING + timedelta(days=1))
    assert Digest.objects.count() == 2


def test_the_manners_of_the_province_come_from_data_with_a_date() -> None:
    here = manners.manners(NOW.date())
    assert (here.quiet_from.hour, here.quiet_to.hour, here.digest_at.hour) == (22, 7, 17)
    assert manners.quiet_until(NOW, None) is None
    until = manners.quiet_until(NOW + timedelta(hours=20), None)  # five in the morning
    assert until is not None
    assert until.hour == 7


def test_an_administrators_choice_of_ways_holds_for_the_next_notice(mailbox: Mailbox) -> None:
    account = lan()
    choices.set_kind("tests.mail", channels=["sms", "email"], zalo_template="", by=BY, at=NOW)
    told(account, "tests.mail")
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"email", "sms"}
    choices.set_kind("tests.mail", channels=[], zalo_template="", by=BY, at=NOW)
    told(account, "tests.mail")
    assert Delivery.objects.count() == 2


def test_a_notice_that_the_law_asks_for_keeps_a_way() -> None:
    with pytest.raises(choices.Refused) as refused:
        choices.set_kind("tests.required", channels=[], zalo_template="", by=BY, at=NOW)
    assert refused.value.code == "required_notice"
    assert KindSetting.objects.count() == 0


def test_a_person_chooses_on_the_page_for_all_their_accounts(client: Client, mailbox: Mailbox) -> None:
    account = lan()
    client.force_login(account)
    assert client.get("/toi/thong-bao/").status_code == 200
    sent = {"on": ["push"], "digest": "1", "quiet": "own", "quiet_from": "20:00", "quiet_to": "06:30"}
    assert client.post("/toi/thong-bao/", sent).status_code == 302
    kept = queries.preference(queries.holder_of(account))
    assert (kept.off, kept.digest, str(kept.quiet_from)) == (["email"], True, "20:00:00")
    assert client.post("/toi/thong-bao/", sent | {"quiet_to": "20:00"}).status_code == 422
    client.post("/toi/thong-bao/", sent | {"quiet": "never"})
    assert manners.quiet_until(NOW, queries.preference(queries.holder_of(account))) is None
    if account.person:
        held = holdings.export(account.person)["notify"]
        assert held["choice"]["digest"] is True


def test_an_administrator_sees_the_ways_tests_one_and_chooses(client: Client, mailbox: Mailbox) -> None:
    client.force_login(an_official(Role.ADMINISTRATOR).account)
    page = client.get("/quan-tri/kenh-thong-bao/").content.decode()
    assert "Chưa thiết lập" in page
    answer = client.post("/quan-tri/kenh-thong-bao/email/thu", {"to": "toi@example.test"}, follow=True)
    assert "đã được bên nhận tiếp nhận" in answer.content.decode()
    assert mailbox.messages[0]["To"] == "toi@example.test"
    mailbox.recipient_reply = b"550 no"
    answer = client.post("/quan-tri/kenh-thong-bao/email/thu", {"to": "toi@example.test"}, follow=True)
    assert "smtp:550" in answer.content.decode()
    answer = client.post("/quan-tri/kenh-thong-bao/sms/thu", {"to": "0905123456"}, follow=True)
    assert "chưa được thiết lập" in answer.content.decode()
    assert client.post("/quan-tri/kenh-thong-bao/loai/tests.mail", {"channels": ["sms"]}).status_code == 302
    assert KindSetting.objects.get().channels == ["sms"]
    assert client.get("/quan-tri/kenh-thong-bao/loai/khong.co").status_code == 404
    assert client.post("/quan-tri/kenh-thong-bao/khong-co/thu").status_code == 404
