"""Issue 2, must show 6: web and worker are killed 20 times while 2,000 dossiers are handed in and
500 of them accepted. What was acknowledged is there, with all that follows from it, exactly once."""

from __future__ import annotations

import os
import queue
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from tests.house.databases import Database
from tests.house.site import Site
from tests.systems.dossiers.builders import staff
from tinhso.core.agencies.demo import home
from tinhso.core.agencies.models import Agency, Kind, Role
from tinhso.core.files.models import FileLink
from tinhso.core.indicators import declare
from tinhso.core.indicators.queries import differences
from tinhso.core.ledger import loop, seals
from tinhso.core.ledger.consumers import last_position
from tinhso.core.ledger.models import Entry
from tinhso.core.ledger.queries import backlog, standing_still
from tinhso.core.ledger.verify import verify
from tinhso.core.notify.models import Notice
from tinhso.core.numbering.models import Number
from tinhso.core.process.models import Task
from tinhso.systems.dossiers.models import Dossier, Letter, State

from .clients import Crowd, Sender, application, bearer, form, session, token

pytestmark = pytest.mark.soak

DOSSIERS = int(os.environ.get("SOAK_DOSSIERS", "2000"))
KILLS = int(os.environ.get("SOAK_KILLS", "20"))
ACCEPTED = DOSSIERS // 4
SENDERS = 4


@pytest.fixture
def served(province: Database, tmp_path: Path) -> Iterator[Site]:
    site = Site(province, tmp_path / "data", WEB_WORKERS="2")
    site.start("web")
    site.start("worker")
    try:
        site.ready(180)
        yield site
    finally:
        site.stop()


class Work:
    """2,000 dossiers to hand in at four communes; those at the first commune are to be accepted too."""

    def __init__(self, site: Site) -> None:
        top, first, _sibling = home()
        others = Agency.objects.filter(kind=Kind.COMMUNE, valid_to=None).exclude(pk=first.pk).order_by("code")[:3]
        self.communes = [first, *others]
        self.site, self.headers = site, bearer(token(top))
        self.receptionist = session(staff(Role.RECEPTIONIST).account)
        self.todo: queue.Queue[int | None] = queue.Queue()
        self.to_accept: queue.Queue[str | None] = queue.Queue()
        self.acknowledged: dict[int, str] = {}
        self.accepted: set[str] = set()
        self.again = Counter[str]()
        self.run = uuid4().hex

    def submitter(self, seed: int) -> None:
        with Sender(self.site.port, seed, self.headers) as sender:
            while (number := self.todo.get()) is not None:
                commune = self.communes[number % len(self.communes)]
                answer = sender.submit(application(number, commune), f"{self.run}-{number}")
                assert answer.status == 201, answer
                self.again["submitted"] += answer.tries > 1
                self.again["replayed"] += "idempotency-replayed" in answer.headers
                self.acknowledged[number] = answer.json["code"]
                if commune == self.communes[0]:
                    self.to_accept.put(answer.json["code"])

    def receptionist_at_work(self) -> None:
        with Sender(self.site.port, 99, self.receptionist) as sender:
            while (code := self.to_accept.get()) is not None:
                one = Dossier.objects.get(code=code)
                answer = sender.send("POST", f"/ban-lam-viec/ho-so/{one.pk}/tiep-nhan/", form(then="stay"))
                # After a lost answer the second try is told that it has been done.
                assert answer.status == 302 or (answer.tries > 1 and answer.status in (409, 422)), answer
                self.again["accepted"] += answer.tries > 1
                self.accepted.add(code)


def until(what: str, condition: object, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not: {what}"
        time.sleep(0.1)


def alive(site: Site, part: str, since: object) -> bool:
    """Whether a restarted part works again."""
    if part == "web":
        return site._answers()
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=since).exists()


def test_what_was_acknowledged_is_there_exactly_once_however_often_web_and_worker_are_killed(served: Site) -> None:
    work, share = Work(served), DOSSIERS // KILLS
    senders = Crowd(*(lambda seed=seed: work.submitter(seed) for seed in range(SENDERS)), work.receptionist_at_work)
    started = time.monotonic()
    for kill in range(KILLS):
        for number in range(kill * share, DOSSIERS if kill == KILLS - 1 else (kill + 1) * share):
            work.todo.put(number)
        half = kill * share + share // 2

        def half_way(half: int = half) -> bool:
            senders.check()
            return len(work.acknowledged) >= half

        until("half of the next share is acknowledged", half_way, 180)
        part = ("web", "worker")[kill % 2]
        killed_at = timezone.now()
        served.kill(part)
        served.start(part)
        until(f"{part} works again", lambda part=part, at=killed_at: alive(served, part, at), 120)
    for _sender in range(SENDERS):
        work.todo.put(None)
    until("all are acknowledged", lambda: senders.check() or len(work.acknowledged) == DOSSIERS, 300)
    work.to_accept.put(None)
    senders.join(300)
    print(f"{DOSSIERS} handed in, {len(work.accepted)} accepted in {time.monotonic() - started:.0f} s; {work.again}")
    until("quiet", quiet, 600)
    served.stop()

    nothing_is_lost_or_done_twice(work)
    slips_exist_once(work)
    for name in [one.name for one in declare.indicators()]:
        if name.startswith("dossiers."):
            assert differences(name) == []
    loop.seal_now()
    assert verify(seals.roots_file()) == []


def quiet() -> bool:
    """Nothing is left to do: no job waits or runs, every entry has its place, every consumer has read all."""
    if ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).exists():
        return False
    return last_position() == Entry.objects.count() and not any(backlog().values())


def nothing_is_lost_or_done_twice(work: Work) -> None:
    codes = set(work.acknowledged.values())
    assert len(codes) == DOSSIERS == len(work.acknowledged)
    dossiers = {one.pk: one for one in Dossier.objects.all()}
    assert {one.code for one in dossiers.values()} == codes  # each is there, and none that nobody sent
    assert len(dossiers) == DOSSIERS
    submitted = Entry.objects.filter(event="dossiers.submitted")
    assert Counter(submitted.values_list("subject_id", flat=True)) == Counter(dossiers.keys())
    received = Task.objects.filter(kind="receive")
    assert Counter(received.values_list("subject_id", flat=True)) == Counter(dossiers.keys())
    told = Notice.objects.filter(kind="dossiers.submitted")
    assert Counter(told.values_list("subject_id", flat=True)) == Counter(dossiers.keys())
    assert not standing_still()
    # Every job that was enqueued has been done: none failed, none vanished.
    assert not ProcrastinateJob.objects.filter(~Q(status="succeeded")).exists()


def slips_exist_once(work: Work) -> None:
    accepted = {one.pk for one in Dossier.objects.filter(state=State.ACCEPTED)}
    assert len(accepted) == ACCEPTED == len(work.accepted)
    for event in ("dossiers.accepted", "dossiers.letter_made"):
        assert Counter(Entry.objects.filter(event=event).values_list("subject_id", flat=True)) == Counter(accepted)
    told = Notice.objects.filter(kind="dossiers.accepted")
    assert Counter(told.values_list("subject_id", flat=True)) == Counter(accepted)
    slips = Letter.objects.filter(form=Letter.Form.SLIP)
    assert Counter(slips.values_list("dossier_id", flat=True)) == Counter(accepted)
    assert not slips.filter(file=None).exists()
    assert slips.values("file").distinct().count() == ACCEPTED
    # A letter that a killed job had stored twice was let go again: each dossier has one file.
    assert FileLink.objects.filter(owner_id__in=accepted).count() == ACCEPTED
    jobs = ProcrastinateJob.objects.filter(task_name="dossiers.make_letter")
    assert {job.args["letter"] for job in jobs} == {str(pk) for pk in slips.values_list("pk", flat=True)}
    books: dict[object, list[int]] = {}
    for book, value in Number.objects.filter(book__kind="form-01").values_list("book", "value"):
        books.setdefault(book, []).append(value)
    for values in books.values():
        assert sorted(values) == list(range(1, len(values) + 1))
    assert sum(map(len, books.values())) == ACCEPTED
