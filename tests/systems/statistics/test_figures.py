"""Figures follow from the record, equal what the rows say, and open down to as many dossiers as they tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from tests.simulation.test_year import UNTIL, a_world, lived
from tests.systems.dossiers.builders import ZONE, a_dossier, by, staff
from tests.systems.dossiers.test_roads import asked, completed
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Agency, Role
from tinhso.core.indicators import folds
from tinhso.core.indicators.declare import Kind as IndicatorKind
from tinhso.core.indicators.declare import indicators
from tinhso.core.indicators.queries import differences
from tinhso.core.ledger.actions import Actor
from tinhso.simulation.check import settle
from tinhso.systems.dossiers import actions
from tinhso.systems.dossiers.models import Dossier, State
from tinhso.systems.statistics import queries
from tinhso.systems.statistics.cases import LISTS, Wanted, cases
from tinhso.systems.statistics.indicators import What
from tinhso.systems.statistics.pages.figures import HEADLINES, PROGRESS, QUALITY
from tinhso.systems.statistics.periods import Kind, Period, period, reporting
from tinhso.systems.statistics.queries import Cut, Line, scope, table, whole

OCTOBER = datetime(2026, 10, 12, 9, tzinfo=ZONE)  # a Monday
THEN = datetime(2027, 1, 20, 12, tzinfo=ZONE)  # after all of it
EVE = datetime(2026, 12, 31, 18, tzinfo=ZONE)  # all of it has happened, and the quarter still runs
FOURTH = Period(Kind.QUARTER, date(2026, 10, 1), date(2026, 12, 31))
WHY = "Nộp nhầm nơi, phường bên giải quyết."
ALL = period(Kind.YEAR, date(2026, 1, 1))


def every_road() -> None:
    """One dossier for each thing that can happen to it."""
    corrected = a_dossier().submitted().accepted().assigned().proposed().signed().issued().returned()
    found = by(Role.OFFICER)
    actions.ask_correction(
        corrected.row, reason="Ngày sinh ghi nhầm.", by_applicant=False, by=found, at=corrected.later(30)
    )
    corrected.proposed().signed().issued()
    late = a_dossier().submitted().accepted().assigned()
    late.later(24 * 10)
    late.proposed().signed().issued()
    paused = a_dossier().submitted().accepted().assigned()
    asked(paused, until=date(2026, 12, 20))
    completed(paused, 72)
    paused.proposed().signed().issued()
    a_dossier().submitted().refused()
    refused = a_dossier().submitted().accepted().assigned()
    actions.refuse(refused.row, reason="Không thuộc thẩm quyền.", by=by(Role.OFFICER), at=refused.later())
    withdrawn = a_dossier().submitted()
    citizen = Actor("account", str(withdrawn.row.account_id))
    actions.withdraw(withdrawn.row, reason="", by=citizen, at=withdrawn.later())
    stopped = a_dossier().submitted().accepted().assigned()
    asked(stopped, until=date(2026, 12, 20))
    actions.stop(stopped.row, reason="Quá hạn bổ sung.", by=by(Role.OFFICER), at=stopped.later(24 * 30))
    again = a_dossier().submitted().accepted().assigned()
    asked(again, until=date(2026, 12, 20))
    completed(again, 24)
    actions.allow_supplement(again.row, reason="Giấy tờ nộp bị hỏng.", by=by(Role.LEADER), at=again.later())
    asked(again, until=date(2026, 12, 20))
    moved = a_dossier().submitted()
    _province, _home, sibling = agencies.home()
    actions.transfer(moved.row, to=sibling, reason=WHY, by=by(Role.RECEPTIONIST), at=moved.later(30))
    a_dossier().submitted().accepted()  # open, and late by now
    settle(THEN)


def test_a_full_recount_equals_every_indicator_whatever_happened_to_dossiers(province: object) -> None:
    lived(a_world(6))
    every_road()
    counted = [one for one in indicators() if one.kind is not IndicatorKind.LEVEL]
    assert all(one.recount() is not None for one in counted)
    assert [f"{one.name} {d}" for one in counted for d in differences(one.name)] == []
    name = "statistics.course"
    folds.rebuild(name)
    assert differences(name) == []


def commune() -> Agency:
    return agencies.home()[1]


def of_rows(where: Agency) -> Line:
    """What the rows say of October to December, by other means."""
    rows = Dossier.objects.filter(agency__path__contains=[where.pk])
    line = Line("", "")
    done = rows.filter(state__in=[State.PROCESSED, State.RETURNED])
    line.counts.update({
        What.RECEIVED: rows.count(),
        What.LATE: done.filter(finished_at__gt=F("due_at")).count(),
        "decided": done.count(),
        What.WITHDRAWN: rows.filter(state=State.WITHDRAWN).count(),
        "ended": rows.filter(state__in=[State.REFUSED, State.STOPPED]).count(),
    })  # fmt: skip
    line.end = rows.filter(finished_at=None).count()
    line.overdue = rows.filter(finished_at=None, due_at__lt=EVE).exclude(state=State.SUPPLEMENT).count()
    return line


def test_figures_say_what_the_rows_say_and_open_to_as_many_dossiers(province: object) -> None:
    every_road()
    above, home, sibling = agencies.home()
    for where in (home, sibling, above):
        line, rows = whole(scope(where), FOURTH, at=EVE), of_rows(where)
        moved = 1 if where == home else -1 if where == sibling else 0  # received here, decided there
        assert line[What.RECEIVED] == rows[What.RECEIVED] + moved
        assert (line[What.LATE], line.decided) == (rows[What.LATE], rows["decided"])
        assert line[What.WITHDRAWN] == rows[What.WITHDRAWN]
        assert line.counts[What.REFUSED] + line.counts[What.STOPPED] == rows["ended"]
        assert (line.end, line.overdue, line.start) == (rows.end, rows.overdue, 0)
    line = whole(scope(above), FOURTH, at=EVE)
    assert (line[What.SUPPLEMENT], line[What.BREACH], line[What.AUTHENTICATED]) == (4, 1, 10)
    assert (line["electronic"], line[What.EARLY], line.decided) == (3, 2, 3)
    assert line.overdue
    assert line.hours(50) is not None
    assert (line.hours() or 0) < (line.hours(90) or 0)

    told = {"decided": line.decided, "kept": line.kept_promise, "start": 0, "end": line.end, "overdue": line.overdue}
    for what in LISTS:
        wanted = Wanted(what, scope(above), FOURTH)
        found = [one.pk for one, _at in everything(wanted)]
        expected = told[what] if what in told else line.counts[what]
        moved = 1 if what in (What.RECEIVED, "online", What.AUTHENTICATED) else 0  # is listed where it went
        repeated = 1 if what == What.SUPPLEMENT else 0
        assert len(found) == expected - moved, what
        assert len(set(found)) == len(found) - repeated, what

    by_part = {one.label: one for one in table(Cut.AGENCY, scope(above), FOURTH, at=EVE).lines}
    assert by_part[home.short_name].end == whole(scope(home), FOURTH, at=EVE).end
    (one,) = table(Cut.PROCEDURE, scope(above), FOURTH, at=EVE).lines
    (same,) = table(Cut.FIELD, scope(above), FOURTH, at=EVE).lines
    assert one.counts == same.counts == line.counts
    assert (one.start, one.end, one.overdue, one.time.hist) == (line.start, line.end, line.overdue, line.time.hist)
    assert whole(scope(above, [one.key]), FOURTH, at=EVE).counts == line.counts
    assert sum(each.counts[What.RECEIVED] for each in table(Cut.CHANNEL, scope(above), FOURTH, at=EVE).lines) == 10
    months = table(Cut.TIME, scope(above), FOURTH, at=EVE).lines
    assert [each.key for each in months] == ["2026-11-01", "2026-12-01"]
    days = table(Cut.TIME, scope(above), period(Kind.MONTH, date(2026, 11, 1)), at=EVE).lines
    assert sum(each.decided or 0 for each in days) == months[0].decided


def everything(wanted: Wanted) -> Iterator[tuple[Dossier, datetime]]:
    after = ""
    while True:
        found = cases(wanted, after=after, at=EVE)
        yield from found.items
        if not (after := found.after):
            return


def test_long_lists_come_in_pages_without_gaps_or_doubles(province: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinhso.systems.statistics import cases as module

    world = lived(a_world(20))
    settle(THEN)
    monkeypatch.setattr(module, "PAGE", 4)
    root = scope(agencies.home()[0])
    for cells in (1, 3, 90):
        monkeypatch.setattr(module, "CELLS", cells)
        monkeypatch.setattr(module, "ROUNDS", 200)
        for what in (What.RECEIVED, "decided", "end"):
            found = list(everything(Wanted(what, root, ALL)))
            times = [at for _one, at in found]
            assert times == sorted(times, reverse=True)
            assert len({one.pk for one, _at in found}) == len(found)
            line = whole(root, ALL, at=THEN)
            assert len(found) == {What.RECEIVED: world.count, "decided": line.decided, "end": line.end}[what]


def test_what_is_late_is_counted_when_the_day_closes_and_once(province: object) -> None:
    one = a_dossier(OCTOBER).submitted().accepted()
    due = one.row.due_at
    assert due is not None
    settle(UNTIL)
    day = timezone.localtime(due).date()
    of = scope(commune())

    def late(until: date, at: datetime) -> int | None:
        return whole(of, Period(Kind.DAY, until, until), at=at).overdue

    folds.close_days(due.replace(hour=1) + timedelta(days=1))
    assert late(day, UNTIL) == 1
    assert late(day - timedelta(days=1), UNTIL) is None, "nobody counted then"
    Dossier.objects.filter(pk=one.pk).update(state=State.STOPPED, finished_at=due + timedelta(days=2))
    folds.close_days(due.replace(hour=1) + timedelta(days=1))
    assert late(day, UNTIL) == 1, "closed once"
    folds.close_days(due.replace(hour=1) + timedelta(days=4))
    assert [late(day + timedelta(days=n), UNTIL) for n in (1, 2, 3)] == [1, 0, 0]
    assert late(UNTIL.date(), UNTIL) == 0


def signed_in(username: str) -> Client:
    client = Client(headers={"accept-language": "vi"})
    client.force_login(Account.objects.get(username=username))
    return client


def test_pages_show_the_reach_of_who_looks_and_an_officer_their_own_figures(province: object) -> None:
    every_road()
    above, home, sibling = agencies.home()
    where = f"/thong-ke/?kind=quarter&day=2026-10-12&agency={home.pk}"
    head, officer = signed_in("chutich"), signed_in("tuphap")
    for cut in Cut:
        for view in ("", "&view=quality"):
            assert head.get(f"{where}&cut={cut}{view}").status_code == 200
    page = head.get(where).content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/thong-ke/ho-so/[^"]+)"', page)]
    assert len(links) > len(HEADLINES) // 2
    for link in links:
        assert head.get(link).status_code == 200, link
    names = {role: staff(role).account.display_name for role in (Role.OFFICER,)}
    assert names[Role.OFFICER] in head.get(f"{where}&cut=officer").content.decode()
    assert names[Role.OFFICER] in officer.get(f"{where}&cut=officer").content.decode()
    counter = signed_in("motcua").get(f"{where}&cut=officer").content.decode()
    assert names[Role.OFFICER] not in counter
    me = staff(Role.OFFICER).account_id
    listed = f"/thong-ke/ho-so/?kind=quarter&day=2026-10-12&what=decided&officer={me}"
    assert head.get(listed).content.decode().count("data-row") == 3
    assert signed_in("motcua").get(listed).status_code == 404
    for other in (above, sibling):
        assert head.get(f"/thong-ke/?agency={other.pk}").status_code == 404
        assert head.get(f"/thong-ke/ho-so/?agency={other.pk}&what=received").status_code == 404
    assert head.get("/thong-ke/ho-so/?what=nothing").status_code == 404
    assert head.get("/thong-ke/?day=1899-01-01&kind=🙂&cut=x&agency=").status_code == 200
    assert signed_in("hoa").get("/thong-ke/").status_code in (302, 403)


@pytest.mark.parametrize(
    ("kind", "day", "since", "until"),
    [
        (Kind.WEEK, "2027-01-01", "2026-12-28", "2027-01-03"),
        (Kind.MONTH, "2028-02-11", "2028-02-01", "2028-02-29"),
        (Kind.QUARTER, "2026-11-22", "2026-10-01", "2026-12-31"),
        (Kind.HALF, "2026-11-22", "2026-07-01", "2026-12-31"),
        (Kind.YEAR, "2026-11-22", "2026-01-01", "2026-12-31"),
    ],
)
def test_periods_are_those_of_the_calendar(kind: Kind, day: str, since: str, until: str) -> None:
    found = period(kind, date.fromisoformat(day))
    assert (f"{found.since}", f"{found.until}") == (since, until)
    assert found.before.after == found
    assert found.before.until + timedelta(days=1) == found.since


def test_a_running_period_is_compared_with_as_many_days_and_a_report_runs_from_the_15th_to_the_14th() -> None:
    november = period(Kind.MONTH, date(2026, 11, 22))
    before = november.compared(date(2026, 11, 22))
    assert (before.since, before.until) == (date(2026, 10, 1), date(2026, 10, 22))
    march = period(Kind.MONTH, date(2026, 3, 31))
    assert march.compared(date(2026, 3, 31)).until == date(2026, 2, 28)
    quarter = reporting(period(Kind.QUARTER, date(2026, 1, 1)), 15)
    assert (quarter.since, quarter.until) == (date(2025, 12, 15), date(2026, 3, 14))
    assert reporting(november, 1) == november


def test_columns_read_only_what_a_line_has() -> None:
    unknown = Line("", "", kept=frozenset({What.RECEIVED, "online"}))
    assert all(column.value(unknown) is None for column in PROGRESS if column.opens in ("decided", "kept", What.LATE))
    assert all(column.value(Line("", "")) in (None, 0) for column in (*PROGRESS, *QUALITY))
    assert queries.HEADS
