"""A dossier goes on when its leader is away and when its agency is merged."""

from __future__ import annotations

from datetime import timedelta

from tests.systems.dossiers.builders import a_dossier, staff
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.queries import find_agency, staff_of
from tinhso.core.agencies.substitution import name_substitute
from tinhso.core.agencies.succession import merge_agency
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.models import Entry
from tinhso.core.letters.signatory import signatory
from tinhso.core.process.models import Task
from tinhso.core.process.queries import inbox, task_for
from tinhso.systems.dossiers import actions, jobs
from tinhso.systems.dossiers.models import Dossier, Result
from tinhso.systems.dossiers.queries import in_reach

BY = Actor.system("tests")


def test_a_substitute_signs_what_waited_for_the_chair_under_their_own_name(province):
    one = a_dossier().submitted().accepted().assigned().proposed()
    at = one.later()
    head = staff("unit_head")
    given = name_substitute(staff("leader"), head, valid_from=at, valid_to=at + timedelta(days=2), by=BY, at=at)
    assert inbox(head) == []
    acting = next(post for post in staff_of(head.account, at) if post.pk == given.pk)
    assert [task.kind for task in inbox(acting)] == ["sign"]
    before = Result.objects.get(dossier=one.row)
    result = actions.take_signature(one.row, signer=acting, by=BY, at=at)
    assert (result.signer, result.draft, result.revision) == (acting, None, before.revision + 1)
    jobs.draft_result(result=str(result.id), revision=result.revision)
    drafted = Result.objects.get(pk=result.pk)
    assert drafted.draft_id not in (None, before.draft_id)
    assert signatory(acting)["lines"] == ["TUQ. Chủ tịch"]
    assert signatory(acting)["title"] == head.title


def test_a_dossier_of_a_merged_agency_goes_on_at_the_successor_and_a_finished_one_is_still_seen(province):
    done = a_dossier().submitted().accepted().assigned().proposed().signed().issued().returned()
    one = a_dossier().submitted().accepted().assigned()
    _root, old, new = agencies.home()
    officer = staff("officer")
    at = max(one.later(), done.later()) + timedelta(hours=1)
    old_code = old.code
    merge_agency(old, new, with_staff=False, by=BY, at=at)
    row = Dossier.objects.get(pk=one.row.pk)
    assert (row.agency, row.receiving_agency) == (new, new)
    task = Task.objects.get(subject_id=row.pk, closed_at=None)
    assert (task.agency, task.assignee) == (new, None)
    other = next(p for p in new.staff.filter(valid_to=None) if "officer" in p.roles)
    assert task_for(row, other, "appraise") == task
    assert Dossier.objects.get(pk=done.row.pk).agency == old
    assert in_reach(other).filter(pk=done.row.pk).exists()
    assert staff_of(officer.account, at) == []
    assert find_agency(old_code, at) == new
    names = Entry.objects.filter(subject_id=row.pk, at=at).order_by("serial").values_list("event", flat=True)
    assert list(names) == ["process.inherited", "dossiers.left_agency", "dossiers.inherited"]
