"""SMS and Zalo: sent once, tried again, parked, and never a whole number in a log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.core.notify.builders import CODE, NIGHT, NOW, deliver_all, lan, serving, told

from tinhso.core.ledger.actions import Actor
from tinhso.core.notify import choices
from tinhso.core.notify.channels import CHANNELS, zalo
from tinhso.core.notify.channels.http import AWAY, BusyError
from tinhso.core.notify.channels.phone import masked, mobile
from tinhso.core.notify.models import Delivery, KindSetting, State
from tinhso.core.notify.queries import holder_of
from tinhso.simulators.exchange import Server
from tinhso.simulators.sms.server import PATH, SmsHandler
from tinhso.simulators.zalo.server import ZaloHandler, ZaloServer

pytestmark = pytest.mark.usefixtures("db")
BY = Actor.system("tests")


@pytest.fixture
def sms(settings) -> Iterator[Server]:
    with serving(SmsHandler) as server:
        given = {"sms_url": server.url + PATH, "sms_key": "demo-key", "sms_secret": "demo-secret"}
        settings.TINHSO = settings.TINHSO.model_copy(update={**given, "sms_brandname": "TINHSO"})
        yield server


@pytest.fixture
def zns(settings) -> Iterator[ZaloServer]:
    with serving(ZaloHandler, ZaloServer) as server:
        given = {"zalo_url": server.url, "zalo_oauth_url": server.url, "zalo_app_id": "demo-app"}
        secrets = {"zalo_app_secret": "demo-secret", "zalo_refresh_token": "demo-refresh-token"}
        settings.TINHSO = settings.TINHSO.model_copy(update={**given, **secrets})
        (settings.TINHSO.keys_dir / "zalo.json").unlink(missing_ok=True)
        yield server
        (settings.TINHSO.keys_dir / "zalo.json").unlink(missing_ok=True)


def state() -> tuple[str, str]:
    row = Delivery.objects.get()
    return row.state, row.detail


def test_an_sms_carries_no_marks_and_is_sent(sms: Server) -> None:
    told(lan(), "tests.sms")
    deliver_all()
    (message,) = sms.memory.taken
    assert (message.to, message.text) == ("0905123456", f"Ho so {CODE} da duoc tiep nhan. Hen tra ket qua.")
    assert state() == (State.SENT, "")


def test_what_broke_before_it_was_noted_goes_again_and_the_receiver_drops_it(sms: Server) -> None:
    told(lan(), "tests.sms")
    deliver_all()
    Delivery.objects.update(state=State.WAITING, sent_at=None)
    deliver_all()
    assert len(sms.memory.taken) == 1
    assert state() == (State.SENT, "")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_provider_in_trouble_is_tried_again_until_it_takes_it(sms: Server, status: int) -> None:
    told(lan(), "tests.sms")
    sms.memory.status = status
    with pytest.raises(BusyError):
        deliver_all()
    assert state() == (State.WAITING, "")
    sms.memory.status = 200
    deliver_all()
    assert state() == (State.SENT, "")


def test_a_provider_that_cannot_be_reached_is_tried_again(sms: Server, settings) -> None:
    told(lan(), "tests.sms")
    settings.TINHSO = settings.TINHSO.model_copy(update={"sms_url": "http://127.0.0.1:9/"})
    with pytest.raises(AWAY):
        deliver_all()
    assert state() == (State.WAITING, "")


def test_what_a_provider_refuses_is_parked_and_goes_when_a_person_says_so(sms: Server) -> None:
    told(lan(), "tests.sms")
    sms.memory.status = 403
    deliver_all()
    assert state() == (State.REFUSED, "sms:403")
    sms.memory.status = 200
    deliver_all()
    assert state() == (State.REFUSED, "sms:403")  # not by itself
    assert choices.send_again("sms", since=choices.timedelta(days=7), by=BY, at=NOW) == 1
    deliver_all()
    assert state() == (State.SENT, "")


def test_a_wrong_key_is_parked_with_the_providers_code(sms: Server, settings) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"sms_key": "another"})
    told(lan(), "tests.sms")
    deliver_all()
    assert state() == (State.REFUSED, "sms:101")


def test_without_a_provider_or_a_mobile_number_it_is_said_so(sms: Server, settings) -> None:
    told(lan(phone="0262 3856 123"), "tests.sms")  # a fixed line
    deliver_all()
    assert state() == (State.NO_ADDRESS, "")
    settings.TINHSO = settings.TINHSO.model_copy(update={"sms_url": ""})
    told(lan(), "tests.sms")
    assert Delivery.objects.filter(state=State.NOT_CONFIGURED).count() == 1


def test_a_log_shows_the_ends_of_a_number_alone(sms: Server, settings, caplog) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"sms_brandname": "LA"})
    told(lan(), "tests.sms")
    with caplog.at_level(logging.DEBUG):
        deliver_all()
    assert "09•••••456" in caplog.text
    assert "0905123456" not in caplog.text
    assert "905123456" not in caplog.text
    assert masked("123") == "•••"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("0905123456", "905123456"), ("+84 905 123 456", "905123456"), ("84905123456", "905123456"),
        ("090.512.3456", "905123456"), ("02623856123", ""), ("090512345", ""), ("", ""),
    ],
)  # fmt: skip
def test_mobile_numbers_in_any_spelling(typed: str, found: str) -> None:
    assert mobile(typed) == found


def test_zalo_gets_a_token_and_sends_the_approved_text(zns: ZaloServer) -> None:
    KindSetting.objects.create(kind="tests.zalo", channels=["zalo"], zalo_template="7895418")
    told(lan(), "tests.zalo")
    deliver_all()
    (message,) = zns.memory.taken
    assert message.to == "84905123456"
    assert CODE in message.text
    assert state() == (State.SENT, "")
    Delivery.objects.update(state=State.WAITING)
    deliver_all()
    assert len(zns.memory.taken) == 1


def test_a_zalo_token_that_ended_is_renewed_and_the_message_goes_at_the_next_try(zns: ZaloServer) -> None:
    KindSetting.objects.create(kind="tests.zalo", channels=["zalo"], zalo_template="7895417")
    told(lan(), "tests.zalo")
    zalo.renew(NOW)
    zns.access = "another"  # as after a day
    with pytest.raises(BusyError, match="-124"):
        deliver_all()
    deliver_all()
    assert state() == (State.SENT, "")
    assert not zalo.ends_soon(timezone.now())
    assert zalo.ends_soon(timezone.now() + timedelta(days=1))


def test_two_processes_that_renew_at_once_use_the_token_of_the_first(zns: ZaloServer, monkeypatch) -> None:
    first = zalo.renew(NOW)
    kept = zalo._kept()
    answers = iter([{}, kept])  # what the second had read before the first was done, and what it reads then
    monkeypatch.setattr(zalo, "_kept", lambda: next(answers))
    assert zalo.renew(NOW) == first


def test_zalo_without_an_approved_text_and_a_number_without_zalo_are_parked(zns: ZaloServer) -> None:
    told(lan(), "tests.zalo")
    deliver_all()
    assert state() == (State.REFUSED, "zalo:no_template")
    Delivery.objects.all().delete()
    KindSetting.objects.create(kind="tests.zalo", channels=["zalo"], zalo_template="7895417")
    told(lan(phone="0905123000"), "tests.zalo")
    deliver_all()
    assert state() == (State.REFUSED, "zalo:-118")


def test_a_telephone_does_not_ring_at_night(sms: Server) -> None:
    told(lan(), "tests.sms")
    deliver_all(NIGHT)
    assert sms.memory.taken == []
    assert state() == (State.WAITING, "")
    from procrastinate.contrib.django.models import ProcrastinateJob

    morning = ProcrastinateJob.objects.exclude(scheduled_at=None).get()
    assert morning.scheduled_at.isoformat() == "2026-11-24T00:00:00+00:00"  # seven in the morning here
    deliver_all(morning.scheduled_at)
    assert len(sms.memory.taken) == 1


def test_quiet_hours_are_the_recipients_own(sms: Server) -> None:
    from datetime import time

    account = lan()
    choices.choose(holder_of(account), off=[], digest=False, quiet=(time(8), time(11)), by=BY, at=NOW)
    told(account, "tests.sms")
    deliver_all(NOW)
    assert sms.memory.taken == []
    deliver_all(NIGHT)
    assert len(sms.memory.taken) == 1


def test_the_test_button_says_what_became_of_it(sms: Server, settings) -> None:
    def outcome() -> str:
        return choices.try_channel("sms", to="0905123456", template="", by=BY, at=NOW)

    assert outcome() == "sent"
    sms.memory.status = 403
    assert outcome() == "sms:403"
    sms.memory.status = 502
    assert outcome() == "sms:502"
    settings.TINHSO = settings.TINHSO.model_copy(update={"sms_url": "http://127.0.0.1:9/"})
    assert outcome() == "NewConnectionError"
    settings.TINHSO = settings.TINHSO.model_copy(update={"sms_url": ""})
    assert outcome() == "not_configured"
    assert set(CHANNELS) == {"email", "sms", "zalo", "push"}
