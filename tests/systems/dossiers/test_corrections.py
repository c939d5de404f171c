"""A mistake of the office in a returned result: asked for, corrected, both kept, and everybody told which one holds."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.systems.dossiers.builders import a_dossier, by, citizen, newest, staff
from tests.systems.dossiers.test_roads import events, refusal
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role
from tinhso.core.agencies.succession import merge_agency
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.consumers import REGISTRY
from tinhso.core.notify.models import Notice
from tinhso.core.process.queries import open_tasks
from tinhso.simulation.check import settle
from tinhso.systems.dossiers import actions, consumers, notices, verification
from tinhso.systems.dossiers.models import Result, State
from tinhso.systems.dossiers.registers.register import Book, entries

pytestmark = pytest.mark.usefixtures("province")

WRONG = "Ngày sinh ghi 03/08/1990, đúng là 08/03/1990."


def done() -> a_dossier:
    return a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned()


def asked(one: a_dossier, *, by_applicant: bool = True) -> a_dossier:
    who = Actor("account", str(citizen().pk)) if by_applicant else by(Role.OFFICER)
    actions.ask_correction(one.row, reason=WRONG, by_applicant=by_applicant, by=who, at=one.later())
    return one


def at(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username))
    return client


def text(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def test_a_citizen_has_a_mistake_corrected_and_every_reader_learns_which_result_holds() -> None:
    one = done()
    before, old = one.row, one.result_pdf
    mine, page = at("hoa"), reverse("dossiers:one", args=[one.pk])
    answer = mine.post(reverse("dossiers:ask_correction_of_mine", args=[one.pk]), {"wrong": "Sai"})
    assert answer.status_code == 422
    assert "đúng phải là gì" in answer.content.decode()
    assert mine.post(reverse("dossiers:ask_correction_of_mine", args=[one.pk]), {"wrong": WRONG}).status_code == 302
    assert [task.kind for task in open_tasks(one.row)] == ["correct"]

    head = at("truongphong")
    shown = head.get(reverse("dossiers:work", args=[one.pk])).content.decode()
    assert WRONG in shown
    assert "Yêu cầu bổ sung" not in shown
    assert head.post(reverse("dossiers:grant_correction", args=[one.pk])).status_code == 302
    (again,) = open_tasks(one.row)
    assert (again.kind, again.assignee_id) == ("appraise", staff(Role.OFFICER).account_id)

    one.proposed().signed()
    draft = newest(one.row).signed
    assert draft is not None
    assert mine.get(reverse("ui:file", args=[draft.pk])).status_code == 404, "not the applicant's before it is returned"
    assert verification.of_pdf(old, at=one.at).genuine, "the old one holds until there is another"
    one.issued()
    verdict = verification.of_pdf(old, at=one.at)
    assert (verdict.genuine, verdict.replaced, verdict.successor) == (False, one.at, None)
    one.returned()

    first, second = Result.objects.filter(dossier=one.pk).order_by("version")
    assert (first.code, second.code) == (f"{before.code}-KQ", f"{before.code}-KQ2")
    assert read_bytes(first.issued) == old  # type: ignore[arg-type]
    new = one.result_pdf
    assert f"Thay thế văn bản số {first.notation}" in text(new)
    assert verification.of_pdf(new, at=one.at).genuine
    public = render_to_string("dossiers/verdict.html", {"verdict": verification.of_result(first, at=one.at)})
    assert "Đã thay thế" in public
    assert "Văn bản thật" not in public
    assert reverse("dossiers:verify", args=[second.token]) in public
    row = one.row
    same = ("state", "due_at", "finished_at", "returned_at")
    assert [getattr(row, name) for name in same] == [getattr(before, name) for name in same], "the past stays as it was"
    assert (row.state, row.correct_by, open_tasks(row)) == (State.RETURNED, None, [])
    said = mine.get(page).content.decode()
    assert "Kết quả trước, đã thay thế" in said
    for kept in (first.issued_id, second.issued_id):
        assert reverse("ui:file", args=[kept]) in said
        answer = mine.get(reverse("ui:file", args=[kept]))
        assert answer.status_code == 200
        answer.close()

    assert "dossiers.notices" in REGISTRY, consumers.__name__
    settle(timezone.now())
    assert notices.LAW
    told = set(Notice.objects.filter(subject_id=one.pk, kind__contains="correction").values_list("kind", flat=True))
    assert told == {f"dossiers.correction_{what}" for what in ("asked", "issued", "returned")}
    day = timezone.localdate(row.submitted_at)
    (line,) = entries(Book(row.agency, day, day), staff(Role.LEADER), at=one.at)
    assert line.remark.startswith("đính chính kết quả")


def test_the_head_finds_no_mistake_and_the_applicant_reads_why() -> None:
    one = asked(done())
    why = "Giấy khai sinh của anh/chị ghi đúng như vậy."
    actions.decline_correction(one.row, reason=why, by=by(Role.UNIT_HEAD), at=one.later())
    assert (one.row.correct_by, one.row.state, open_tasks(one.row)) == (None, State.RETURNED, [])
    assert verification.of_pdf(one.result_pdf, at=one.at).genuine
    assert why in at("hoa").get(reverse("dossiers:one", args=[one.pk])).content.decode()
    asked(one)  # with better grounds


def test_an_officer_corrects_their_own_mistake_at_once_and_may_find_there_was_none() -> None:
    one = asked(done(), by_applicant=False).proposed()
    actions.send_back(one.row, reason="Giữ nguyên, không sai.", by=by(Role.LEADER), at=one.later())
    actions.decline_correction(one.row, reason="Xem lại thì không sai gì.", by=by(Role.OFFICER), at=one.later())
    assert [result.version for result in Result.objects.filter(dossier=one.pk)] == [1]
    asked(one, by_applicant=False).proposed().signed().issued().returned()
    asked(one, by_applicant=False).proposed().signed().issued().returned()
    codes = Result.objects.filter(dossier=one.pk, replaced_at__isnull=False).order_by("version")
    assert [result.code.rpartition("-")[2] for result in codes] == ["KQ", "KQ2"]
    assert newest(one.row).code.endswith("-KQ3")
    assert events(one).count("returned") == 1


def test_what_cannot_be_corrected_says_why() -> None:
    early = a_dossier().submitted().accepted()
    ask: dict[str, Any] = {"reason": WRONG, "by_applicant": True, "by": by(Role.OFFICER)}
    assert refusal(lambda: actions.ask_correction(early.row, **ask, at=early.at)) == "not_returned"
    one = asked(done())
    assert refusal(lambda: actions.ask_correction(one.row, **ask, at=one.at)) == "correcting"
    leader = {"reason": "Cấp nhầm tên người yêu cầu.", "by": by(Role.LEADER)}
    assert refusal(lambda: actions.cancel_result(one.row, **leader, at=one.at)) == "correcting"
    _province, home, sibling = agencies.home()
    merge = lambda: merge_agency(home, sibling, with_staff=True, by=by(Role.LEADER), at=one.at)  # noqa: E731
    assert refusal(merge) == "result_in_correction"
    actions.decline_correction(one.row, reason=WRONG, by=by(Role.UNIT_HEAD), at=one.later())
    actions.cancel_result(one.row, **leader, at=one.later())
    assert refusal(lambda: actions.ask_correction(one.row, **ask, at=one.at)) == "already_cancelled"


def test_who_may_ask_and_who_decides() -> None:
    one = done()
    ask, grant = (reverse(f"dossiers:{name}", args=[one.pk]) for name in ("ask_correction", "grant_correction"))
    assert at("vanthu").post(ask, {"reason": WRONG}).status_code == 403
    assert at("motcua2").post(ask, {"reason": WRONG}).status_code == 404
    assert (
        at("minh").post(reverse("dossiers:ask_correction_of_mine", args=[one.pk]), {"wrong": WRONG}).status_code == 404
    )
    assert at("motcua").post(ask, {"reason": WRONG}).status_code == 302
    assert [task.kind for task in open_tasks(one.row)] == ["correct"], "a counter asks for the applicant"
    assert at("tuphap").post(grant).status_code in (403, 409), "not who may have made it"
