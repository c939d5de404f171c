from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.core.accounts.people import AT, BY, an_agency, an_official

from tinhso.core.agencies import actions, queries
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

LATER = AT + timedelta(days=1)


def test_the_path_leads_from_the_root_to_the_agency(db):
    province = an_agency("H15")
    office = an_agency("H15.01", parent=province)
    centre = an_agency("H15.01.01", parent=office)
    assert centre.path == [province.pk, office.pk, centre.pk]
    assert set(Agency.objects.below(province)) == {province, office, centre}


def test_an_agency_is_found_by_its_new_and_by_its_old_code(db):
    agency = an_agency("H47.02.01")
    assert agency.old_code == "000.01.02.H47"
    assert queries.find_agency("h47.02.01", AT) == agency
    assert queries.find_agency("000.01.02.H47", AT) == agency
    with pytest.raises(Agency.DoesNotExist):
        queries.find_agency("không phải mã", AT)


def test_two_open_agencies_never_share_a_code(db):
    first = an_agency("H15.01")
    with pytest.raises(Refused) as refused:
        an_agency("H15.01")
    assert (refused.value.code, refused.value.field) == ("agency_code_taken", "code")
    actions.close_agency(first, by=BY, at=LATER)
    assert an_agency("H15.01", at=LATER).pk != first.pk


def test_a_branch_moves_with_everything_below_it(db):
    old, new = an_agency("H15"), an_agency("H16")
    district = an_agency("H15.50", parent=old)
    commune = an_agency("H15.50.05", parent=district)
    actions.move_agency(district, new, by=BY, at=AT)
    commune.refresh_from_db()
    assert commune.path == [new.pk, district.pk, commune.pk]
    actions.move_agency(district, None, by=BY, at=AT)
    commune.refresh_from_db()
    assert commune.path == [district.pk, commune.pk]


def test_no_agency_hangs_under_itself(db):
    top = an_agency("H15")
    below = an_agency("H15.01", parent=top)
    with pytest.raises(Refused) as refused:
        actions.move_agency(top, below, by=BY, at=AT)
    assert refused.value.code == "agency_circle"


def test_closing_ends_the_posts_and_waits_for_what_is_below(db):
    top = an_agency("H15")
    below = an_agency("H15.01", parent=top)
    post = an_official(below, "officer")
    with pytest.raises(Refused) as refused:
        actions.close_agency(top, by=BY, at=LATER)
    assert refused.value.code == "agency_has_children"
    actions.close_agency(below, by=BY, at=LATER)
    assert Staff.objects.get(pk=post.pk).valid_to == LATER
    assert queries.staff_of(post.account, LATER) == []
    closed, ended = Entry.objects.filter(event__in=["agency.closed", "staff.ended"]).order_by("serial")
    assert closed.cause == ended.cause == closed.id
    with pytest.raises(Refused) as again:
        an_agency("H15.01.01", parent=below, at=LATER)
    assert again.value.code == "agency_closed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": []},
        {"code": "h15"},
        {"old_code": "H47.02.01"},
        {"kind": "kingdom"},
        {"valid_to": AT - timedelta(days=1)},
    ],
)
def test_the_database_refuses_what_no_action_would_write(db, wrong):
    agency = an_agency("H15")
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency.objects.filter(pk=agency.pk).update(**wrong)
