from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.accounts.people import AT, BY, an_agency, an_official

from tinhso.core.agencies import actions, queries
from tinhso.core.agencies.models import Staff
from tinhso.core.agencies.substitution import end_substitution, name_substitute, substitutes_at
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

DAY = timedelta(days=1)


@pytest.fixture
def house(db):
    province = an_agency()
    commune = an_agency("H15.24133", parent=province)
    below = an_agency("H15.24133.01", parent=commune)
    return {
        "commune": commune,
        "chair": an_official(commune, "leader", "administrator", username="chutich", capacity="TM"),
        "deputy": an_official(commune, "leader", username="pho", title="Phó Chủ tịch", capacity="KT"),
        "head": an_official(below, "unit_head", username="truongphong", title="Trưởng phòng"),
        "outside": an_official(province, "leader", username="tinh"),
    }


def named(house, who: str = "head", **more) -> Staff:
    given = {"valid_from": AT + DAY, "valid_to": AT + 3 * DAY, "by": BY, "at": AT} | more
    return name_substitute(house["chair"], house[who], **given)


def posts(house, at) -> list[tuple[str, str]]:
    return [(post.agency.code, post.capacity) for post in queries.staff_of(house["head"].account, at)]


def test_a_substitute_has_the_work_and_the_signing_for_those_days_and_it_ends_by_itself(house):
    post = named(house)
    own = ("H15.24133.01", "")
    assert posts(house, AT) == [own]
    assert posts(house, AT + DAY) == [own, ("H15.24133", "TUQ")]
    assert posts(house, AT + 3 * DAY) == [own]
    assert post.roles == ["leader"]  # never the administrator's
    assert post.title == "Trưởng phòng"
    during = queries.staff_of(house["head"].account, AT + DAY)[1]
    assert set(during.does_work_of) == {house["head"].account_id, house["chair"].account_id}
    assert queries.reaches(during, house["commune"].pk)
    entry = Entry.objects.get(event="staff.substitute_named")
    assert entry.data["stands_in_for"] == str(house["chair"].pk)


@pytest.mark.parametrize(
    ("who", "more", "field"),
    [
        ("chair", {}, "substitute"),
        ("outside", {}, "substitute"),
        ("head", {"valid_to": AT + DAY}, "until"),
        ("head", {"valid_from": AT - 9 * DAY, "valid_to": AT - DAY}, "until"),
        ("head", {"roles": ["clerk"]}, "roles"),
        ("head", {"roles": ["administrator"]}, "roles"),
        ("head", {"capacity": "TM"}, "capacity"),
    ],
)
def test_what_may_not_be_given_is_refused_beside_its_field(house, who, more, field):
    with pytest.raises(Refused) as refused:
        named(house, who, **more)
    assert refused.value.field == field


def test_one_substitute_at_a_time_and_none_of_a_substitute(house):
    post = named(house)
    with pytest.raises(Refused, match="thay"):
        named(house, "deputy", valid_from=AT + 2 * DAY, valid_to=AT + 9 * DAY)
    assert named(house, "deputy", valid_from=AT + 3 * DAY, valid_to=AT + 9 * DAY)
    with pytest.raises(Refused):
        name_substitute(post, house["deputy"], valid_from=AT + DAY, valid_to=AT + 2 * DAY, by=BY, at=AT)


def test_it_ends_early_when_asked_and_leaves_no_trace_when_it_had_not_begun(house):
    post = named(house)
    end_substitution(post, by=BY, at=AT + 2 * DAY)
    assert len(posts(house, AT + 2 * DAY)) == 1
    assert len(posts(house, AT + DAY)) == 2
    later = named(house, valid_from=AT + 5 * DAY, valid_to=AT + 6 * DAY)
    end_substitution(later, by=BY, at=AT + 3 * DAY)
    assert not Staff.objects.filter(pk=later.pk).exists()
    assert substitutes_at([house["chair"]], AT + 3 * DAY) == []
    assert Entry.objects.filter(event="staff.substitution_ended").count() == 2


@pytest.mark.parametrize("what", ["leaves", "loses rights", "substitute leaves"])
def test_nobody_stands_in_for_rights_that_are_gone(house, what):
    named(house)
    at = AT + 2 * DAY
    if what == "leaves":
        actions.end_staff(house["chair"], by=BY, at=at)
    elif what == "loses rights":
        actions.change_staff(house["chair"], roles=["administrator"], by=BY, at=at)
    else:
        actions.end_staff(house["head"], by=BY, at=at)
    assert not Staff.objects.open_at(at).filter(stands_in_for__isnull=False).exists()
