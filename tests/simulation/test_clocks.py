"""What is due is counted once more by another reckoning, which sees a due time that was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.house.databases import Database
from tests.simulation.test_generated import RARE, published
from tests.simulation.test_year import a_world, lived, often
from tinhso.core.agencies.demo import home
from tinhso.core.process.models import Task
from tinhso.core.worktime.calendar import ZONE, Calendar, Unit, WorkDuration
from tinhso.core.worktime.models import DayOverride, OfficeHours
from tinhso.systems.dossiers.models import Dossier, Supplement
from tinhso.systems.dossiers.simulation.clock import Clock
from tinhso.systems.dossiers.simulation.clocks import check

LIMITS = {"working_hours": 20, "working_days": 6, "calendar_days": 12, "months": 1}


class Usual(Clock):
    """An office with the usual hours, without a database."""

    def __init__(self) -> None:
        self.weeks, self.days, self.known = [], {}, {}


def at(words: str) -> datetime:
    return datetime.strptime(words, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("begun", "amount", "unit", "due"),
    [
        ("13/11/2026 16:00", 8, "working_hours", "16/11/2026 16:00"),  # Friday to Monday
        ("14/11/2026 10:00", 8, "working_hours", "16/11/2026 17:00"),  # Saturday
        ("16/11/2026 11:00", 1, "working_hours", "16/11/2026 14:00"),  # over noon
        ("13/02/2026 16:00", 8, "working_hours", "23/02/2026 16:00"),  # over Tết
        ("12/11/2026 09:00", 3, "working_days", "17/11/2026 17:00"),
        ("16/11/2026 15:30", 0, "working_days", "16/11/2026 17:00"),
        ("16/11/2026 17:30", 0, "working_days", "17/11/2026 17:00"),
        ("12/11/2026 09:00", 10, "calendar_days", "23/11/2026 17:00"),  # the 22nd is a Sunday
        ("31/01/2026 09:00", 1, "months", "02/03/2026 17:00"),  # 28 February is a Saturday
        ("01/12/2025 09:00", 1, "months", "02/01/2026 17:00"),  # New Year's Day is off
    ],
)
def test_cases_counted_by_hand(begun: str, amount: int, unit: str, due: str) -> None:
    assert Usual().due(at(begun), amount, unit) == at(due)


@settings(max_examples=400, deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 6, 30), timezones=st.just(ZONE)),  # noqa: DTZ001  # the zone follows
    st.integers(0, 40),
    st.sampled_from(list(Unit)),
    st.sampled_from([None, time(15)]),
)
def test_two_ways_of_reckoning_agree(begun: datetime, amount: int, unit: Unit, cutoff: time | None) -> None:
    counted = Usual().due(begun, amount, str(unit), cutoff)
    assert counted == Calendar().add(begun, WorkDuration(amount, unit), cutoff)
    assert Usual().between(begun, counted) == Calendar().between(begun, counted)


def faults() -> set[str]:
    """Codes of dossiers whose clocks are wrong."""
    return {sentence.partition(":")[0] for sentence in check()}


def test_a_changed_due_time_of_every_unit_and_step_is_seen(province: Database) -> None:
    for number, (unit, amount) in enumerate(LIMITS.items()):
        published(f"1.01010{number}", "commune", amount=amount, unit=unit)
    hard = often(
        procedures=RARE,
        falling=0.0,
        outcomes={"receive.supplement": 0.2, "appraise.supplement": 0.3, "supplement.never": 0.1},
        supplement={"days": 3},
        more_time=1.0,
    )
    lived(replace(a_world(44), profile=hard))
    completed = Supplement.objects.filter(due_after__isnull=False)
    assert set(completed.values_list("dossier__variant__unit", flat=True)) >= {"working_hours", "calendar_days"}
    assert list(check()) == []
    for unit in LIMITS:
        one = Dossier.objects.filter(variant__unit=unit, due_at__isnull=False)[0]
        one_later(Dossier, one.pk, "due_at", one.code)
    receipt = Task.objects.filter(kind="receive", closed_at__isnull=False)[0]
    one_later(Task, receipt.pk, "due_at", receipt.code)
    for kind in ("appraise", "sign", "return", "supplement"):
        task = Task.objects.filter(kind=kind)[0]
        one_later(Task, task.pk, "due_at", task.code)
    task = Task.objects.filter(kind="sign")[0]
    one_later(Task, task.pk, "subject_due_at", task.code)
    asked = completed.select_related("dossier")[0]
    one_later(Supplement, asked.pk, "due_after", asked.dossier.code)
    assert list(check()) == []


def one_later(model: type[Dossier | Task | Supplement], pk: UUID, column: str, code: str) -> None:
    """Changed by a minute it is seen, and only it."""
    row = model._default_manager.filter(pk=pk)
    (had,) = row.values_list(column, flat=True)
    row.update(**{column: had + timedelta(minutes=1)})
    assert faults() == {code}, (model.__name__, column)
    row.update(**{column: had})


def test_no_receipt_takes_more_than_eight_working_hours(province: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    lived(a_world(4, communes=1))
    assert faults() == set()
    monkeypatch.setattr("tinhso.systems.dossiers.simulation.clocks.RECEIVED_WITHIN", 0)
    assert faults() == set(Dossier.objects.values_list("code", flat=True))
    assert all("receipt" in sentence for sentence in check())


def test_hours_of_the_agency_itself_count(province: Database) -> None:
    committee, commune, other = home()
    mornings, wednesdays = {day: ["08:00-12:00"] for day in ("mon", "tue")}, {"wed": ["09:00-10:00"]}
    OfficeHours.objects.create(agency=committee, valid_from=date(2026, 1, 1), weekly=mornings)
    OfficeHours.objects.create(agency=commune, valid_from=date(2026, 6, 1), weekly=wednesdays)
    closed = date(2026, 11, 18)  # a Wednesday
    DayOverride.objects.create(agency=commune, day=closed, kind=DayOverride.Kind.CLOSED, reason="Diễn tập")
    begun = at("16/11/2026 09:00")  # a Monday
    assert Clock(commune.pk).due(begun, 1, "working_days") == at("25/11/2026 10:00")
    assert Clock(other.pk).due(begun, 4, "working_hours") == at("17/11/2026 09:00"), "inherited from the province"
