from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.core.accounts.people import AT, BY, a_citizen, an_agency, an_official

from tinhso.core.agencies import actions, queries
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.ledger.actions import Actor, Refused

OWN = {"own"}
BELOW = {"own", "unit", "deep"}
REACH = {
    Role.RECEPTIONIST: OWN,
    Role.OFFICER: OWN,
    Role.CLERK: OWN,
    Role.UNIT_HEAD: BELOW,
    Role.LEADER: BELOW,
    Role.AUDITOR: BELOW,
    Role.ADMINISTRATOR: BELOW,
}


@pytest.fixture
def province(db) -> dict[str, Agency]:
    parent = an_agency("H15")
    own = an_agency("H15.24133", parent=parent)
    unit = an_agency("H15.24133.01", parent=own)
    return {
        "parent": parent,
        "own": own,
        "unit": unit,
        "deep": an_agency("H15.24133.01.01", parent=unit),
        "sibling": an_agency("H15.22015", parent=parent),
        "elsewhere": an_agency("H16"),
    }


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_its_agency_some_what_is_below_none_a_sibling_or_a_parent(province, role):
    staff = an_official(province["own"], role)
    reached = set(queries.agencies_of(staff).values_list("pk", flat=True))
    assert {name for name, agency in province.items() if agency.pk in reached} == REACH[role]
    for name, agency in province.items():
        assert queries.reaches(staff, agency.pk) == (name in REACH[role])
    posts = queries.scope(Staff.objects.all(), an_official(province["own"], role, username="mot.nguoi.khac"))
    assert set(posts.values_list("agency", flat=True)) <= reached


def test_every_role_says_how_far_it_reaches():
    assert set(queries.REACH) == set(Role)


def test_nobody_reaches_nothing(province):
    nobody = Staff(agency=province["parent"], roles=["emperor"])
    assert not queries.scope(Agency.objects.all(), None, "pk").exists()
    assert not queries.scope(Agency.objects.all(), nobody, "pk").exists()
    assert not queries.agencies_of(None).exists()


def test_several_roles_reach_as_far_as_the_farthest(province):
    staff = an_official(province["own"], "receptionist", "leader")
    assert queries.reaches(staff, province["deep"].pk)
    assert not queries.reaches(staff, province["parent"].pk)


def test_a_post_counts_only_while_it_lasts(province):
    staff = an_official(province["own"], "officer")
    tomorrow = AT + timedelta(days=1)
    assert queries.staff_of(staff.account, AT - timedelta(seconds=1)) == []
    assert queries.staff_of(staff.account, AT) == [staff]
    actions.end_staff(staff, by=BY, at=tomorrow)
    assert queries.staff_of(staff.account, tomorrow - timedelta(seconds=1)) == [staff]
    assert queries.staff_of(staff.account, tomorrow) == []
    with pytest.raises(Refused):
        actions.change_staff(staff, roles=["leader"], by=BY, at=tomorrow)


def test_one_person_may_hold_posts_in_several_agencies_but_one_in_each(province):
    first = an_official(province["own"], "officer")
    second = actions.add_staff(first.account, province["sibling"], roles=["clerk"], by=BY, at=AT)
    assert queries.staff_of(first.account, AT) == [first, second]
    with pytest.raises(Refused) as refused:
        actions.add_staff(first.account, province["own"], roles=["clerk"], by=BY, at=AT)
    assert refused.value.code == "already_staff"


def test_a_citizen_account_holds_no_post(province):
    with pytest.raises(Refused) as refused:
        actions.add_staff(a_citizen(), province["own"], roles=["officer"], by=BY, at=AT)
    assert refused.value.code == "not_official"


def test_nobody_ends_or_weakens_their_own_administration(province):
    staff = an_official(province["own"], "administrator")
    oneself = Actor("account", str(staff.account_id), province["own"].pk)
    with pytest.raises(Refused):
        actions.end_staff(staff, by=oneself, at=AT + timedelta(hours=1))
    with pytest.raises(Refused):
        actions.change_staff(staff, roles=["officer"], by=oneself, at=AT)


@pytest.mark.parametrize("wrong", [{"roles": []}, {"roles": ["emperor"]}, {"capacity": "Q."}])
def test_the_database_knows_the_roles_and_capacities(province, wrong):
    staff = an_official(province["own"], "officer")
    with pytest.raises(IntegrityError), transaction.atomic():
        Staff.objects.filter(pk=staff.pk).update(**wrong)
