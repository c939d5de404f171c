"""A unit head sees who has how much and what will be late, and gives work from one to another, in their own agency."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tinhso.core.agencies.demo import home
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.ledger.models import Entry
from tinhso.core.process.models import Task
from tinhso.systems.dossiers import load
from tinhso.systems.dossiers.load import loads

from .builders import a_dossier, staff
from .test_many import desk_of, tasks_of

pytestmark = pytest.mark.usefixtures("province")
PAGE = "/ban-lam-viec/phan-viec/"


def second_officer() -> Staff:
    """Somebody else who appraises in the commune: the clerk becomes an officer too."""
    clerk = staff(Role.CLERK)
    clerk.roles = [*clerk.roles, Role.OFFICER]
    clerk.save(update_fields=["roles"])
    return clerk


def given(hours: list[float]) -> list[a_dossier]:
    """Dossiers the first officer has, their step due in so many hours from now."""
    at = timezone.now() - timedelta(days=3)
    dossiers = [a_dossier(at).submitted().accepted().assigned() for _ in hours]
    for one, left in zip(dossiers, hours, strict=True):
        Task.objects.filter(subject_id=one.pk, closed_at=None).update(due_at=timezone.now() + timedelta(hours=left))
    return dossiers


def test_figures_tell_open_overdue_and_late_within_a_day() -> None:
    given([-5, -1, 3, 23, 50])
    a_dossier(timezone.now()).submitted()  # nobody has taken it
    nobody, first, *_rest = loads(staff(Role.UNIT_HEAD), timezone.now())
    assert (nobody.account, nobody.open) == (None, 1)
    assert first.account == staff(Role.OFFICER).account
    assert (first.open, first.late, first.soon, len(first.rows)) == (5, 2, 2, 5)
    page = desk_of(Role.UNIT_HEAD).get(PAGE).content.decode()
    assert "Sẽ trễ trong 24 giờ nếu chưa làm" in page
    assert page.index(first.rows[0].task.code) < page.index(first.rows[4].task.code)


def test_what_will_be_late_is_warned_of_however_much_is_late_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SHOWN", 2)
    overdue, coming = given([-9, -7, -5, -1]), given([23, 3, 50])
    _nobody, first, *_rest = loads(staff(Role.UNIT_HEAD), timezone.now())
    soon = [coming[1], coming[0]]
    assert [row.task.subject_id for row in first.rows] == [one.pk for one in [*overdue[:2], *soon]]
    assert (first.open, first.more) == (7, 3)
    page = desk_of(Role.UNIT_HEAD).get(PAGE).content.decode()
    for one in soon:
        task = Task.objects.get(subject_id=one.pk, closed_at=None)
        assert f'href="#task-{task.pk}"' in page
        assert f'id="task-{task.pk}"' in page, "where the warning leads, it can be given to somebody"


def test_a_head_gives_what_is_ticked_to_another_and_each_is_in_the_ledger() -> None:
    dossiers, other = given([3, 5]), second_officer()
    head = desk_of(Role.UNIT_HEAD)
    answer = head.post(PAGE, {"task": tasks_of(dossiers), "to": str(other.account_id)}, follow=True)
    assert "Đã giao 2 việc cho" in answer.content.decode()
    assert set(Task.objects.filter(closed_at=None, kind="appraise").values_list("assignee", flat=True)) == {
        other.account_id
    }
    assert Entry.objects.filter(event="process.handed_over").count() == 2
    head.post(PAGE, {"task": tasks_of(dossiers), "to": str(other.account_id)})
    assert Entry.objects.filter(event="process.handed_over").count() == 2, "given twice, told once"


def test_who_may_not_do_the_step_does_not_get_it_and_why_is_told() -> None:
    dossiers = given([3])
    answer = desk_of(Role.UNIT_HEAD).post(
        PAGE, {"task": tasks_of(dossiers), "to": str(staff(Role.CLERK).account_id)}, follow=True
    )
    assert "không giữ vai trò" in answer.content.decode()
    assert Task.objects.get(subject_id=dossiers[0].pk, closed_at=None).assignee == staff(Role.OFFICER).account


def test_a_leader_who_only_signs_is_listed_and_given_nothing() -> None:
    a_dossier(timezone.now() - timedelta(days=3)).submitted().accepted().assigned().proposed()
    everybody = loads(staff(Role.UNIT_HEAD), timezone.now())
    leader = next(one for one in everybody if one.account == staff(Role.LEADER).account)
    assert leader.account is not None
    assert (leader.open, leader.works) == (1, False)
    assert f'value="{leader.account.pk}"' not in desk_of(Role.UNIT_HEAD).get(PAGE).content.decode()


@pytest.mark.parametrize("body", [{}, {"to": "x"}, {"task": "x"}])
def test_without_a_choice_nothing_moves_and_the_page_says_what_to_choose(body: dict[str, Any]) -> None:
    answer = desk_of(Role.UNIT_HEAD).post(PAGE, body, follow=True)
    assert "Chọn" in answer.content.decode()
    assert not Entry.objects.filter(event="process.handed_over").exists()


def test_only_heads_and_leaders_see_it_and_a_siblings_head_moves_nothing() -> None:
    dossiers = given([3])
    assert desk_of(Role.OFFICER).get(PAGE).status_code == 403
    _top, _commune, sibling = home()
    other = Staff.objects.filter(agency=sibling).select_related("account").first()
    assert other is not None
    other.roles = [Role.UNIT_HEAD, Role.OFFICER]
    other.save(update_fields=["roles"])
    client = Client()
    client.force_login(other.account)
    answer = client.post(PAGE, {"task": tasks_of(dossiers), "to": str(other.account_id)}, follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert dossiers[0].row.code not in text
    assert Task.objects.get(subject_id=dossiers[0].pk, closed_at=None).assignee == staff(Role.OFFICER).account
