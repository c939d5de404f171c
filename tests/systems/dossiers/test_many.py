"""Many dossiers at once: each by itself, each with its outcome, nothing half done, two officials at once safe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.models import Entry
from tinhso.core.process.models import Task
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.worktime import queries as worktime
from tinhso.systems.dossiers import actions, many
from tinhso.systems.dossiers.models import Dossier, Result, State

from .builders import a_dossier, by, staff

pytestmark = pytest.mark.usefixtures("province")
DESK, MANY = "/ban-lam-viec/", "/ban-lam-viec/nhieu/"


def desk_of(role: str) -> Client:
    client = Client()
    client.force_login(staff(role).account)
    return client


def some(count: int) -> list[a_dossier]:
    at = timezone.now() - timedelta(hours=8)
    return [a_dossier(at).submitted() for _n in range(count)]


def tasks_of(dossiers: Sequence[a_dossier]) -> list[str]:
    return [str(Task.objects.get(subject_id=one.pk, closed_at=None).pk) for one in dossiers]


def says(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


def test_several_are_accepted_at_one_press_and_one_that_was_taken_is_told_and_passed_over() -> None:
    dossiers = some(4)
    tasks = tasks_of(dossiers)
    actions.accept(dossiers[1].row, by=by(Role.RECEPTIONIST), at=timezone.now())  # somebody was first
    answer = desk_of(Role.RECEPTIONIST).post(MANY, {"verb": "accept", "task": tasks})
    text = says(answer)
    assert "Đã xong: 3. Chưa xong: 1." in text
    assert "đã làm “" in text
    assert text.rstrip().endswith("</html>")
    assert {one.row.state for one in dossiers} == {State.ACCEPTED}
    assert Entry.objects.filter(event="dossiers.accepted").count() == 4
    again = says(desk_of(Role.RECEPTIONIST).post(MANY, {"verb": "accept", "task": tasks}))
    assert "Đã xong: 0. Chưa xong: 4." in again, "sent twice, done once"


def test_a_break_leaves_the_rest_as_it_was() -> None:
    dossiers = some(3)
    press = many.Press(staff(Role.RECEPTIONIST), by(Role.RECEPTIONIST), timezone.now())
    outcomes = many.do_all(many.VERBS["accept"], [Task.objects.get(pk=one).pk for one in tasks_of(dossiers)], press)
    assert next(outcomes).refusal is None
    outcomes.close()  # type: ignore[attr-defined]  # the page broke off
    assert sorted(one.row.state for one in dossiers) == [State.NEW, State.NEW, State.ACCEPTED]


def test_they_are_handed_out_proposed_and_signed_by_the_three_whose_work_it_is() -> None:
    from tinhso.systems.dossiers import jobs

    dossiers = [one.accepted() for one in some(3)]
    head, officer, leader = desk_of(Role.UNIT_HEAD), desk_of(Role.OFFICER), desk_of(Role.LEADER)
    asked = head.post(MANY, {"verb": "give", "task": tasks_of(dossiers)})
    assert "Người xử lý" in says(asked), "who gets them is asked once for all"
    to = str(staff(Role.OFFICER).account_id)
    assert "Đã xong: 3." in says(head.post(MANY, {"verb": "give", "task": tasks_of(dossiers), "to": to}))
    assert {one.row.state for one in dossiers} == {State.IN_PROCESS}
    signer = str(staff(Role.LEADER).pk)
    proposed = officer.post(MANY, {"verb": "propose", "task": tasks_of(dossiers), "signer": signer})
    assert "Đã xong: 3." in says(proposed)
    for result in Result.objects.all():
        jobs.draft_result(result=str(result.pk), revision=result.revision)
    there = leader.post(MANY, {"verb": "sign", "task": tasks_of(dossiers)[:2]})
    assert there.status_code == 302
    page = leader.get(there["Location"]).content.decode()
    assert (page.count('name="document"'), page.count(" checked")) == (3, 2)
    keys = [f"dossiers.result:{one.pk}:{one.draft_id}" for one in Result.objects.all()]
    signed = leader.post("/ban-lam-viec/ky/", {"document": keys, "way": "file", "passphrase": DEMO_PASSPHRASE})
    assert "Đã ký: 3. Chưa ký: 0." in says(signed)


def test_a_result_that_still_asks_something_is_left_to_the_officer() -> None:
    one = some(1)[0].accepted().assigned()
    Dossier.objects.filter(pk=one.pk).update(answers={})
    signer = str(staff(Role.LEADER).pk)
    answer = desk_of(Role.OFFICER).post(MANY, {"verb": "propose", "task": tasks_of([one]), "signer": signer})
    text = says(answer)
    assert "Chưa xong: 1." in text
    assert "chỉ anh/chị mới ghi được" in text
    assert not Result.objects.exists()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"verb": "accept"}, "Chọn ít nhất một hồ sơ"),
        ({"verb": "fly", "task": ["00000000-0000-0000-0000-000000000001"]}, "Chọn việc cần làm"),
        ({"verb": "sign", "task": ["00000000-0000-0000-0000-000000000001"]}, "chờ chữ ký của chính anh/chị"),
    ],
)
def test_what_cannot_be_begun_says_so_above_the_queue(body: dict[str, Any], words: str) -> None:
    answer = desk_of(Role.LEADER).post(MANY, body)
    assert answer.status_code in (409, 422)
    assert words in answer.content.decode()


def test_more_than_fifty_are_refused_and_stay_ticked() -> None:
    dossiers = some(2)
    strangers = [f"00000000-0000-0000-0000-{n:012}" for n in range(49)]
    answer = desk_of(Role.RECEPTIONIST).post(MANY, {"verb": "accept", "task": [*tasks_of(dossiers), *strangers]})
    text = answer.content.decode()
    assert "Mỗi lần nhiều nhất 50" in text
    assert text.count(" checked>") == 2
    assert {one.row.state for one in dossiers} == {State.NEW}


def test_another_agencys_dossiers_are_not_touched_nor_told() -> None:
    dossiers = some(1)
    from tinhso.core.agencies.demo import home
    from tinhso.core.agencies.models import Staff

    _top, _commune, sibling = home()
    stranger = (
        Staff.objects.filter(agency=sibling, roles__contains=[Role.RECEPTIONIST]).select_related("account").first()
    )
    assert stranger is not None
    client = Client()
    client.force_login(stranger.account)
    text = says(client.post(MANY, {"verb": "accept", "task": tasks_of(dossiers)}))
    assert "Chưa xong: 1." in text
    assert dossiers[0].row.code not in text
    assert dossiers[0].row.state == State.NEW


def test_the_queue_asks_six_questions_at_most_however_many_can_be_ticked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worktime, "CHECKED_EVERY", 3600)  # what a process asks once in some seconds is no part of it
    some(5)
    desk = desk_of(Role.RECEPTIONIST)
    page = desk.get(DESK).content.decode()
    assert page.count('name="task"') == 5
    assert 'value="accept"' in page
    with CaptureQueriesContext(connection) as queries:
        desk.get(DESK)
    assert len([query for query in queries.captured_queries if "SELECT" in query["sql"]]) <= 6
