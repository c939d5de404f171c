"""One person's years with the state, through the real pages where there are pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.systems.dossiers.builders import a_dossier, answers, by, staff
from tinhso.core.accounts.actions import create_account, register_person
from tinhso.core.accounts.demo import PASSWORD
from tinhso.core.accounts.models import Account, Person
from tinhso.core.agencies.models import Role
from tinhso.core.files.models import FileLink
from tinhso.core.files.queries import read_bytes
from tinhso.core.forms.models import Draft
from tinhso.core.jobs import worker
from tinhso.core.ledger import loop
from tinhso.core.ledger.actions import Actor
from tinhso.systems.dossiers import actions
from tinhso.systems.dossiers.models import Dossier

from . import canary

BY = Actor.system("tests")
APPLY = "/nop-ho-so/1.004873/default/"


@dataclass
class Walk:
    """Who walked, what was opened, and the bytes that were kept."""

    account: Account
    person: Person
    dossiers: list[Dossier] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)  # sha256 → bytes
    shown: str = ""  # the page "what the state holds about me"
    exported: dict[str, Any] = field(default_factory=dict)

    def remember_files(self) -> None:
        for link in FileLink.objects.filter(personal=True).select_related("file"):
            self.stored[link.file_id] = read_bytes(link)


def pages() -> Iterator[tuple[str, dict[str, Any]]]:
    """What the person types on each page of the form."""
    yield "relation", {"relation": "self"}
    yield (
        "requester",
        {
            "requester.full_name": canary.NAME,
            "requester.national_id": canary.NATIONAL_ID,
            "requester.phone": canary.PHONE,
            "requester.email": canary.EMAIL,
            "requester.address.province": "66",
            "requester.address.commune": "24133",
            "requester.address.detail": canary.ADDRESS,
        },
    )
    own = {"birth_date": "08/03/1990", "sex": "female", "ethnicity": "Gia Rai", "nationality": "Việt Nam"}
    yield "own", {f"own.{key}": value for key, value in own.items()}
    yield "status", {"status": "never", "former_residences": canary.RESIDENCE}
    yield "purpose", {"purpose": "other", "earlier_paper": "none"}
    yield "purpose_details", {"purpose_other": canary.PURPOSE}
    yield "papers", {"evidence": SimpleUploadedFile(canary.PAPER, a_pdf(canary.PAPER_TEXT), "application/pdf")}
    yield "delivery", {"copies": "1", "receive": "online", "exemption": "none"}
    yield "declaration", {"declaration": "yes"}


def a_pdf(text: str) -> bytes:
    return b"%PDF-1.7\n" + text.encode() + b"\n%%EOF\n"


def walk() -> Walk:
    """All of it; the ledger's consumers have run and the jobs are done at the end."""
    one = _arrives()
    browser = _signs_in(one.account)
    _changes_profile(browser)
    one.dossiers.append(_applies(browser, one.account))
    _goes_all_the_way(one.dossiers[0])
    one.dossiers += [_is_refused(one.account), _withdraws(browser, one.account), _again(one.account).accepted().row]
    _begins_again(browser)
    _reads_everything(browser, one)
    one.remember_files()
    return one


def settle() -> None:
    """As after the worker has caught up: entries placed and read, jobs done, all sealed."""
    autodiscover_modules("consumers")
    while loop.round_once():
        pass
    run_jobs()
    while loop.round_once():
        pass
    loop.seal_now()


def run_jobs() -> None:
    """Run a worker in this process until nothing is left to do."""
    stop = threading.Event()
    waiting = ProcrastinateJob.objects.filter(status__in=("todo", "doing"), attempts=0)

    def watch() -> None:
        for _ in range(1200):
            if not waiting.exists():
                break
            stop.wait(0.05)
        connection.close()
        stop.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    worker.run_worker(stop, concurrency=2)
    watcher.join()
    failed = ProcrastinateJob.objects.exclude(status__in=("succeeded",)).exclude(attempts=0, status="todo")
    assert not failed.exists(), list(failed.values_list("task_name", "status"))


def _arrives() -> Walk:
    now = timezone.now()
    person = register_person(
        canary.NATIONAL_ID, full_name=canary.NAME, birth_date=date(1990, 3, 8), sex="female", phone=canary.PHONE,
        email=canary.EMAIL, province_code="66", commune_code="24133", address=canary.ADDRESS, by=BY, at=now,
    )  # fmt: skip
    account = create_account(
        canary.USERNAME, kind="citizen", display_name=canary.NAME, person=person, phone=canary.PHONE,
        email=canary.EMAIL, password=PASSWORD, by=BY, at=now,
    )  # fmt: skip
    return Walk(account, person)


def _signs_in(account: Account) -> Client:
    browser = Client()
    for login, password in ((canary.PHONE, canary.MISTYPED), (canary.NAME, canary.MISTYPED)):
        assert browser.post("/dang-nhap/", {"login": login, "password": password}).status_code == 200
    assert browser.post("/dang-nhap/", {"login": canary.EMAIL, "password": PASSWORD}).status_code == 302
    Client().post("/dang-nhap/", {"login": account.username, "password": PASSWORD})  # a second, forgotten session
    return browser


def _changes_profile(browser: Client) -> None:
    given = {"phone": canary.NEW_PHONE, "email": canary.NEW_EMAIL, "address": canary.NEW_ADDRESS}
    answer = browser.post("/toi/ho-so/", {**given, "province_code": "66", "commune_code": "24133"})
    assert answer.status_code == 302, answer.content.decode()


def _fills_in(browser: Client, until: str = "") -> Draft:
    answer = browser.post(APPLY, {"consent": "on"})
    draft = Draft.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])
    for page, typed in pages():
        answer = browser.post(f"/nop-ho-so/ban-nhap/{draft.pk}/{page}/", typed)
        assert answer.status_code == 302, (page, answer.context["form"].errors)
        if page == until:
            break
    return draft


def _applies(browser: Client, account: Account) -> Dossier:
    draft = _fills_in(browser)
    answer = browser.post(f"/nop-ho-so/ban-nhap/{draft.pk}/kiem-tra/")
    assert answer.status_code == 302, answer.content.decode()
    return Dossier.objects.get(account=account)


def _goes_all_the_way(dossier: Dossier) -> None:
    on_its_way = a_dossier(at=timezone.now())
    on_its_way.pk = dossier.pk
    on_its_way.accepted().with_letters().assigned()
    settle()
    on_its_way.proposed(opinion=canary.OPINION)
    actions.send_back(on_its_way.row, reason=canary.SENT_BACK, by=by(Role.LEADER), at=on_its_way.later())
    on_its_way.proposed().signed().issued().returned()
    settle()


def _again(account: Account) -> a_dossier:
    who = answers()["requester"] | {"full_name": canary.NAME, "national_id": canary.NATIONAL_ID}
    return a_dossier(at=timezone.now()).submitted(account, requester=who, former_residences=canary.RESIDENCE)


def _is_refused(account: Account) -> Dossier:
    return _again(account).refused(canary.REFUSED).with_letters().row


def _withdraws(browser: Client, account: Account) -> Dossier:
    one = _again(account).row
    assert browser.post(f"/ho-so/{one.pk}/rut/", {"reason": canary.WITHDRAWN}).status_code == 302
    return one


def _begins_again(browser: Client) -> None:
    """A draft that is never submitted, with a file in it."""
    draft = _fills_in(browser, until="purpose_details")
    paper = SimpleUploadedFile(canary.DRAFT_PAPER, a_pdf("Bác sĩ ghi: Nghiêu Diệp"), "application/pdf")
    assert browser.post(f"/nop-ho-so/ban-nhap/{draft.pk}/papers/", {"evidence": paper}).status_code == 302


def _reads_everything(browser: Client, one: Walk) -> None:
    """An official finds and opens the dossier and its paper; then the person opens their own pages."""
    dossier = one.dossiers[0]
    desk = Client()
    official = staff(Role.RECEPTIONIST).account
    assert desk.post("/dang-nhap/", {"login": official.username, "password": PASSWORD}).status_code == 302
    assert desk.get(f"/ban-lam-viec/ho-so/{dossier.pk}/").status_code == 200
    assert desk.get("/ban-lam-viec/", {"q": canary.NAME}).status_code == 200
    paper = FileLink.objects.get(owner_id=dossier.pk, name=canary.PAPER)
    assert b"".join(desk.get(f"/tep/{paper.pk}")) == a_pdf(canary.PAPER_TEXT)
    for address in ("/", "/toi/ho-so/", "/ho-so/", f"/ho-so/{dossier.pk}/"):
        assert browser.get(address).status_code == 200, address
    for link in FileLink.objects.filter(owner_id=dossier.pk):
        assert b"".join(browser.get(f"/tep/{link.pk}")) != b""
    one.shown = browser.get("/toi/du-lieu/").content.decode()
    one.exported = browser.get("/toi/du-lieu/tai-ve").json()["holdings"]
    settle()
