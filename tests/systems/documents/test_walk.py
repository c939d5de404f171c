"""A dispatch goes from a draft in the province to communes that register, direct, answer and close it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pypdfium2
import pytest

from tests.systems.dossiers.builders import ZONE, clock
from tinhso.core.agencies.demo import home
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.models import Entry
from tinhso.core.process.queries import inbox
from tinhso.core.signing import documents as waiting
from tinhso.core.signing import work
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.keys import personal_key
from tinhso.core.signing.report import Verdict
from tinhso.core.signing.validation import validate
from tinhso.systems.documents import actions, jobs, queries
from tinhso.systems.documents.actions.assigning import To
from tinhso.systems.documents.models import Direction, Document, State
from tinhso.systems.documents.sheet import Sheet

pytestmark = pytest.mark.usefixtures("province")

MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)
BODY = "Ủy ban nhân dân tỉnh đề nghị các xã, phường rà soát.\n1. Báo cáo trước ngày 30.\n2. Cử người phụ trách."


def post(username: str) -> Staff:
    return Staff.objects.select_related("account", "agency").get(account__username=username)


def actor(one: Staff) -> Actor:
    return Actor("account", str(one.account_id), one.agency_id)


def written(drafter: Staff, to: list[Agency], at: datetime = MONDAY, **given: Any) -> Document:
    sheet = Sheet(body=BODY, bases=())
    made = actions.draft(
        type_="CV", abstract="rà soát hồ sơ trễ hạn", sheet=sheet, to=to, urgency=1, staff=drafter, by=actor(drafter),
        at=at, **given,
    )  # fmt: skip
    jobs.make_draft(document=str(made.pk), revision=made.revision)
    return Document.objects.get(pk=made.pk)


def issued(one: Document, drafter: Staff, head: Staff, signer: Staff, clerk: Staff, at: datetime = MONDAY) -> Document:
    actions.submit(one, signer=signer, staff=drafter, by=actor(drafter), at=at)
    jobs.make_draft(document=str(one.pk), revision=one.revision)
    if drafter.pk != head.pk:
        actions.pass_on(one, by=actor(head), at=at)
    row = Document.objects.get(pk=one.pk)
    with clock(at):
        document = waiting.find(f"documents.official:{row.pk}:{row.draft_id}", signer)
        key = personal_key(signer.account_id, DEMO_PASSPHRASE)
        work.sign(document, key, staff=signer, by=actor(signer), at=at)
        actions.number(row, day=at.date(), by=actor(clerk), at=at)
        jobs.seal_document(document=str(row.pk))
    return Document.objects.get(pk=one.pk)


def words_of(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def state(sent: Document) -> str:
    return str(sent.recipients.get().state)


def officer_as_head(one: Staff) -> Staff:
    """A small commune where the officer who drafts also checks."""
    Staff.objects.filter(pk=one.pk).update(roles=[Role.OFFICER, Role.UNIT_HEAD])
    one.refresh_from_db()
    return one


def test_from_the_province_to_a_commune_and_back() -> None:
    province, _commune, sibling = home()
    drafter, head, chair, clerk = (post(f"{who}.tinh") for who in ("vanphong", "chanhvp", "lanhdao", "vanthu"))
    sent = issued(written(drafter, [sibling]), drafter, head, chair, clerk)
    assert (sent.state, sent.printed) == (State.ISSUED, "1/UBND-VP")
    assert sent.issued is not None
    pdf = read_bytes(sent.issued)
    text = words_of(pdf)
    assert "V/v rà soát hồ sơ trễ hạn" in text
    assert f"Kính gửi: {sibling.name}" in text
    report = validate(pdf, at=MONDAY + timedelta(hours=1))
    assert report.verdict is Verdict.VALID, report

    there_clerk, there_chair, officer = post("vanthu2"), post("chutich2"), post("tuphap2")
    (held,) = Document.objects.filter(agency=sibling)
    assert (held.direction, held.state, held.printed) == (Direction.INCOMING, State.ARRIVED, "1/UBND-VP")
    assert held.issued is not None
    assert read_bytes(held.issued) == pdf
    assert state(sent) == "01"

    (task,) = inbox(there_clerk, subjects=queries.SUBJECTS)
    assert task.kind == "register_document"
    assert held.number is None
    actions.register(held, by=actor(there_clerk), at=MONDAY + timedelta(hours=1))
    assert state(sent) == "03"
    due = MONDAY + timedelta(days=4)
    actions.direct(
        held, lead=To(sibling, officer.account), support=[To(sibling, there_clerk.account)], words="Tham mưu trả lời.",
        due_at=due, given_by=there_chair.account, by=actor(there_chair), at=MONDAY + timedelta(hours=2),
    )  # fmt: skip
    assert state(sent) == "05"
    assert [t.kind for t in inbox(officer, subjects=queries.SUBJECTS)] == ["deal_with_document"]

    held.refresh_from_db()
    answer = written(officer, [province], MONDAY + timedelta(days=1), reply_to=held)
    assert answer.agency == sibling
    at = MONDAY + timedelta(days=1)
    issued(answer, officer, officer_as_head(officer), there_chair, there_clerk, at)
    held.refresh_from_db()
    assert (held.state, state(sent)) == (State.DONE, "06")
    assert inbox(officer, subjects=queries.SUBJECTS) == inbox(there_clerk, subjects=queries.SUBJECTS) == []
    told = [e.data["state"] for e in Entry.objects.filter(event="documents.recipient_state", subject_id=sent.pk)]
    assert told == ["03", "05", "06"]
    assert Document.objects.get(agency=province, direction=Direction.INCOMING).printed == "1/UBND-VP"
