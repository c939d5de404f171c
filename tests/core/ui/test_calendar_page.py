from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ledger.actions import new_id
from tinhso.core.worktime import queries
from tinhso.core.worktime.hours import show_spans
from tinhso.core.worktime.models import DayOverride, OfficeHours

AT = datetime(2026, 1, 1, tzinfo=UTC)


def an_agency(parent: Agency | None = None) -> Agency:
    agency = Agency(
        code=f"H15.{Agency.objects.count()}",
        name="UBND xã",
        short_name="Xã",
        kind="commune",
        parent=parent,
        valid_from=AT,
    )
    agency.path = [*(parent.path if parent else []), agency.pk]
    agency.save()
    return agency


def signed_in(agency: Agency, role: str = "administrator") -> Client:
    account = Account(username=f"a-{new_id().hex}", kind="official", display_name="A", created_at=AT)
    account.set_unusable_password()
    account.save()
    Staff.objects.create(account=account, agency=agency, roles=[role], valid_from=AT)
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def province(db: Any) -> Agency:
    queries.forget()
    return an_agency()


@pytest.fixture
def commune(province: Agency) -> Agency:
    return an_agency(province)


def address(agency: Agency, tail: str = "") -> str:
    return f"/quan-tri/lich-lam-viec/{agency.pk}/{tail}"


def test_the_menu_leads_to_the_year_of_one_s_own_agency(commune):
    client = signed_in(commune)
    response = client.get("/quan-tri/lich-lam-viec/", follow=True)
    assert response.redirect_chain == [(address(commune), 302)]
    page = response.content.decode()
    assert page.count("<caption>") == 12
    assert "/quan-tri/lich-lam-viec/" in page


def test_the_year_shows_holidays_with_their_names(commune):
    page = signed_in(commune).get(address(commune), {"year": 2026}).content.decode()
    assert '2<span class="visually-hidden">: Quốc khánh</span>' in page
    assert 'id="day-2026-09-02"' in page


@pytest.mark.parametrize("year", ["1", "3000", "x", "٢٠٢٦"])
def test_a_year_that_nobody_plans_for_is_not_there(commune, year):
    assert signed_in(commune).get(address(commune), {"year": year}).status_code == 404


def test_an_administrator_reaches_down_and_never_up_or_aside(province, commune):
    sibling = an_agency(province)
    above, here = signed_in(province), signed_in(commune)
    assert above.get(address(commune)).status_code == 200
    assert [here.get(address(one)).status_code for one in (province, sibling)] == [404, 404]
    assert here.post(address(province, "ngay"), {}).status_code == 404
    assert signed_in(commune, "leader").get(address(commune)).status_code == 403
    override = DayOverride.objects.create(agency=province, day=date(2026, 5, 5), kind="closed", reason="x")
    assert here.post(f"/quan-tri/lich-lam-viec/ngay/{override.pk}/bo").status_code == 404
    assert DayOverride.objects.exists()


def test_a_day_is_closed_and_opened_again(commune):
    client = signed_in(commune)
    form = {"day-day": "2026-06-10", "day-kind": "closed", "day-reason": "Mất điện"}
    response = client.post(address(commune, "ngay"), form)
    assert response["Location"] == address(commune) + "?year=2026"
    assert "Mất điện" in client.get(address(commune), {"year": 2026}).content.decode()
    override = DayOverride.objects.get()
    queries.forget()
    assert queries.calendar_for(commune.pk).hours(override.day) == ()
    client.post(f"/quan-tri/lich-lam-viec/ngay/{override.pk}/bo")
    assert not DayOverride.objects.exists()


def test_hours_are_set_from_a_day_on_and_withdrawn(commune):
    client = signed_in(commune)
    form = {"hours-valid_from": "2026-07-01", "hours-mon": "08:00 - 11:00, 13:00–16:00", "hours-sat": "08:00-10:00"}
    assert client.post(address(commune, "gio"), form).status_code == 302
    hours = OfficeHours.objects.get()
    assert hours.weekly == {"mon": ["08:00-11:00", "13:00-16:00"], "sat": ["08:00-10:00"]}
    queries.forget()
    calendar = queries.calendar_for(commune.pk)
    assert show_spans(calendar.hours(date(2026, 7, 4))) == ["08:00-10:00"]
    client.post(f"/quan-tri/lich-lam-viec/gio/{hours.pk}/bo")
    assert not OfficeHours.objects.exists()


@pytest.mark.parametrize(
    ("tail", "form", "name"),
    [
        ("gio", {"hours-valid_from": "2026-07-01", "hours-mon": "11:00-08:00"}, "id_hours-mon_error"),
        ("gio", {"hours-valid_from": "2026-07-01"}, "error-summary"),
        ("gio", {"hours-valid_from": "9999-07-01", "hours-mon": "07:00-08:00"}, "id_hours-valid_from_error"),
        ("ngay", {"day-day": "2026-06-10", "day-kind": "open", "day-hours": "25:00-26:00"}, "id_day-hours_error"),
        ("ngay", {"day-day": "2026-06-10", "day-kind": "closed", "day-reason": " "}, "id_day-reason_error"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(commune, tail, form, name):
    response = signed_in(commune).post(address(commune, tail), form)
    page = response.content.decode()
    assert response.status_code == 422
    assert name in page
    assert all(value in page for value in form.values() if value.strip())
    assert not OfficeHours.objects.exists()
    assert not DayOverride.objects.exists()


def test_the_year_takes_the_same_few_queries_whatever_it_holds(commune):
    from django.db import connection

    client = signed_in(commune)
    client.get(address(commune), {"year": 2026})
    counts = []
    for days in (0, 30):
        for number in range(days):
            DayOverride.objects.create(agency=commune, day=date(2026, 3, 1 + number), kind="closed", reason="x")
        queries.forget()
        executed: list[str] = []
        with connection.execute_wrapper(lambda run, sql, *rest, e=executed: (e.append(sql), run(sql, *rest))[1]):
            client.get(address(commune), {"year": 2026})
        counts.append(len(executed))
    assert counts[0] == counts[1] <= 16, counts
