"""The end of a day: figures folded from the ledger, closed by one and taken over by another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.systems.counter.builders import accepted, actor, at_counter, desk, official, refused
from tinhso.core.accounts.actions import create_account
from tinhso.core.accounts.models import AccountKind
from tinhso.core.agencies.actions import add_staff
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import NotAllowed
from tinhso.simulation.check import settle
from tinhso.systems.counter import days
from tinhso.systems.counter.models import Day
from tinhso.systems.dossiers import actions as dossiers

pytestmark = pytest.mark.usefixtures("province")
DAY = "/ban-lam-viec/quay/cuoi-ngay/"


def colleague() -> None:
    """A second receptionist at the same counter."""
    one, at = official("motcua"), timezone.now()
    by = actor(one)
    account = create_account("motcua3", kind=AccountKind.OFFICIAL, display_name="Lý Thị Mai", by=by, at=at)
    add_staff(account, one.agency, roles=[Role.RECEPTIONIST], title="Công chức Một cửa", by=by, at=at)


def test_a_day_adds_up_what_was_received_paid_and_held_and_two_sign_it_off():
    at, one = timezone.now(), official("motcua")
    first, _second = at_counter(at), at_counter(at)
    dossier = accepted(first)
    dossiers.take_fee(dossier, by=actor(one), at=at)
    settle(timezone.now())
    figures = days.figures(one, timezone.localtime(at).date())
    assert (figures.received, figures.returned, figures.receipts, figures.taken) == (2, 0, 1, dossier.fee)
    assert figures.held == 2

    client = desk()
    shown = client.get(DAY)
    assert shown.status_code == 200
    told = {name: str(value) for name, value in shown.context["shown"]}
    stale = client.post(DAY, {**told, "received": "1"})
    assert stale.status_code == 409
    assert "xem lại số liệu" in stale.content.decode()
    assert client.post(DAY, {**told, "note": "Còn 1 phong bì chờ bưu điện"}).status_code == 302
    closed = Day.objects.get()
    assert (closed.received, closed.taken, closed.held) == (2, dossier.fee, 2)

    with pytest.raises(NotAllowed):
        days.take_over(closed, staff=one, by=actor(one), at=at)
    with pytest.raises(NotAllowed):
        days.take_over(closed, staff=official("motcua2"), by=actor(official("motcua2")), at=at)
    colleague()
    other = desk("motcua3")
    assert "phong bì chờ bưu điện" in other.get(DAY).content.decode()
    other.post(f"{DAY}{closed.pk}/nhan/")
    closed.refresh_from_db()
    assert closed.receiver
    assert closed.receiver.username == "motcua3"
    assert client.post(DAY, told).status_code == 409, "a day is closed once"
    assert desk("motcua2").post(f"{DAY}{closed.pk}/nhan/").status_code == 404


def test_what_others_did_and_other_days_are_not_counted():
    at = timezone.now()
    at_counter(at - timedelta(days=2))
    assert days.figures(official("motcua"), timezone.localtime(at).date()).received == 0
    assert days.figures(official("motcua2"), timezone.localtime(at - timedelta(days=2)).date()).received == 0
    one = official("motcua")
    shown = days.figures(one, timezone.localtime(at).date())
    with refused("figures_moved"):
        days.close(days.Figures(9, 9, 9, 9, 9), note="", staff=one, by=actor(one), at=at)
    assert days.close(shown, note="", staff=one, by=actor(one), at=at).received == 0
