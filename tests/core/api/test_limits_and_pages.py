from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.core.agencies.models import Agency
from tinhso.core.api import limits
from tinhso.core.api.limits import TooMany, limit
from tinhso.core.api.models import RateCount
from tinhso.core.api.pagination import page, write
from tinhso.core.ledger.actions import Refused

AT = datetime(2026, 11, 22, 2, 0, 10, tzinfo=UTC)


def test_beyond_the_limit_one_is_told_how_long_to_wait(db):
    for _ in range(3):
        limit("look-up", "1.2.3.4", per_minute=3, at=AT)
    with pytest.raises(TooMany) as refusal:
        limit("look-up", "1.2.3.4", per_minute=3, at=AT)
    assert (refusal.value.status, refusal.value.retry_after) == (429, 50)
    limit("look-up", "1.2.3.5", per_minute=3, at=AT)
    limit("sign-in", "1.2.3.4", per_minute=3, at=AT)
    limit("look-up", "1.2.3.4", per_minute=3, at=AT + timedelta(seconds=50))


def test_counts_keep_no_address_and_are_swept_and_cost_no_log(db):
    limit("look-up", "1.2.3.4", per_minute=3, at=AT)
    assert b"1.2.3.4" not in bytes(RateCount.objects.get().bucket)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'api_ratecount'")
        assert cursor.fetchone() == ("u",)
    assert limits.sweep(before=AT) == 0
    assert limits.sweep(before=AT + timedelta(minutes=1)) == 1


@pytest.fixture
def agencies(db: Any) -> list[Agency]:
    made = []
    for number in range(9):
        agency = Agency(code=f"H{number}", name=f"{number % 3}", short_name="x", kind="unit", valid_from=AT)
        agency.path = [agency.pk]
        agency.save()
        made.append(agency)
    return made


@pytest.mark.parametrize("order", [("code",), ("-code",), ("name", "code"), ("-name", "code"), ("valid_from", "-id")])
@pytest.mark.parametrize("size", [1, 4, 9, 50])
def test_pages_together_are_the_list(agencies, order, size):
    seen: list[str] = []
    after = ""
    while True:
        found = page(Agency.objects.all(), order, after=after, limit=size)
        assert len(found.items) <= size
        seen += [one.code for one in found.items]
        if not (after := found.after):
            break
    assert seen == list(Agency.objects.order_by(*order).values_list("code", flat=True))


def test_rows_that_come_between_are_neither_lost_nor_doubled(agencies):
    first = page(Agency.objects.all(), ("code",), limit=4)
    Agency.objects.filter(code="H0").delete()
    second = page(Agency.objects.all(), ("code",), after=first.after, limit=4)
    assert [one.code for one in second.items] == ["H4", "H5", "H6", "H7"]


def test_a_cursor_of_another_order_is_refused(agencies):
    cursor = write(agencies[0], ("code",))
    with pytest.raises(Refused) as refusal:
        page(Agency.objects.all(), ("-code",), after=cursor)
    assert refusal.value.code == "cursor_invalid"


@settings(deadline=None)
@given(st.text())
def test_a_forged_cursor_is_refused(forged):
    if forged:
        with pytest.raises(Refused) as refusal:
            page(Agency.objects.all(), ("code",), after=forged)
        assert refusal.value.status == 400
