"""Issue 4, must show 7: the national portal is away for a while under load, and a worker is killed while it sends.
Afterwards every dossier and every step is there exactly once, in order for each dossier.

`SOAK_PORTAL_OUTAGE` seconds (120; 600 by hand), `SOAK_PORTAL_DOSSIERS` (400).
"""

from __future__ import annotations

import os
import queue
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.house.databases import Database
from tests.house.site import Site
from tests.systems.dossiers.builders import by, staff
from tests.systems.national_portal.portal import Beside
from tinhso.core.agencies.demo import home
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.models import Entry
from tinhso.simulators.national_portal.portal import Manner
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.national_portal import actions, jobs
from tinhso.systems.national_portal.models import Item, Link, State
from tinhso.systems.national_portal.telling import TOLD

from .clients import Crowd, Sender, application, bearer, form, session, token
from .test_kills import alive, until

pytestmark = pytest.mark.soak

OUTAGE = float(os.environ.get("SOAK_PORTAL_OUTAGE", "120"))
DOSSIERS = int(os.environ.get("SOAK_PORTAL_DOSSIERS", "400"))
SENDERS = 2


@pytest.fixture
def portal() -> Iterator[Beside]:
    made = Beside()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def served(province: Database, tmp_path: Path, portal: Beside, settings: Any) -> Iterator[Site]:
    site = Site(province, tmp_path / "data", WEB_WORKERS="2", **portal.environment)
    settings.TINHSO = settings.TINHSO.model_copy(update={k.lower(): v for k, v in portal.environment.items()})
    site.start("web")
    site.start("worker")
    try:
        site.ready(180)
        now = timezone.now()
        actions.begin(now.date(), by=by(Role.ADMINISTRATOR), at=now)
        yield site
    finally:
        site.stop()


class Load:
    """Dossiers that come in all the time, a share of a second apart; every second one is accepted at once."""

    def __init__(self, site: Site, seconds: float) -> None:
        top, self.commune, _sibling = home()
        self.site, self.headers, self.pause = site, bearer(token(top)), SENDERS * seconds / DOSSIERS
        self.receptionist = session(staff(Role.RECEPTIONIST).account)
        self.todo: queue.Queue[int] = queue.Queue()
        for number in range(DOSSIERS):
            self.todo.put(number)
        self.run, self.codes = uuid4().hex, set[str]()

    def sender(self, seed: int) -> None:
        with Sender(self.site.port, seed, self.headers) as sender, Sender(self.site.port, 9, self.receptionist) as desk:
            while True:
                try:
                    number = self.todo.get_nowait()
                except queue.Empty:
                    return
                answer = sender.submit(application(number, self.commune), f"{self.run}-{number}")
                assert answer.status == 201, answer
                self.codes.add(answer.json["code"])
                if number % 2:
                    one = Dossier.objects.get(code=answer.json["code"])
                    took = desk.send("POST", f"/ban-lam-viec/ho-so/{one.pk}/tiep-nhan/", form(then="stay"))
                    assert took.status == 302 or took.tries > 1, took
                time.sleep(self.pause)


def test_an_outage_under_load_loses_nothing_doubles_nothing_and_keeps_the_order(served: Site, portal: Beside) -> None:
    load, started = Load(served, OUTAGE + 12), time.monotonic()
    crowd = Crowd(*(lambda seed=seed: load.sender(seed) for seed in range(SENDERS)))
    until("the portal has heard something", lambda: crowd.check() or len(portal.portal.heard) > 8, 180)
    portal.close()
    away_at, heard_before = time.monotonic(), len(portal.portal.heard)
    until("the page would say so", lambda: Link.objects.filter(away_since__isnull=False).exists(), 120)
    while time.monotonic() - away_at < OUTAGE:
        crowd.check()
        time.sleep(0.2)
    most = Item.objects.filter(state=State.WAITING).count()
    portal.portal.manner = Manner("slow", time.monotonic() + 4, delay=0.4)  # it comes back limping
    portal.open()
    back_at = time.monotonic()
    heard = len(portal.portal.heard)
    until("it is told again", lambda: len(portal.portal.heard) > heard + 4, 180 + OUTAGE)
    again = time.monotonic() - back_at
    served.kill("worker")  # while it sends
    killed_at = timezone.now()
    served.start("worker")
    until("the worker works again", lambda: alive(served, "worker", killed_at), 120)
    crowd.join(180)
    jobs.look()  # what cron does each minute, for those jobs that died with their worker
    until("nothing waits", everything_is_told, 300)
    print(
        f"outage {OUTAGE:.0f} s under {DOSSIERS} dossiers: {heard_before} calls taken before, {most} waiting at its "
        f"end, first taken {again:.0f} s after it, all after {time.monotonic() - back_at:.0f} s; "
        f"{portal.portal.repeated} sent twice and taken once; {time.monotonic() - started:.0f} s in all"
    )
    served.stop()
    every_dossier_and_step_is_there_once_in_order(load, portal)


def everything_is_told() -> bool:
    entries = Entry.objects.filter(event__in=TOLD)
    calls = sum(len(TOLD[event]) for event in entries.values_list("event", flat=True))
    return Item.objects.filter(state=State.SENT).count() == calls


def every_dossier_and_step_is_there_once_in_order(load: Load, portal: Beside) -> None:
    assert portal.portal.refused == []  # a step before its dossier, or an update of none, would stand here
    assert set(portal.portal.dossiers) == load.codes == set(Dossier.objects.values_list("code", flat=True))
    assert len(load.codes) == DOSSIERS
    wanted = defaultdict(list)
    codes = dict(Dossier.objects.values_list("pk", "code"))
    for entry in Entry.objects.filter(event__in=TOLD).order_by("position__position"):
        wanted[codes[entry.subject_id]] += [(str(call), entry.at) for call in TOLD[entry.event]]
    for code, calls in wanted.items():
        heard = portal.heard(code)
        assert [service for service, _record in heard] == [service for service, _at in calls]
        times = [record["ThoiDiemXuLy"] for service, record in heard if "ThoiDiemXuLy" in record]
        told = [f"{timezone.localtime(at):%Y%m%d%H%M%S}" for service, at in calls if service == "CapNhatTienDoHoSoMC"]
        assert times == told
    assert sum(map(len, wanted.values())) == len(portal.portal.heard)
