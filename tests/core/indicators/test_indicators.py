"""Figures follow from the record, say how fresh they are, and equal a recount."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests.core.ui.people import LONG_AGO

from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.models import Kind as AgencyKind
from tinhso.core.indicators import declare, folds, queries
from tinhso.core.indicators.declare import Delta, Indicator, Key, Kind, Recounted
from tinhso.core.indicators.jobs import rebuild_job
from tinhso.core.indicators.models import Cell, Fold
from tinhso.core.indicators.queries import figure
from tinhso.core.ledger import consumers
from tinhso.core.ledger.actions import Actor, Fact, new_id, record_all
from tinhso.core.ledger.consumers import Placed
from tinhso.core.ledger.events import Event
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER

pytestmark = pytest.mark.usefixtures("db")
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12:00 in Việt Nam
MONDAY = date(2026, 11, 23)
BY = Actor.system("test")


@dataclass(frozen=True)
class Came(Event, name="tests.came", version=1):
    procedure: str
    channel: int
    fee: int


@dataclass(frozen=True)
class Went(Event, name="tests.went", version=1):
    procedure: str


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four indicators of this test alone, and no other consumer than theirs."""
    monkeypatch.setattr(declare, "_INDICATORS", {})
    monkeypatch.setattr(consumers, "REGISTRY", {folds.CONSUMER: consumers.REGISTRY[folds.CONSUMER]})
    came = Indicator("tests.came", "", "", Kind.COUNT, dims=("procedure", "channel"))
    came.on("tests.came")(lambda p: Delta(p.data["procedure"], p.data["channel"]))
    fees = Indicator("tests.fees", "", "", Kind.SUM)
    fees.on("tests.came")(lambda p: Delta(amount=p.data["fee"]))
    spread = Indicator("tests.spread", "", "", Kind.HISTOGRAM, buckets=(0, 8_000, 15_000))
    spread.on("tests.came")(lambda p: Delta(amount=p.data["fee"]))
    inside = Indicator("tests.inside", "", "", Kind.STOCK, dims=("procedure",))
    inside.on("tests.came")(lambda p: Delta(p.data["procedure"]))
    inside.on("tests.went")(lambda p: Delta(p.data["procedure"], amount=-1))


def an_agency(parent: Agency | None = None) -> Agency:
    pk = new_id()
    return Agency.objects.create(
        pk=pk, code=f"H15.{pk.hex[-6:].upper()}", name="Xã", short_name="Xã", kind=AgencyKind.COMMUNE, parent=parent,
        path=[*(parent.path if parent else []), pk], valid_from=LONG_AGO,
    )  # fmt: skip


def happened(*events: Event, at: datetime = NOON, agency: UUID | None = None) -> None:
    with transaction.atomic():
        record_all([Fact(e, ("tests.dossier", new_id()), agency) for e in events], by=BY, at=at)


def fold(batch: int = 500) -> None:
    while sequence(LEDGER):
        pass
    one = consumers.REGISTRY[folds.CONSUMER]
    while consumers.advance(consumers.Consumer(one.name, one.handler, one.events, batch)):
        pass


def came(procedure: str = "1.004873", channel: int = 2, fee: int = 15_000) -> Came:
    return Came(procedure, channel, fee)


def today(name: str, **more) -> queries.Figure:
    return figure(name, since=MONDAY, until=MONDAY, **more)


def test_entries_become_figures_cut_by_their_dimensions() -> None:
    happened(came(), came(channel=1), came("2.000635", fee=8_000))
    fold()
    assert today("tests.came").value == 3
    assert {row.of: row.count for row in today("tests.came", by="procedure").rows} == {"1.004873": 2, "2.000635": 1}
    assert today("tests.came", where={"procedure": "1.004873", "channel": 1}).value == 1
    assert today("tests.fees").value == 38_000
    assert today("tests.fees").total.mean == pytest.approx(38_000 / 3)
    assert today("tests.spread").total.hist == (0, 1, 2, 0)


def test_a_day_is_the_provinces_day() -> None:
    happened(came(), at=datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC))
    happened(came(), at=datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    fold()
    rows = figure("tests.came", since=MONDAY, until=MONDAY + timedelta(days=1), by="day").rows
    assert [(row.of, row.count) for row in rows] == [(MONDAY, 1), (MONDAY + timedelta(days=1), 1)]


def test_a_figure_takes_in_the_agencies_below_and_no_sibling() -> None:
    province = an_agency()
    ward, commune = an_agency(province), an_agency(province)
    happened(came(), came(), agency=ward.pk)
    happened(came(), agency=commune.pk)
    happened(came(), agency=province.pk)
    fold()
    assert [today("tests.came", agency=a.pk).value for a in (province, ward, commune)] == [4, 2, 1]
    assert {row.of: row.count for row in today("tests.came", by="agency").rows}[ward.pk] == 2


def test_a_stock_is_known_at_the_end_of_any_day() -> None:
    for day in range(5):
        happened(came(), came(), Went("1.004873"), at=NOON + timedelta(days=day))
    happened(came("2.000635"), at=NOON)
    fold()
    closing = figure("tests.inside", since=MONDAY, until=MONDAY + timedelta(days=4), by="day")
    assert [row.sum for row in closing.rows] == [2, 3, 4, 5, 6]
    assert closing.value == 6
    assert today("tests.inside").value == 2
    assert {row.of: row.sum for row in today("tests.inside", by="procedure").rows} == {"1.004873": 1, "2.000635": 1}


def test_a_figure_says_how_far_the_record_was_read() -> None:
    assert today("tests.came").as_of == queries.AsOf(0, None)
    happened(came(), came())
    fold()
    assert today("tests.came").as_of == queries.AsOf(2, NOON)


def test_a_dimension_that_is_not_declared_is_an_error() -> None:
    with pytest.raises(ValueError, match="by applicant"):
        today("tests.came", by="applicant")
    with pytest.raises(KeyError):
        today("tests.nothing")


def some_history(count: int = 400) -> list[tuple[datetime, UUID, Event]]:
    chance, agencies = random.Random(7), [new_id() for _ in range(3)]
    events = []
    for _ in range(count):
        procedure = chance.choice(["1.004873", "2.000635", "2.000815"])
        event = came(procedure, chance.choice([1, 2, 3]), chance.choice([0, 8_000, 15_000, 200_000]))
        happening = event if chance.random() < 0.6 else Went(procedure)
        events.append((NOON + timedelta(hours=chance.randrange(400)), chance.choice(agencies), happening))
    return events


def recount_from(history: list[tuple[datetime, UUID, Event]]) -> None:
    """Declare for each indicator how to count it without the ledger."""

    def key(at: datetime, agency: UUID, dim1: object = "", dim2: object = "") -> Key:
        return Key((at + timedelta(hours=7)).date(), agency, str(dim1), str(dim2))

    def arrivals() -> Iterator[tuple[datetime, UUID, Came]]:
        return ((at, agency, e) for at, agency, e in history if isinstance(e, Came))

    declare.get("tests.came").recounted(
        lambda: [Recounted(key(at, a, e.procedure, e.channel), 1) for at, a, e in arrivals()]
    )
    for name in ("tests.fees", "tests.spread"):
        declare.get(name).recounted(lambda: [Recounted(key(at, a), 1, e.fee) for at, a, e in arrivals()])
    declare.get("tests.inside").recounted(
        lambda: [Recounted(key(at, a, e.procedure), 0, 1 if isinstance(e, Came) else -1) for at, a, e in history]
    )


def differences() -> list[queries.Difference]:
    return [d for indicator in declare.indicators() for d in queries.differences(indicator.name)]


def cells() -> set[tuple[object, ...]]:
    rows = Cell.objects.values_list("indicator", "day", "agency_id", "dim1", "dim2", "count", "sum", "hist")
    return {(*row[:-1], tuple(row[-1])) for row in rows}


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_folds_equal_a_recount_however_they_are_batched(batch: int) -> None:
    history = some_history(120)
    for at, agency, event in history:
        happened(event, at=at, agency=agency)
    recount_from(history)
    fold(batch)
    assert differences() == []


def test_totals_equal_the_cells_they_add_up_however_figures_are_asked_for() -> None:
    history = some_history(150)
    province = an_agency()
    below = {old: an_agency(province).pk for old in {agency for _at, agency, _event in history}}
    for at, agency, event in history:
        happened(event, at=at, agency=below[agency])
    fold(40)
    for once in range(2):
        for name in ("tests.came", "tests.fees", "tests.spread", "tests.inside"):
            for since, until in (
                (MONDAY, date(2026, 12, 8)),
                (date(2026, 11, 1), date(2026, 12, 31)),
                (MONDAY, MONDAY),
            ):
                for by in ("", "month", "agency", *declare.get(name).dims):
                    if by == "month" and name == "tests.inside":
                        continue
                    days = {"since": since, "until": until}
                    parts = figure(name, agency=province.pk, by=by, **days)
                    assert figure(name, by=by, **days).rows == parts.rows
                    assert figure(name, **days).total == parts.total
        assert by_days("tests.came", date(2026, 11, 1), date(2026, 12, 31)) == today_until("tests.came").value
        for indicator in declare.indicators() if not once else ():
            folds.rebuild(indicator.name)


def by_days(name: str, since: date, until: date) -> int:
    return sum(row.count for row in figure(name, since=since, until=until, by="day").rows)


def today_until(name: str) -> queries.Figure:
    return figure(name, since=date(2026, 11, 1), until=date(2026, 12, 31))


def test_a_percentile_is_read_from_the_buckets() -> None:
    row = queries.Row("", 10, 0, (0, 5, 4, 1))
    assert queries.percentile(row, (0, 8_000, 15_000), 50) == 8_000
    assert queries.percentile(row, (0, 8_000, 15_000), 70) == 11_500
    assert queries.percentile(row, (0, 8_000, 15_000), 99) == 15_000
    assert queries.percentile(queries.Row("", 0, 0), (1,), 50) is None


def test_a_level_is_counted_when_the_day_closes_and_days_missed_are_made_up() -> None:
    level = Indicator("tests.level", "", "", Kind.LEVEL, dims=("procedure",))
    here = an_agency()
    level.measured(lambda at: [(here.pk, "1.004873", "", at.day)])

    def stood(day: date) -> int:
        return figure("tests.level", since=day, until=day, agency=here.pk).value

    folds.close_days(NOON)
    assert stood(MONDAY - timedelta(days=1)) == 23, "counted when that day ended, on the 23rd at midnight"
    folds.close_days(NOON + timedelta(days=3))
    folds.close_days(NOON + timedelta(days=3))
    assert [stood(MONDAY + timedelta(days=n)) for n in range(4)] == [24, 25, 26, 0]
    happened(came())
    fold()
    folds.rebuild("tests.level")
    assert stood(MONDAY) == 24
    with pytest.raises(ValueError, match="only a level"):
        declare.get("tests.came").measured(lambda at: [])


def test_the_latest_places_of_a_figure_lead_down_to_its_cases() -> None:
    one, other = an_agency(), an_agency()
    for n in range(3):
        happened(came(channel=1), came(channel=2), at=NOON + timedelta(days=n), agency=one.pk)
    happened(came("2.000635"), agency=other.pk)
    fold()
    asked = {"since": MONDAY, "until": MONDAY + timedelta(days=5), "agency": None, "where": {"procedure": "1.004873"}}
    days, more = queries.places("tests.came", limit=4, **asked)
    assert (days, more) == ({MONDAY + timedelta(days=n): [one.pk] for n in (2, 1)}, True)
    days, more = queries.places("tests.came", limit=99, **{**asked, "agency": other.pk})
    assert (days, more) == ({}, False)


def test_a_recount_finds_what_is_wrong() -> None:
    history = some_history(20)
    for at, agency, event in history:
        happened(event, at=at, agency=agency)
    recount_from(history)
    fold()
    Cell.objects.filter(pk=Cell.objects.filter(indicator="tests.came").values("pk")[:1]).update(count=99)
    (found,) = differences()
    assert found.folded[0] == 99


def test_rebuilding_gives_the_same_cells() -> None:
    for at, agency, event in some_history(100):
        happened(event, at=at, agency=agency)
    fold()
    before, fresh = cells(), queries.as_of("tests.spread")
    for indicator in declare.indicators():
        folds.rebuild(indicator.name)
    assert cells() == before
    assert queries.as_of("tests.spread").position == fresh.position


def test_rebuilding_while_the_record_grows_loses_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folds, "STEP", 10)
    history = some_history(300)
    recount_from(history)

    def write() -> None:
        for at, agency, event in history:
            happened(event, at=at, agency=agency)
        connection.close()

    def keep_folding(stop: threading.Event) -> None:
        while not stop.is_set():
            fold(13)
        connection.close()

    stop = threading.Event()
    writer, folder = threading.Thread(target=write), threading.Thread(target=keep_folding, args=(stop,))
    writer.start()
    folder.start()
    while writer.is_alive():
        for indicator in declare.indicators():
            folds.rebuild(indicator.name)
    stop.set()
    folder.join()
    fold()
    assert differences() == []


def test_an_indicator_declared_later_is_built_from_the_beginning_by_a_job() -> None:
    happened(came(), came())
    fold()
    late = Indicator("tests.late", "", "", Kind.COUNT)
    late.on("tests.came")(lambda p: Delta())
    happened(came())
    fold()
    assert today("tests.late").value == 0
    run_rebuilds(expected=1)
    assert today("tests.late").value == 3
    happened(came())
    fold()
    assert today("tests.late").value == 4
    run_rebuilds(expected=1)  # no second job was made


def test_a_changed_declaration_is_rebuilt_and_its_old_figures_stand_until_then() -> None:
    happened(came(), came(fee=0))
    fold()
    del declare._INDICATORS["tests.came"]
    changed = Indicator("tests.came", "", "", Kind.COUNT, dims=("procedure", "channel"), version=2)

    @changed.on("tests.came")
    def _(entry: Placed) -> Delta | None:
        return Delta(entry.data["procedure"], entry.data["channel"]) if entry.data["fee"] else None

    happened(came())
    fold()
    assert today("tests.came").value == 2
    run_rebuilds(expected=1)
    assert today("tests.came").value == 2  # of three, one was free
    assert Fold.objects.get(pk="tests.came").version == 2


def run_rebuilds(expected: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'indicator' FROM procrastinate_jobs WHERE task_name = 'indicators.rebuild'")
        names = [row[0] for row in cursor.fetchall()]
    assert len(names) == expected
    for name in names:
        rebuild_job(indicator=name)


def test_a_declaration_that_would_grow_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="two dimensions"):
        Indicator("tests.wide", "", "", Kind.COUNT, dims=("a", "b", "c"))
    with pytest.raises(ValueError, match="buckets"):
        Indicator("tests.flat", "", "", Kind.HISTOGRAM)
    with pytest.raises(ValueError, match="twice"):
        Indicator("tests.came", "", "", Kind.COUNT)


def test_a_batch_is_written_in_one_statement(django_assert_max_num_queries) -> None:
    happened(*[came(channel=n % 3) for n in range(300)])
    while sequence(LEDGER):
        pass
    with django_assert_max_num_queries(21):  # cursor, entries, states, two upserts; not one a cell or an entry
        assert consumers.advance(consumers.REGISTRY[folds.CONSUMER]) == 300
