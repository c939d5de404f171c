from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Actor, Refused, new_id
from tinhso.core.ledger.models import Entry, Remark
from tinhso.core.worktime import queries
from tinhso.core.worktime.actions import override_day, set_hours, withdraw_hours, withdraw_override
from tinhso.core.worktime.hours import show_spans
from tinhso.core.worktime.queries import calendar_for

ADMIN = Actor("account", "admin")
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MONDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 28)
EARLY = {day: ["06:30-11:00", "13:00-16:30"] for day in ("mon", "tue", "wed", "thu", "fri")}
SHORT = {"mon": ["08:00-12:00"]}


def an_agency(parent: Agency | None = None) -> Agency:
    count = Agency.objects.count()
    agency = Agency(code=f"H15.{count}", name="A", short_name="A", kind="commune", parent=parent, valid_from=AT)
    agency.path = [*(parent.path if parent else []), agency.pk]
    agency.save()
    return agency


@pytest.fixture
def province(db: Any) -> Agency:
    queries.forget()
    return an_agency()


@pytest.fixture
def commune(province: Agency) -> Agency:
    return an_agency(province)


def hours_on(agency: Agency, day: date) -> list[str]:
    return show_spans(calendar_for(agency.pk).hours(day))


def test_an_agency_without_hours_of_its_own_works_the_usual_ones(commune):
    assert hours_on(commune, MONDAY) == ["07:00-11:30", "13:30-17:00"]
    assert hours_on(commune, SATURDAY) == []
    assert calendar_for(new_id()) == calendar_for(commune.pk)


def test_hours_of_the_province_reach_its_communes_from_their_day_on(province, commune):
    set_hours(province.pk, EARLY, valid_from=MONDAY, by=ADMIN, at=AT)
    assert hours_on(commune, MONDAY) == ["06:30-11:00", "13:00-16:30"]
    assert hours_on(commune, MONDAY - timedelta(days=3)) == ["07:00-11:30", "13:30-17:00"]


def test_a_commune_with_its_own_hours_keeps_them_when_the_province_changes_later(province, commune):
    set_hours(commune.pk, SHORT, valid_from=date(2026, 1, 1), by=ADMIN, at=AT)
    set_hours(province.pk, EARLY, valid_from=date(2026, 6, 1), by=ADMIN, at=AT)
    assert hours_on(commune, MONDAY) == ["08:00-12:00"]
    assert hours_on(province, MONDAY) == ["06:30-11:00", "13:00-16:30"]


def test_withdrawn_hours_give_way_to_those_above(province, commune):
    set_hours(province.pk, EARLY, valid_from=date(2026, 6, 1), by=ADMIN, at=AT)
    own = set_hours(commune.pk, SHORT, valid_from=date(2026, 1, 1), by=ADMIN, at=AT)
    withdraw_hours(own, by=ADMIN, at=AT)
    assert hours_on(commune, MONDAY) == ["06:30-11:00", "13:00-16:30"]


def test_a_worked_saturday_of_the_province_reaches_below_unless_the_commune_differs(province, commune):
    other = an_agency(province)
    override_day(province.pk, SATURDAY, kind="open", reason="Làm bù", by=ADMIN, at=AT)
    override_day(other.pk, SATURDAY, kind="closed", reason="Mất điện", by=ADMIN, at=AT)
    assert hours_on(commune, SATURDAY) == ["07:00-11:30", "13:30-17:00"]
    assert hours_on(other, SATURDAY) == []


def test_an_open_day_may_have_hours_of_its_own_and_can_be_withdrawn(commune):
    override = override_day(
        commune.pk, SATURDAY, kind="open", hours=["08:00-10:00"], reason="Cao điểm", by=ADMIN, at=AT
    )
    assert hours_on(commune, SATURDAY) == ["08:00-10:00"]
    withdraw_override(override, by=ADMIN, at=AT)
    assert hours_on(commune, SATURDAY) == []


def test_a_day_is_overridden_once_the_last_word_counts(commune):
    override_day(commune.pk, MONDAY, kind="closed", reason="Bão", by=ADMIN, at=AT)
    override_day(commune.pk, MONDAY, kind="open", hours=["09:00-11:00"], reason="Bão tan", by=ADMIN, at=AT)
    assert hours_on(commune, MONDAY) == ["09:00-11:00"]


def test_each_change_is_recorded_without_the_words_of_its_reason(commune):
    override_day(commune.pk, MONDAY, kind="closed", reason="Bão số 9", by=ADMIN, at=AT)
    entry = Entry.objects.get(event="worktime.day_overridden")
    assert entry.data == {"day": "2026-11-23", "kind": "closed", "hours": []}
    assert (entry.subject_id, entry.agency_id) == (commune.pk, commune.pk)
    assert Remark.objects.get(entry_id=entry.pk).words == "Bão số 9"


@pytest.mark.parametrize(
    ("kind", "hours", "reason", "field"),
    [("closed", [], " ", "reason"), ("open", ["11:00-09:00"], "x", "hours"), ("shut", [], "x", "hours")],
)
def test_an_override_that_makes_no_sense_is_refused_beside_its_field(commune, kind, hours, reason, field):
    with pytest.raises(Refused) as refusal:
        override_day(commune.pk, MONDAY, kind=kind, hours=hours, reason=reason, by=ADMIN, at=AT)
    assert refusal.value.field == field


def test_a_week_without_work_is_refused(commune):
    with pytest.raises(Refused) as refusal:
        set_hours(commune.pk, {"mon": []}, valid_from=MONDAY, by=ADMIN, at=AT)
    assert refusal.value.field == "weekly"


def test_a_calendar_is_kept_and_another_process_s_change_is_seen_once_the_process_looks(commune):
    from django.db import connection

    kept = calendar_for(commune.pk)
    executed: list[str] = []
    with connection.execute_wrapper(lambda run, sql, *rest: (executed.append(sql), run(sql, *rest))[1]):
        assert calendar_for(commune.pk) is kept
    assert executed == []
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO worktime_version (id, version) VALUES (1, gen_random_uuid())")
        cursor.execute(
            "INSERT INTO worktime_dayoverride (id, agency_id, day, kind, hours, reason)"
            " VALUES (gen_random_uuid(), %s, '2026-11-23', 'closed', '[]', 'x')",
            [commune.pk],
        )
    queries.forget()
    assert hours_on(commune, MONDAY) == []


def test_agencies_with_the_same_hours_share_one_calendar(province, commune):
    assert calendar_for(province.pk) is calendar_for(commune.pk)


def test_the_year_tells_why_each_day_differs(province, commune):
    override_day(province.pk, SATURDAY, kind="open", reason="Làm bù", by=ADMIN, at=AT)
    override_day(commune.pk, MONDAY, kind="closed", reason="Mất điện", by=ADMIN, at=AT)
    days = {day.date: day for day in queries.year(commune, 2026)}
    assert len(days) == 365
    assert (days[MONDAY].reason, days[MONDAY].own, days[MONDAY].hours) == ("Mất điện", True, ())
    assert (days[SATURDAY].reason, days[SATURDAY].own) == ("Làm bù", False)
    assert days[date(2026, 9, 2)].reason == "Quốc khánh"
    assert days[date(2026, 11, 25)].reason == ""
